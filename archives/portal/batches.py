"""A running batch in the farmer's hands: ending it, and saying which operating procedure it follows."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agricredit.foundation.common.clock import today
from archives.models import Procedure, ProductionBatch
from archives.portal import timeline, wording
from archives.portal.acting import Acting, portal_page
from archives.portal.forms import done, sent
from archives.services.records import end_batch, set_procedure

RIGHT = "archives.change_productionbatch"


class EndForm(forms.Form):
    """On which day it ended."""

    on = forms.DateField(
        label=gettext_lazy("哪天结束的"), initial=today,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip


class ProcedureForm(forms.Form):
    """One of the procedures on file that cover the batch, or none."""

    procedure = forms.ModelChoiceField(
        label=gettext_lazy("操作规程"), queryset=Procedure.objects.none(), required=False,
        blank=True, empty_label=gettext_lazy("没有按规程"), widget=forms.RadioSelect,
    )  # fmt: skip

    def __init__(self, data: object, batch: ProductionBatch) -> None:
        super().__init__(data, initial={"procedure": batch.procedure_id})  # type: ignore[arg-type]  # a QueryDict or None
        rows = Procedure.objects.filter(producer=batch.producer_id).order_by("-in_force_on", "-pk")
        ids = [row.pk for row in rows if row.covers(batch.product_id, batch.occurred_on)]
        field = self.fields["procedure"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - declared so above
        field.queryset = rows.filter(pk__in=ids)


@portal_page
@permission_required(RIGHT, raise_exception=True)
def end(request: HttpRequest, acting: Acting, uid: UUID) -> HttpResponse:
    """No record can be added to a batch after its last day."""
    batch = _found(request, acting, uid)
    form = EndForm(sent(request))
    if done(request, form, end_batch, row=batch):
        messages.success(request, _("批次已结束。"))
        return redirect("my:record", noun="batch", uid=uid)
    words = {"title": _("结束这个批次"), "text": _("结束后，用药、采收等不能再记到这个批次里。")}
    return _shown(request, acting, batch, form, {**words, "button": _("结束")})


@portal_page
@permission_required(RIGHT, raise_exception=True)
def procedure(request: HttpRequest, acting: Acting, uid: UUID) -> HttpResponse:
    """Which procedure the batch follows, said or corrected."""
    batch = _found(request, acting, uid)
    form = ProcedureForm(sent(request), batch)
    if done(request, form, set_procedure, row=batch):
        messages.success(request, _("已保存。"))
        return redirect("my:record", noun="batch", uid=uid)
    text = _("按规程生产的批次，采收后计为按标生产；改了以后，已采收的也会重新核对。")
    words = {"title": _("这个批次按哪份规程生产？"), "text": text, "button": _("保存")}
    return _shown(request, acting, batch, form, words)


def _shown(
    request: HttpRequest, acting: Acting, batch: ProductionBatch, form: forms.Form, words: dict[str, str]
) -> HttpResponse:
    context = {"acting": acting, "row": batch, "form": form, "line": wording.line(batch), **words}
    return render(request, "portal/records/batch.html", context)


def _found(request: HttpRequest, acting: Acting, uid: UUID) -> ProductionBatch:
    row = timeline.find(acting.producer, request.user, "batch", uid)
    if not isinstance(row, ProductionBatch):
        raise Http404
    return row
