"""How rows of producers are found in every list: by division with all below it, and by the producer."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.common.choosing import ChosenFilter
from archives.divisions import below, once_below
from archives.models import Producer

PRODUCERS_SEARCHED = 200


class DivisionFilter(ChosenFilter):
    """By code or name, with all below it; a code or name of before a change finds what became of it.

    ``path`` leads from the list's rows to the division.
    """

    title = _("所在区划（含下级）")
    parameter_name = "township"
    relation = (Producer, "region")
    path = "producer__region"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Rows of the divisions meant."""
        return queryset.filter(below(self.value() or "", f"{self.path}__code"))


class FrozenDivisionFilter(DivisionFilter):
    """Of rows that keep the code of the day they were written, at ``path``."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Rows of the divisions meant, also those written under what has become part of them."""
        return queryset.filter(once_below(self.value() or "", self.path))


class ProducerSearch:
    """A list's box that asks the register as officers do; ``producer_paths`` lead to a row's producers."""

    search_fields: tuple[str, ...] = ("producer__name",)
    search_help_text = _(
        "主体名称或其中几个字、拼音首字母、统一社会信用代码、主体编号，或完整的手机号码、身份证号"
    )
    producer_paths: tuple[str, ...] = ("producer",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Rows of producers that the search finds, and those that the text itself names."""
        term = search_term.strip()
        if not term:
            return queryset, False
        found = self.producers(request, term)
        query = self.named(term)
        for path in self.producer_paths:
            query |= Q(**{f"{path}__in": found})
        return queryset.filter(query), False

    def producers(self, request: HttpRequest, term: str) -> Any:
        """Those in sight that the register's search finds."""
        return Producer.objects.visible_to(request.user).sought(term)

    def named(self, term: str) -> Q:
        """Rows that the text names by something of their own; none where they have nothing such."""
        return Q(pk__in=[])


class FirstProducersSearch(ProducerSearch):
    """Of lists with many rows a producer: the first producers that the search finds; never a scan."""

    def producers(self, request: HttpRequest, term: str) -> list[int]:
        """Their ids."""
        found = super().producers(request, term)
        return list(found.values_list("pk", flat=True)[:PRODUCERS_SEARCHED])
