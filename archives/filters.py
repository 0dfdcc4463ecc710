"""Filters of the archives' lists, for the API and wherever a list takes query parameters."""

from __future__ import annotations

from typing import Any

import django_filters  # type: ignore[import-untyped]  # it ships no types
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from archives.divisions import below, once_below
from archives.ledger.kinds import KINDS
from archives.models import (
    Activity,
    CreditEvent,
    Producer,
    ProducerKind,
    ProducerNature,
    ProducerStatus,
    RecordStatus,
)


class DivisionFilter(django_filters.CharFilter):  # type: ignore[misc]  # ships no types
    """A division with all below it; a code of before a change finds what became of it."""

    def filter(self, rows: QuerySet[Any], value: str | None) -> QuerySet[Any]:
        """Rows that lie there."""
        return rows.filter(below(value or "", self.field_name))


class FrozenDivisionFilter(DivisionFilter):
    """Of rows that keep the code of the day they were written."""

    def filter(self, rows: QuerySet[Any], value: str | None) -> QuerySet[Any]:
        """Rows of the division, also those under what has become part of it."""
        return rows.filter(once_below(value or "", self.field_name))


class ProducerFilter(django_filters.FilterSet):  # type: ignore[misc]  # ships no types
    """By text (name, part of it, initials, credit code, key), kind, nature, status and division."""

    q = django_filters.CharFilter(method="by_text", label=_("名称、拼音首字母、信用代码或编号"))
    kind = django_filters.ChoiceFilter(choices=ProducerKind.choices, label=_("主体类型"))
    nature = django_filters.ChoiceFilter(choices=ProducerNature.choices, label=_("法律性质"))
    status = django_filters.ChoiceFilter(choices=ProducerStatus.choices, label=_("状态"))
    activity = django_filters.ChoiceFilter(
        choices=Activity.choices, method="by_activity", label=_("从事环节")
    )
    region = DivisionFilter("region__code", label=_("区划代码（含下级）"))
    product = django_filters.CharFilter("products__product__code", label=_("产品代码"))

    class Meta:
        model = Producer
        fields: list[str] = []

    def by_activity(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Those who do this among other things."""
        found: QuerySet[Any] = rows.working_in(value)  # type: ignore[attr-defined]  # the model's own queryset
        return found

    def by_text(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """The register's own search."""
        found: QuerySet[Any] = rows.search(value)  # type: ignore[attr-defined]  # the model's own queryset
        return found


class EventFilter(django_filters.FilterSet):  # type: ignore[misc]  # ships no types
    """By producer, kind, outcome and day."""

    producer = django_filters.CharFilter("producer__key", label=_("主体编号"))
    kind = django_filters.ChoiceFilter(
        choices=[(name, kind.label) for name, kind in KINDS.items()], method="by_kind", label=_("信息类型")
    )
    outcome = django_filters.ChoiceFilter(
        choices=[("pass", _("合格")), ("fail", _("不合格")), ("none", _("无"))],
        method="by_outcome",
        label=_("结果"),
    )
    occurred_from = django_filters.DateFilter("occurred_on", "gte", label=_("发生日期起"))
    occurred_to = django_filters.DateFilter("occurred_on", "lte", label=_("发生日期止"))

    class Meta:
        model = CreditEvent
        fields: list[str] = []

    def by_kind(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Kinds are stored by number."""
        return rows.filter(kind=KINDS[value].number)

    def by_outcome(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Outcomes likewise."""
        return rows.filter(outcome=CreditEvent.Outcome[value.upper()])


class RecordFilter(django_filters.FilterSet):  # type: ignore[misc]  # ships no types
    """By producer, status and day; for every noun."""

    producer = django_filters.CharFilter("producer__key", label=_("主体编号"))
    status = django_filters.ChoiceFilter(choices=RecordStatus.choices, label=_("状态"))
    occurred_from = django_filters.DateFilter("occurred_on", "gte", label=_("发生日期起"))
    occurred_to = django_filters.DateFilter("occurred_on", "lte", label=_("发生日期止"))
