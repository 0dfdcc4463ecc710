"""The scheme desk's pages: a draft part by part, faults while typing, versions compared, a preview."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDateWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from agricredit.foundation.common.clock import today
from rating.admin.scheme_parts import BLANK, LABELS, NEW, PartForm, as_yaml
from rating.admin.scheme_rows import MORE
from rating.admin.simulations import shown
from rating.models import RatingRun, Scheme
from rating.services import scheme_desk, schemes, simulation, trials
from rating.services.access import require
from rating.services.verifying import VERIFIABLE

SECTION_TITLES: dict[str, str | Promise] = {
    "grades": _("等级"),
    "indicators": _("指标"),
    "criteria": _("评分标准"),
    "bonus": _("加分"),
    "deductions": _("扣分"),
    "vetoes": _("一票否决"),
    "supervision": _("检查与抽样"),
    "flags": _("风险标记"),
}
COUNTY = 6


class CloneForm(forms.Form):
    """The draft's version."""

    version = forms.CharField(label=_("新版本号"), max_length=16, widget=UnfoldAdminTextInputWidget)


class ApproveForm(forms.Form):
    """From when it holds."""

    valid_from = forms.DateField(label=_("施行日期"), initial=today, widget=UnfoldAdminDateWidget)


class PreviewForm(forms.Form):
    """Which county of which run to try the draft on."""

    run = forms.ModelChoiceField(
        RatingRun.objects.none(), label=_("所据评价"), widget=UnfoldAdminSelectWidget
    )
    region = forms.CharField(label=_("县（市、区）代码"), max_length=12, widget=UnfoldAdminTextInputWidget)

    def __init__(self, data: Any, *, user: Any) -> None:
        """Runs that the user may see, the newest first."""
        super().__init__(data)
        rows = RatingRun.objects.visible_to(user).filter(state__in=VERIFIABLE).select_related("scheme")
        self.fields["run"].queryset = rows  # type: ignore[attr-defined]  # a model choice


def overview(scheme: Scheme) -> list[dict[str, Any]]:
    """Every part of a draft with the address where it is edited, as tables."""
    document = scheme.document
    found = [
        {
            "title": gettext("总则"),
            "rows": [
                {
                    "name": document.get("name", ""),
                    "text": document.get("note", ""),
                    "url": _address(scheme, "general", 0),
                }
            ],
        }
    ]
    for section, title in SECTION_TITLES.items():
        rows = [
            {"name": _title(part), "text": _digest(part), "url": _address(scheme, section, index)}
            for index, part in enumerate(document.get(section) or [])
        ]
        add = _address(scheme, section, NEW) if section in BLANK else ""
        found.append({"title": str(title), "rows": rows, "add": add})
    return found


def _address(scheme: Scheme, section: str, index: int | str) -> str:
    return reverse("admin:rating_scheme_part", args=[scheme.pk, f"{section}-{index}"])


def _title(part: dict[str, Any]) -> str:
    code = next((part[key] for key in ("code", "grade", "flag") if key in part), "")
    return f"{code} {part.get('name') or part.get('word') or ''}".strip()


def _digest(part: dict[str, Any]) -> str:
    shown_keys = (
        "points",
        "cut",
        "visits",
        "sampling",
        "measure",
        "window",
        "rule",
        "none",
        "applies",
        "grade",
        "clause",
    )
    return " · ".join(
        f"{LABELS[key]} {as_yaml(part[key]) if isinstance(part[key], (dict, list)) else part[key]}"
        for key in shown_keys
        if key in part
    )


def part_view(request: HttpRequest, scheme: Scheme, part: str) -> HttpResponse:
    """One part: GET shows the form; POST saves, copies or removes; with ``check`` only says what is wrong."""
    if not request.user.has_perm("rating.change_scheme"):
        raise PermissionDenied
    section, _dash, number = part.partition("-")
    index = int(number) if number.isdigit() else 0
    new = number == NEW and section in BLANK
    try:
        given = BLANK[section] if new else scheme_desk.part_of(scheme.document, section, index)
    except ValidationError:
        raise Http404 from None
    if new:
        index = len(scheme.document.get(section) or []) - 1
    expert = "expert" in request.GET
    form = PartForm(request.POST or None, part=given, section=section, expert=expert)
    act = request.POST.get("act", "save")
    if new and act == "save":
        act = "copy"
    if request.method == "POST" and "check" in request.GET:
        return TemplateResponse(
            request, "admin/rating/scheme/faults.html", {"faults": _check(form, scheme, section, index, act)}
        )
    faults = scheme_desk.faults(scheme.document)
    back = reverse("admin:rating_scheme_change", args=[scheme.pk])
    if request.method == "POST" and request.POST.get("act") == "check":
        faults = _check(form, scheme, section, index, "copy" if new else "save")
    elif request.method == "POST" and not act.startswith(MORE) and form.is_valid():
        try:
            _act(request, form, scheme, section, index, act)
        except ValidationError as refusal:
            form.add_error(None, refusal.messages)
        else:
            messages.success(request, gettext("草案已保存。"))
            return HttpResponseRedirect(back)
    context = {
        **admin.site.each_context(request),
        "title": f"{_title(given) or _untitled(section)} · {scheme.name} {scheme.version}",
        "form": form,
        "back": back,
        "listed": section != "general" and not new,
        "editable": scheme.state == Scheme.State.DRAFT,
        "expert": expert,
        "check_url": "?check=1&expert=1" if expert else "?check=1",
        "faults": faults,
    }
    return TemplateResponse(request, "admin/rating/scheme/part.html", context)


