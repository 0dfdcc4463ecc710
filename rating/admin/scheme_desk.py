"""The scheme desk's pages: a draft part by part, faults while typing, versions compared, a preview."""

from __future__ import annotations

from typing import Any

import yaml
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
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from agricredit.foundation.common.clock import today
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
LABELS: dict[str, str | Promise] = {
    "code": _("代码"),
    "name": _("名称"),
    "version": _("版本"),
    "note": _("说明"),
    "points": _("分值"),
    "year_weight": _("本年度权重"),
    "bonus_cap": _("加分上限"),
    "pause": _("停产免责条件"),
    "evidence": _("可评条件"),
    "cut": _("起点分"),
    "word": _("等级名称"),
    "meaning": _("等级含义"),
    "colour": _("底色"),
    "ink": _("字色"),
    "shape": _("图形"),
    "gates": _("另需满足"),
    "indicator": _("所属指标"),
    "parent": _("上级指标"),
    "measure": _("度量"),
    "window": _("时间窗口"),
    "rule": _("计分规则"),
    "none": _("没有数据时"),
    "applies": _("适用主体"),
    "clause": _("依据"),
    "explanation": _("解释"),
    "listed": _("在结果文件中列出"),
    "grade": _("等级"),
    "all": _("情形（须同时成立）"),
    "sources": _("可采信的文书"),
    "risk": _("风险等级"),
    "visits": _("全年检查次数"),
    "sampling": _("抽样比例"),
    "monthly_follow_up": _("每月回访"),
    "flag": _("标记"),
}
#: Keys of the general part that tell which scheme it is; they never change in a draft.
FIXED = ("code", "version")
#: Texts that a part may have or not.
OPTIONAL = {
    "criteria": ("none", "applies", "explanation"),
    "bonus": ("none", "applies", "explanation"),
    "deductions": ("explanation",),
    "supervision": ("note",),
    "flags": ("note",),
}
#: Words of the closed vocabulary, chosen and not typed; "" leaves the key out.
CHOICES: dict[str, dict[str, str | Promise]] = {
    "window": {"year": _("本年度"), "ever": _("截止日以前"), "valid": _("截止日仍有效")},
    "none": {
        "": "—",
        "skip": _("不适用"),
        "full": _("得满分"),
        "zero": _("得零分"),
        "duty": _("有义务的得零分，其他不适用"),
    },
    "applies": {"": _("全部主体"), "all": _("全部主体"), "org": _("有组织的主体")},
}
COUNTY = 6


class PartForm(forms.Form):
    """One part of a document: a field for each key; what has parts of its own is written in YAML."""

    def __init__(self, data: Any, *, part: dict[str, Any], section: str) -> None:
        """Fields made from what stands there, and for the texts that might."""
        super().__init__(data)
        self.part = part | {key: "" for key in OPTIONAL.get(section, ()) if key not in part}
        order = list(LABELS)
        for key in sorted(self.part, key=lambda key: order.index(key) if key in order else len(order)):
            value = self.part[key]
            if section != "general" or key not in FIXED:
                self.fields[key] = _field(key, value)

    def value(self) -> dict[str, Any]:
        """The part as the form says it; ValidationError where a text is no YAML."""
        found = dict(self.part)
        for key, before in self.part.items():
            if key in self.fields:
                found[key] = _read(key, before, self.cleaned_data[key])
        return {key: value for key, value in found.items() if value is not None}


def _field(key: str, value: Any) -> forms.Field:
    label = str(LABELS.get(key, key))
    if isinstance(value, bool):
        return forms.BooleanField(
            label=label, required=False, initial=value, widget=UnfoldBooleanSwitchWidget
        )
    if key in CHOICES and isinstance(value, str):
        options = [(word, f"{word} {says}".strip()) for word, says in CHOICES[key].items()]
        return forms.ChoiceField(
            label=label, required=False, initial=value, choices=options, widget=UnfoldAdminSelectWidget
        )
    nested = isinstance(value, (dict, list))
    text = _yaml(value) if nested else str(value)
    long = nested or len(text) > 60
    widget = UnfoldAdminTextareaWidget(attrs={"rows": 4}) if long else UnfoldAdminTextInputWidget()
    return forms.CharField(label=label, required=False, initial=text, widget=widget)


def _yaml(value: Any) -> str:
    return str(
        yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=100, sort_keys=False)
    ).strip()


def _read(key: str, before: Any, given: Any) -> Any:
    if isinstance(before, bool):
        return bool(given)
    if isinstance(before, (dict, list)):
        try:
            return _exact(yaml.safe_load(given))
        except yaml.YAMLError:
            raise ValidationError(
                gettext("“%(label)s”的写法不对，请检查括号、冒号和逗号。") % {"label": LABELS.get(key, key)}
            ) from None
    if isinstance(before, int) and given.strip().isdigit():
        return int(given)
    return given.strip() or None


def _exact(value: Any) -> Any:
    """Decimals written without quotes, as the text that they were (documents hold no floats)."""
    if isinstance(value, dict):
        return {str(key): _exact(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_exact(inner) for inner in value]
    return repr(value) if isinstance(value, float) else value


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
        found.append({"title": str(title), "rows": rows})
    return found


def _address(scheme: Scheme, section: str, index: int) -> str:
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
        f"{LABELS[key]} {_yaml(part[key]) if isinstance(part[key], (dict, list)) else part[key]}"
        for key in shown_keys
        if key in part
    )


def part_view(request: HttpRequest, scheme: Scheme, part: str) -> HttpResponse:
    """One part: GET shows the form; POST saves, copies or removes; with ``check`` only says what is wrong."""
    if not request.user.has_perm("rating.change_scheme"):
        raise PermissionDenied
    section, _dash, number = part.partition("-")
    index = int(number) if number.isdigit() else 0
    try:
        given = scheme_desk.part_of(scheme.document, section, index)
    except ValidationError:
        raise Http404 from None
    form = PartForm(request.POST or None, part=given, section=section)
    if request.method == "POST" and "check" in request.GET:
        return TemplateResponse(
            request, "admin/rating/scheme/faults.html", {"faults": _check(form, scheme, section, index)}
        )
    back = reverse("admin:rating_scheme_change", args=[scheme.pk])
    if request.method == "POST" and form.is_valid():
        try:
            _act(request, form, scheme, section, index)
        except ValidationError as refusal:
            form.add_error(None, refusal.messages)
        else:
            messages.success(request, gettext("草案已保存。"))
            return HttpResponseRedirect(back)
    context = {
        **admin.site.each_context(request),
        "title": f"{_title(given) or gettext('总则')} · {scheme.name} {scheme.version}",
        "form": form,
        "back": back,
        "listed": section != "general",
        "editable": scheme.state == Scheme.State.DRAFT,
        "faults": scheme_desk.faults(scheme.document),
    }
    return TemplateResponse(request, "admin/rating/scheme/part.html", context)


def _act(request: HttpRequest, form: PartForm, scheme: Scheme, section: str, index: int) -> None:
    act = request.POST.get("act", "save")
    value = None if act == "remove" and section != "general" else form.value()
    document = scheme_desk.with_part(scheme.document, section, index, value, insert=act == "copy")
    scheme_desk.save(scheme=scheme, document=document, actor=request.user)  # type: ignore[arg-type]  # logged in


def _check(form: PartForm, scheme: Scheme, section: str, index: int) -> list[str]:
    if not form.is_valid():
        return [str(error) for errors in form.errors.values() for error in errors]
    try:
        document = scheme_desk.with_part(scheme.document, section, index, form.value())
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
