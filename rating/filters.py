"""Filters of the API's and the back office's lists."""

from __future__ import annotations

import django_filters  # type: ignore[import-untyped]  # it ships no types
from django.utils.translation import gettext_lazy as _

from archives.filters import DivisionFilter, FrozenDivisionFilter
from rating.models import Rating, RatingRun, Standing


class RunFilter(django_filters.FilterSet):  # type: ignore[misc]  # ships no types
    """Runs by year, scheme, state and region (a code with all below it)."""

    scheme = django_filters.CharFilter("scheme__code", label=_("评价方案"))
    region = FrozenDivisionFilter("region_code", label=_("行政区划"))

    class Meta:
        model = RatingRun
        fields = ["year", "state"]


class RatingFilter(django_filters.FilterSet):  # type: ignore[misc]  # ships no types
    """Results by grade, status and region (a code with all below it)."""

    region = FrozenDivisionFilter("region_id", label=_("行政区划"))

    class Meta:
        model = Rating
        fields = ["grade", "status"]


class StandingFilter(django_filters.FilterSet):  # type: ignore[misc]  # ships no types
    """Official grades by grade, year and region (a code with all below it)."""

    region = DivisionFilter("producer__region__code", label=_("行政区划"))

    class Meta:
        model = Standing
        fields = ["official_grade", "official_year", "status"]
