"""Photographs of a record: adding one (a plain form, or the phone's queue), and looking at one."""

from __future__ import annotations

import uuid
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from agricredit.foundation.common.files.uploads import MEGABYTE
from archives.models import RecordPhoto
from archives.portal import timeline, wording
from archives.portal.acting import Acting, actable, portal_page
from archives.portal.forms import sent, take
from archives.services.photos import add_photo
from archives.services.records import NOUNS

TYPES = {".png": "image/png"}


class PhotoForm(forms.Form):
    """One photograph; the camera of a phone opens by itself."""

    photo = forms.FileField(
        label=gettext_lazy("照片"),
        help_text=gettext_lazy("标签、收据或田块的照片，JPG 或 PNG，最多 5 MB"),
        widget=forms.ClearableFileInput(
            attrs={"accept": "image/*", "capture": "environment", "data-shrink": MEGABYTE}
        ),
    )


@portal_page
@permission_required("archives.add_recordphoto", raise_exception=True)
def add(request: HttpRequest, acting: Acting, noun: str, uid: UUID) -> HttpResponse:
    """Add a photograph to a record without scripts."""
    row = timeline.find(acting.producer, request.user, noun, uid) if noun in NOUNS else None
    if row is None:
        raise Http404
    form = PhotoForm(sent(request), request.FILES or None)
    if request.method == "POST" and form.is_valid():
        photo = form.cleaned_data["photo"]
        if take(form, lambda: add_photo(row=row, upload=photo, uid=uuid.uuid4(), actor=request.user)):
            messages.success(request, _("照片已保存。"))
            return redirect("my:record", noun=noun, uid=uid)
    context = {"acting": acting, "noun": noun, "row": row, "form": form, "line": wording.line(row)}
    return render(request, "portal/records/photo.html", context)


def receive(request: HttpRequest, noun: str, uid: UUID) -> JsonResponse:
    """A photograph from the phone's queue: its own uid makes sending it twice the same as once."""
    if not request.user.has_perm("archives.add_recordphoto"):
        return JsonResponse({"sentence": _("您现在不能给记录加照片。")}, status=403)
    producers = [acting.producer for acting in actable(request.user)] if noun in NOUNS else []
    found = (timeline.find(producer, request.user, noun, uid) for producer in producers)
    row = next(filter(None, found), None)
    if row is None:
        return JsonResponse({"sentence": _("照片所属的记录还没有记入。")}, status=404)
    try:
        photo_uid = UUID(request.POST.get("uid", ""))
        upload = request.FILES["photo"]
    except (ValueError, KeyError):
        return JsonResponse({"sentence": _("照片没有收全，请再发一次。")}, status=400)
    try:
        add_photo(row=row, upload=upload, uid=photo_uid, actor=request.user)
    except ValidationError as refusal:
        return JsonResponse({"sentence": refusal.messages[0]}, status=422)
    return JsonResponse({"status": "sent"})


@require_GET
@login_required
def show(request: HttpRequest, uid: UUID) -> FileResponse:
    """The picture itself, for whoever may see its producer: the household, its helpers, its officers."""
    photo = get_object_or_404(RecordPhoto.objects.visible_to(request.user), uid=uid)
    if not request.user.has_perm("archives.view_recordphoto"):
        raise Http404
    suffix = "." + photo.file.name.rsplit(".", 1)[-1]
    response = FileResponse(photo.file.open("rb"), content_type=TYPES.get(suffix, "image/jpeg"))
    response["Content-Disposition"] = "inline"
    response["Cache-Control"] = "private, no-store"
    return response