def _untitled(section: str) -> str:
    if section == "general":
        return gettext("总则")
    return gettext("新增：%(section)s") % {"section": SECTION_TITLES[section]}


def _act(request: HttpRequest, form: PartForm, scheme: Scheme, section: str, index: int, act: str) -> None:
    value = None if act == "remove" and section != "general" else form.value()
    document = scheme_desk.with_part(scheme.document, section, index, value, insert=act == "copy")
    scheme_desk.save(scheme=scheme, document=document, actor=request.user)  # type: ignore[arg-type]  # logged in


def _check(form: PartForm, scheme: Scheme, section: str, index: int, act: str) -> list[str]:
    if not form.is_valid():
        return [str(error) for errors in form.errors.values() for error in errors]
    try:
        document = scheme_desk.with_part(scheme.document, section, index, form.value(), insert=act == "copy")
    except ValidationError as refusal:
        return list(refusal.messages)
    return scheme_desk.faults(document)


def compare_view(request: HttpRequest, scheme: Scheme, others: Any) -> HttpResponse:
    """What this version changes against another of the same scheme (``?with=``), else the one before."""
    mine = others.filter(code=scheme.code).exclude(pk=scheme.pk).order_by("-pk")
    wanted = request.GET.get("with", "")
    older = (
        mine.filter(pk=wanted).first()
        if wanted.isdigit()
        else mine.filter(pk__lt=scheme.pk).first() or mine.first()
    )
    changes = scheme_desk.compare(older.document, scheme.document) if older else []
    table = {
        "headers": [gettext("位置"), gettext("原为"), gettext("现为")],
        "rows": [[_in_words(one.place), one.before or "—", one.after or "—"] for one in changes],
    }
    context = {
        **admin.site.each_context(request),
        "title": gettext("版本比较：%(scheme)s") % {"scheme": scheme.name},
        "scheme": scheme,
        "older": older,
        "others": mine,
        "table": table,
        "back": reverse("admin:rating_scheme_change", args=[scheme.pk]),
    }
    return TemplateResponse(request, "admin/rating/scheme/compare.html", context)


def _in_words(place: str) -> str:
    return " ".join(str(SECTION_TITLES.get(word) or LABELS.get(word) or word) for word in place.split())


def preview_view(request: HttpRequest, scheme: Scheme) -> HttpResponse:
    """The draft on one county of a past run, at once and without keeping it."""
    if not request.user.has_perm("rating.add_simulation"):
        raise PermissionDenied
    form = PreviewForm(request.GET if "run" in request.GET else None, user=request.user)
    trial = None
    if form.is_bound and form.is_valid():
        try:
            trial = _previewed(request, scheme, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal.messages)
    context = {
        **admin.site.each_context(request),
        "title": gettext("预览：%(scheme)s %(version)s") % {"scheme": scheme.name, "version": scheme.version},
        "form": form,
        "trial": trial,
        "back": reverse("admin:rating_scheme_change", args=[scheme.pk]),
    }
    return TemplateResponse(request, "admin/rating/scheme/preview.html", context)


def _previewed(request: HttpRequest, scheme: Scheme, run: RatingRun, region: str) -> dict[str, Any]:
    faults = scheme_desk.faults(scheme.document)
    if faults:
        raise ValidationError(faults)
    require(request.user, "rating.add_simulation", region)  # type: ignore[arg-type]  # logged in
    if len(region) < COUNTY:
        raise ValidationError(gettext("请填写县（市、区）或其下级区划的代码。"))
    if not region.startswith(run.region_code):
        raise ValidationError(gettext("试算的地区应在该次评价的地区之内。"))
    draft = schemes.parsed(scheme)
    trialled = trials.run_trial(run, draft, region)
    return shown(simulation.tables(schemes.parsed(run.scheme), draft, trialled), request.user)
