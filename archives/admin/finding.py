"""How rows of producers are found in every list: by division with all below it, and by the producer."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.common.choosing import ChosenFilter
from archives.divisions import below
from archives.models import Producer


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


class ProducerSearch:
    """A list's box that asks the register's own search; ``producer_paths`` lead to the producers of a row."""

    search_fields: tuple[str, ...] = ("producer__name",)
    search_help_text = _("主体名称或其中几个字、拼音首字母、统一社会信用代码、主体编号")
    producer_paths: tuple[str, ...] = ("producer",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Rows of producers that the search finds."""
        if not search_term.strip():
            return queryset, False
        found = Producer.objects.visible_to(request.user).search(search_term.strip())
        query = Q(pk__in=[])
        for path in self.producer_paths:
            query |= Q(**{f"{path}__in": found})
        return queryset.filter(query), False
