"""Divisions, the catalogue, plots and who grows what."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Case, QuerySet, When
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from agricredit.foundation.accounts.jurisdiction import region_q
from agricredit.foundation.common.admin import ReadOnlyAdmin, ScopedModelAdmin
from archives.admin.finding import DivisionFilter, ProducerSearch
from archives.models import Plot, ProducerProduct, Product, Region


@admin.register(Region)
class RegionAdmin(ReadOnlyAdmin):
    """Found by code or name; loaded by ``load_regions``, never edited here."""

    list_display = ("code", "name", "full_name", "level", "valid_from", "valid_to")
    list_filter = (("level", ChoicesDropdownFilter),)
    search_fields = ("code__startswith", "name__startswith")
    search_help_text = _("区划代码或名称的开头")
    ordering = ("code",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Region], search_term: str
    ) -> tuple[QuerySet[Region], bool]:
        """Where one is to be chosen, those of the officer's own division come first: names repeat."""
        found, repeats = super().get_search_results(request, queryset, search_term)
        match = request.resolver_match
        if match is not None and match.url_name == "autocomplete":
            own = Case(When(region_q(request.user, "code"), then=0), default=1)
            found = found.order_by(own, "code")
        return found, repeats


@admin.register(Product)
class ProductAdmin(ScopedModelAdmin):
    """The catalogue; a product that stands in records cannot be deleted, so none is."""

    list_display = ("code", "name", "category", "sector", "risk", "certificate_required")
    list_filter = (("sector", ChoicesDropdownFilter), ("risk", ChoicesDropdownFilter), "certificate_required")
    search_fields = ("code__startswith", "name")
    ordering = ("code",)

    def has_delete_permission(self, request: HttpRequest, obj: Product | None = None) -> bool:
        """Nobody."""
        return False


@admin.register(ProducerProduct)
class ProducerProductAdmin(ProducerSearch, ReadOnlyAdmin):
    """Who grows what; added on the producer's page."""

    list_display = ("producer", "product", "risk", "area_mu", "place")
    list_select_related = ("producer__region", "product")
    list_filter = (
        ("product__sector", ChoicesDropdownFilter),
        ("product__risk", ChoicesDropdownFilter),
        DivisionFilter,
    )
    list_filter_submit = True
    ordering = ("-pk",)

    @admin.display(description=_("风险类别"))
    def risk(self, row: ProducerProduct) -> str:
        """How risky the product is held to be."""
        return str(row.product.get_risk_display())

    @admin.display(description=_("所在区划"))
    def place(self, row: ProducerProduct) -> str:
        """The division's full name."""
        return str(row.producer.region)


@admin.register(Plot)
class PlotAdmin(ProducerSearch, ReadOnlyAdmin):
    """Plots with area and crop; added on the producer's page."""

    list_display = ("producer", "name", "area_mu", "crop", "base", "region")
    list_select_related = ("producer", "crop", "base", "region")
    list_filter = (DivisionFilter,)
    list_filter_submit = True
    ordering = ("-pk",)
