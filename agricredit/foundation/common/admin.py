"""Bases of every back-office page: own region only, no counting of big tables, no drop-down over them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.apps import apps
from django.contrib.admin.utils import unquote
from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db import models
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html, strip_tags
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldForeignKeyRawIdWidget

from agricredit.foundation.common.paginators import EstimatedCountPaginator

#: So many lines of a row's history are shown, the newest.
HISTORY_MOST = 100


class Labelled(tuple[Any, str]):
    """A (code, words) pair: a coloured label in Unfold's lists, and just its words on a row's own page."""

    __slots__ = ()

    def __new__(cls, code: Any, words: str) -> Labelled:
        """What the colour goes by, and what is read."""
        return super().__new__(cls, (code, words))

    def __str__(self) -> str:
        """The words; a tuple's own text would show the code."""
        return self[1]


#: Pages that rows of a model lead to wherever another list names them: model label → URL name (one argument,
#: the key). The roof adds its own; see :func:`leads_to`.
_PAGES: dict[str, str] = {}


def leads_to(label: str, url_name: str) -> None:
    """From now on names of that model's rows in other lists lead to this page."""
    _PAGES[label] = url_name


def page_of(row: models.Model) -> str:
    """The address of the row's own page, "" where its model has none."""
    url_name = _PAGES.get(row._meta.label)
    return reverse(url_name, args=[row.pk]) if url_name else ""


def linked(row: models.Model | None) -> str:
    """The row's name, as a link where its model has a page; a dash for none."""
    if row is None:
        return "—"
    address = page_of(row)
    return format_html('<a class="office-link" href="{}">{}</a>', address, row) if address else str(row)


class PlainlyTitled:
    """A list is titled by what it holds, not by Django's sentence about choosing a row."""

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list under its plural name."""
        context: dict[str, Any] = {
            "title": str(self.opts.verbose_name_plural),  # type: ignore[attr-defined]  # mixed into an admin
            "element_classes": {"pagination": "office-pages"},
        }
        answer: HttpResponse = super().changelist_view(request, {**context, **(extra_context or {})})  # type: ignore[misc]  # the package's base is untyped
        return answer


class ScopedModelAdmin(PlainlyTitled, ModelAdmin):  # type: ignore[misc]  # Unfold ships no types
    """Lists and opens only rows of ``queryset.visible_to(request.user)``.

    Who may open, add, change or delete at all is the role's permissions (``roles.PERMISSIONS``), as Django
    asks them;
    a row outside the jurisdiction does not exist for the page. A foreign key is an autocomplete where
    its model's admin can search, else a raw key: never a drop-down.
    """

    show_full_result_count = False
    paginator = EstimatedCountPaginator
    list_per_page = 50
    list_max_show_all = 0
    compressed_fields = True
    warn_unsaved_form = True
    #: Named, so that a phone's cards leave such lines out.
    empty_value_display = mark_safe('<span class="office-none">—</span>')
    list_after_template = "admin/export.html"
    exportable = True
    """Whether the list may be taken along as a file."""
    history_of: tuple[str, ...] = ("producer",)
    """Relations on whose rows the audit writes what is done to these."""

    def __init__(self, model: Any, admin_site: Any) -> None:
        """People are named, never linked: accounts are the security administrator's alone."""
        super().__init__(model, admin_site)
        people = (
            f.name for f in model._meta.fields if f.remote_field and f.remote_field.model is get_user_model()
        )
        self.readonly_preprocess_fields = dict.fromkeys(people, strip_tags)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The rows this account may see; a model without the rule is a fault, not an open door."""
        return visible_rows(super().get_queryset(request), request)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list, its page of rows made ready to be shown."""
        answer = super().changelist_view(request, extra_context)
        context = getattr(answer, "context_data", None) or {}  # none where an act leads away
        if "cl" in context:
            self.make_ready(context["cl"].result_list)
        return answer

    def make_ready(self, rows: Collection[Any]) -> None:
        """Before a page of rows is shown, or goes into a file: for what is asked once for all of them."""

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """What the audit says was done to the row, and to the producer whose it is; not who looked at it."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        lines: Any = apps.get_model("audit", "AuditLine")._default_manager
        found = lines.acts_on(self.model, [row.pk])
        for name in self.history_of:
            related = getattr(row, f"{name}_id", None)
            if related is not None:
                found = found | lines.acts_on(self.model._meta.get_field(name).related_model, [related])
        context = {
            **self.admin_site.each_context(request), "title": _("%(row)s的办理记录") % {"row": row},
            "opts": self.opts, "lines": list(found.order_by("-pk")[:HISTORY_MOST]), "most": HISTORY_MOST,
            "back": reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk]),
        }  # fmt: skip
        return TemplateResponse(request, "admin/history.html", context)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """The declared columns; a relation whose rows have a page of their own leads there."""
        return [self.led(name) for name in super().get_list_display(request)]

    def get_list_display_links(self, request: HttpRequest, list_display: Any) -> Any:
        """The row opens by its first column that leads nowhere else."""
        if self.list_display_links or self.list_display_links is None:
            return self.list_display_links
        own = [column for column in list_display if not getattr(column, "leads_away", False)]
        return own[:1]

    def led(self, name: Any) -> Any:
        """The column, leading to its row's page where it names such a relation."""
        field = next((f for f in self.opts.fields if f.name == name), None)
        if not isinstance(field, models.ForeignKey) or field.remote_field.model._meta.label not in _PAGES:
            return name

        def column(row: Any) -> str:
            return linked(getattr(row, field.name))

        column.__name__ = field.name
        column.short_description = field.verbose_name  # type: ignore[attr-defined]  # as the admin reads it
        column.admin_order_field = field.name  # type: ignore[attr-defined]  # the admin reads these of a function
        column.leads_away = True  # type: ignore[attr-defined]  # the admin reads these of a function
        return column

    def get_autocomplete_fields(self, request: HttpRequest) -> list[str]:
        """The declared ones, and every relation whose own admin can be searched."""
        names = list(super().get_autocomplete_fields(request))
        for field in self.model._meta.get_fields():
            if field.name not in names and field.name not in self.raw_id_fields and self._can_search(field):
                names.append(field.name)
        return names

    def _can_search(self, field: Any) -> bool:
        if not isinstance(field, (models.ForeignKey, models.ManyToManyField)):
            return False
        related = self.admin_site._registry.get(field.remote_field.model)
        return related is not None and bool(related.search_fields)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Never a drop-down; and only rows that the account may see can be chosen."""
        if "queryset" not in kwargs and hasattr(
            db_field.remote_field.model._default_manager.all(), "visible_to"
        ):
            kwargs["queryset"] = visible_rows(db_field.remote_field.model._default_manager.all(), request)
        if "widget" not in kwargs and db_field.name not in self.get_autocomplete_fields(request):
            kwargs["widget"] = UnfoldForeignKeyRawIdWidget(db_field.remote_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class ReadOnlyAdmin(ScopedModelAdmin):
    """Pages that only show: nothing is added, changed or deleted here; services write these rows."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody; the page opens with the permission to view."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False


def visible_rows(queryset: QuerySet[Any], request: HttpRequest) -> QuerySet[Any]:
    """``queryset.visible_to(request.user)``; ImproperlyConfigured when the model has no such rule."""
    rule = getattr(queryset, "visible_to", None)
    if rule is None:
        raise ImproperlyConfigured(f"{queryset.model._meta.label} has no visible_to(user) on its queryset")
    visible: QuerySet[Any] = rule(request.user)
    return visible
