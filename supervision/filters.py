"""Filters of lists of plans, tasks and visits."""

from __future__ import annotations

import django_filters  # type: ignore[import-untyped]  # it ships no types
from django.utils.translation import gettext_lazy as _

from archives.filters import DivisionFilter
from supervision.models import FrequencyAssignment, GuidanceVisit, Inspection, Plan, Task


class PlanFilter(django_filters.FilterSet):  # type: ignore[misc]  # ships no types
    """By year."""

    class Meta:
        model = Plan
        fields = ["year"]


class OfProducerFilter(django_filters.FilterSet):  # type: ignore[misc]  # ships no types
    """What all rows of a producer are found by."""

    producer = django_filters.CharFilter("producer__key", label=_("主体编号"))
    region = DivisionFilter("producer__region__code", label=_("行政区划"))


class TaskFilter(OfProducerFilter):
    """By producer, division, plan, kind, month, state and due day."""

    due_from = django_filters.DateFilter("due_on", "gte", label=_("截止日期起"))
    due_to = django_filters.DateFilter("due_on", "lte", label=_("截止日期止"))

    class Meta:
        model = Task
        fields = ["kind", "month", "state"]


class FrequencyFilter(OfProducerFilter):
    """By producer, division, year and risk."""

    class Meta:
        model = FrequencyAssignment
        fields = ["year", "risk"]


class GuidanceFilter(OfProducerFilter):
    """By producer, division and day."""

    visited_from = django_filters.DateFilter("visited_on", "gte", label=_("巡查日期起"))
    visited_to = django_filters.DateFilter("visited_on", "lte", label=_("巡查日期止"))

    class Meta:
        model = GuidanceVisit
        fields: list[str] = []


class InspectionFilter(OfProducerFilter):
    """By producer, division, result and day."""

    inspected_from = django_filters.DateFilter("inspected_on", "gte", label=_("检查日期起"))
    inspected_to = django_filters.DateFilter("inspected_on", "lte", label=_("检查日期止"))

    class Meta:
        model = Inspection
        fields = ["result", "reason"]
