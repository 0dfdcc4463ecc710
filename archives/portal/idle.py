"""拟注销告知: what the bureau means to do with a file that shows no sign of work, and the producer's word."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from archives.models import IdleFinding
from archives.portal.acting import Acting, portal_page
from archives.portal.forms import sent, take
from archives.services import idle


class AnswerForm(forms.Form):
    """That it operates, and what."""

    text = forms.CharField(
        label=gettext_lazy("现在在生产什么"),
        max_length=idle.ANSWER_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("如：种了3亩豇豆，没有手机，所以没有记"),
    )


@portal_page
def notice(request: HttpRequest, acting: Acting) -> HttpResponse:
    """Why, until when, and one question; what was said may be said anew until an officer has decided."""
    told = IdleFinding.objects.told().filter(producer=acting.producer)
    row = get_object_or_404(told)
    form = AnswerForm(sent(request), initial={"text": row.answer})
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        if take(form, lambda: idle.answer(finding=row, text=text, actor=request.user)):
            messages.success(request, _("已告诉监管人员，会有人上门核实。"))
            return redirect("my:file-idle")
    return render(request, "portal/file/idle.html", {"acting": acting, "row": row, "form": form})
