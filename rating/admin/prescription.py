"""The page of weak criteria: what a division, a product's growers or a kind lose, down to producers."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from archives.models import Producer, ProducerKind, Region
from rating.models import RatingRun
from rating.services import schemes
from rating.services.access import require
from rating.services.exporting import decimal_text
from rating.services.prescription import Asked, Group, Prescription, Weakness, prescribe

SHOWN = 12
KINDS = dict(ProducerKind.choices)


class AskForm(forms.Form):
    """Which division, kind and product."""

    region = forms.CharField(
        label=_("行政区划代码"), max_length=12, widget=UnfoldAdminTextInputWidget, help_text=_("含其下级区划")
    )
    kind = forms.ChoiceField(
        label=_("主体类型"),
        required=False,
        choices=[("", _("全部")), *((name, label) for name, label in ProducerKind.choices)],
        widget=UnfoldAdminSelectWidget,
    )
    product = forms.CharField(
        label=_("农产品"), max_length=60, required=False, widget=UnfoldAdminTextInputWidget
    )


def page(request: HttpRequest, run: RatingRun) -> HttpResponse:
    """Asked by GET, so that an answer can be passed on as an address; region and right are checked."""
    own = getattr(request.user, "region_code", "")
    region = own if own.startswith(run.region_code) else run.region_code
    given = {"region": region, **request.GET.dict()}
    form = AskForm(given)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": gettext("薄弱项诊断 · %(run)s") % {"run": run},
        "form": form,
        "back": reverse("admin:rating_ratingrun_change", args=[run.pk]),
    }
    if form.is_valid():
        asked = Asked(**form.cleaned_data, code=request.GET.get("code", ""))
        require(request.user, "rating.view_rating", asked.region)  # type: ignore[arg-type]  # logged in
        try:
            found = prescribe(run, asked)
        except ValidationError as refusal:
            form.add_error(None, refusal.messages)
        else:
            context |= _shown(run, asked, found, request.user)
    return TemplateResponse(request, "admin/rating/ratingrun/weak.html", context)


def _shown(run: RatingRun, asked: Asked, found: Prescription, user: Any) -> dict[str, Any]:
    scheme = schemes.parsed(run.scheme)
    weakest = [_bar(run, asked, one) for one in found.weaknesses[:SHOWN]]
    indicators = [
        {
            "label": name,
            "value": lost,
            "text": gettext("人均少 %(points)s 分") % {"points": _each(lost, found)},
        }
        for name, lost in found.indicators(scheme)
    ]
    context: dict[str, Any] = {"found": found, "weakest": weakest, "indicators": indicators}
    if asked.code:
        context["drilled"] = next(one for one in scheme.columns if one.code == asked.code)
        context["divisions"] = _groups(found.divisions, _names(found.divisions))
        context["kinds"] = _groups(found.kinds, KINDS)
        context["losers"] = _losers(found, user)
    return context


def _each(lost: int, found: Prescription) -> str:
    return decimal_text((2 * lost + found.producers) // (2 * max(found.producers, 1)), 2)


def _bar(run: RatingRun, asked: Asked, one: Weakness) -> dict[str, Any]:
    query = {"region": asked.region, "kind": asked.kind, "product": asked.product, "code": one.criterion.code}
    return {
        "label": f"{one.criterion.code} {one.criterion.name}",
        "value": one.lost,
        "text": gettext("%(count)s 家共少 %(lost)s 分，适用的人均 %(mean)s")
        % {"count": one.losers, "lost": decimal_text(one.lost, 2), "mean": decimal_text(one.mean, 2)},
        "url": f"{reverse('admin:rating_ratingrun_weak', args=[run.pk])}?{urlencode(query)}",
    }


def _names(divisions: tuple[Group, ...]) -> dict[str, Any]:
    return dict(Region.objects.filter(code__in=[one.key for one in divisions]).values_list("code", "name"))


def _groups(groups: tuple[Group, ...], names: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "label": names.get(one.key, one.key),
            "value": one.mean,
            "text": gettext("%(count)s 家，人均少 %(mean)s 分")
            % {"count": one.producers, "mean": decimal_text(one.mean, 2)},
        }
        for one in groups
    ]


def _losers(found: Prescription, user: Any) -> list[dict[str, Any]]:
    """Names of those who lost most there, as far as the officer may see them."""
    ids = [producer for producer, _lost in found.losers]
    names = dict(Producer.objects.visible_to(user).filter(pk__in=ids).values_list("pk", "name"))
    return [
        {
            "name": names[producer],
            "lost": decimal_text(lost, 2),
            "url": reverse("admin:archives_producer_change", args=[producer]),
        }
        for producer, lost in found.losers
        if producer in names
    ]
