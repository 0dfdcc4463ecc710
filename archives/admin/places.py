"""Divisions, the catalogue, plots and who grows what."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from agricredit.foundation.common.admin import ReadOnlyAdmin, ScopedModelAdmin
from archives.models import Plot, ProducerProduct, Product, Region


@admin.register(Region)
class RegionAdmin(ReadOnlyAdmin):
    """Found by code or name; loaded by ``load_regions``, never edited here."""

    list_display = ("code", "name", "full_name", "level", "valid_from", "valid_to")
    list_filter = (("level", ChoicesDropdownFilter),)
    search_fields = ("code__startswith", "name__startswith")
    search_help_text = _("区划代码或名称的开头")
    ordering = ("code",)


@admin.register(Product)
class ProductAdmin(ScopedModelAdmin):
    """The catalogue; a product that stands in records cannot be deleted, so none is."""

    list_display = ("code", "name", "category", "sector", "certificate_required")
    list_filter = (("sector", ChoicesDropdownFilter), "certificate_required")
    search_fields = ("code__startswith", "name")
    ordering = ("code",)

    def has_delete_permission(self, request: HttpRequest, obj: Product | None = None) -> bool:
        """Nobody."""
        return False


@admin.register(ProducerProduct)
class ProducerProductAdmin(ReadOnlyAdmin):
    """Who grows what; added on the producer's page."""

    list_display = ("producer", "product", "area_mu")
    list_select_related = ("producer", "product")
    list_filter = (("product__sector", ChoicesDropdownFilter),)
    search_fields = ("product__name", "producer__key__exact")
    ordering = ("-pk",)


@admin.register(Plot)
class PlotAdmin(ReadOnlyAdmin):
    """Plots; added on the producer's page."""

    list_display = ("producer", "name", "area_mu", "region")
    list_select_related = ("producer", "region")
    search_fields = ("name", "producer__key__exact")
    ordering = ("-pk",)
