"""What a bureau keeps on producers, at the API: one list a noun, to read; pages and imports write it.

Numbers of identity documents, telephone numbers and points on the map are not given out. A document is told
of (title, size, digest), its content stays behind the pages that write down who opened it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import django_filters  # type: ignore[import-untyped]  # it ships no types
from django.db import models
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from archives.api.views import GUARDS
from archives.filters import DivisionFilter
from archives.models import (
    Base,
    Delivery,
    Document,
    Filing,
    GreenControl,
    Honour,
    Licence,
    Pledge,
    Plot,
    Procedure,
    StaffMember,
    TrainingAttendance,
)

Words = str | Promise
_CHECK = "check_outcome checked_on check_note"
_END = "ended_on end_reason"


@dataclass(frozen=True)
class Noun:
    """One list. ``fields`` stand in the row; ``named`` are taken from a related row: path and label."""

    model: type[models.Model]
    label: Words
    fields: str
    named: Mapping[str, tuple[str, Any]] = field(default_factory=dict)
    only: models.Q = field(default_factory=models.Q)
    ended: str = "ended_on"

    @property
    def right(self) -> str:
        """The permission to view."""
        return f"archives.view_{self.model._meta.model_name}"

    @property
    def related(self) -> list[str]:
        """What one query fetches with the rows."""
        return sorted({"producer", *(path.split(".")[0] for path, _label in self.named.values())})


_PRODUCT = {"product": ("product.code", _("产品代码"))}
_TEXT = {"text": ("text.title", _("文本名称")), "text_version": ("text.version", _("文本版本"))}
NOUNS: dict[str, Noun] = {
    "licences": Noun(
        Licence, _("证照"), f"kind number issuer scope restricted issued_on valid_until {_CHECK} {_END}"
    ),
    "bases": Noun(Base, _("基地"), f"name address area_mu {_END}"),
    "plots": Noun(
        Plot, _("地块"), f"name area_mu {_END}",
        {"base": ("base.name", _("所属基地")), "crop": ("crop.code", _("种养品种（产品代码）")),
         "region": ("region.code", _("所在区划代码"))},
    ),
    "staff": Noun(
        StaffMember, _("内控与技术人员"),
        f"name duty from_on certificate_number certificate_issuer valid_until {_CHECK} {_END}",
    ),
    "honours": Noun(
        Honour, _("荣誉"), f"kind title level issuer document_number granted_on valid_until {_CHECK} {_END}"
    ),
    "trainings": Noun(
        TrainingAttendance, _("参加培训"), "attendee hours withdrawn_on withdraw_reason",
        {"title": ("session.title", _("培训内容")), "held_on": ("session.held_on", _("培训日期")),
         "organiser": ("session.organiser", _("组织单位"))},
        only=models.Q(producer__isnull=False), ended="withdrawn_on",
    ),
    "pledges": Noun(Pledge, _("信用承诺"), f"signed_on signer way {_END}", _TEXT),
    "notices": Noun(Delivery, _("告知书和明白纸送达"), f"delivered_on way receipt read_at {_END}", _TEXT),
    "filings": Noun(
        Filing, _("质量管理制度与应急预案"), f"kind title version filed_on valid_until {_CHECK} {_END}"
    ),
    "procedures": Noun(
        Procedure, _("操作规程"), f"title version standard in_force_on steps {_END}", _PRODUCT
    ),
    "green-controls": Noun(
        GreenControl, _("绿色防控措施"), f"measure area_mu begun_on detail {_CHECK} {_END}", _PRODUCT
    ),
    "documents": Noun(
        Document, _("档案文件目录"),
        f"uid title noun row_id content size sha256 personal keep_until erased_on {_END}",
    ),
}  # fmt: skip


class EntryList(generics.ListAPIView[Any]):
    """Entries of one noun of the producers in sight, the latest first."""

    permission_classes = GUARDS
    required_scope = "producers:read"
    ordering = "-id"
    noun: Noun

    def get_queryset(self) -> QuerySet[Any]:
        """Those that the caller may see."""
        rows: Any = self.noun.model._default_manager.all()
        seen: QuerySet[Any] = rows.visible_to(self.request.user).filter(self.noun.only)
        return seen.select_related(*self.noun.related)


def serializer_of(noun: Noun) -> type[serializers.ModelSerializer[Any]]:
    """The rows of a noun; codes of vocabularies as they are kept, related rows by what they are known by."""
    names = noun.fields.split()
    body: dict[str, Any] = {
        "producer": serializers.CharField(source="producer.key", read_only=True, label=_("主体编号"))
    }
    for name in names:
        column: Any = noun.model._meta.get_field(name)
        if column.choices is not None:
            body[name] = serializers.CharField(read_only=True, label=column.verbose_name)
    for name, (path, label) in noun.named.items():
        body[name] = serializers.CharField(
            source=path, read_only=True, label=label, allow_null=True, default=None
        )
    listed = ["id", "producer", *noun.named, *names, "entered_at"]
    meta = {"model": noun.model, "fields": listed, "read_only_fields": listed}
    body |= {"__doc__": f"One {noun.model.__name__} of a producer's file.", "Meta": type("Meta", (), meta)}
    return type(f"Kept{noun.model.__name__}Serializer", (serializers.ModelSerializer,), body)


def filter_of(noun: Noun) -> type[django_filters.FilterSet]:
    """By producer, division, whether it stands, and by what the noun has: kind, check, end of validity."""
    names = set(noun.fields.split())
    body: dict[str, Any] = {
        "producer": django_filters.CharFilter("producer__key", label=_("主体编号")),
        "region": DivisionFilter("producer__region__code", label=_("区划代码（含下级）")),
        "open": django_filters.BooleanFilter(noun.ended, "isnull", label=_("未终止的")),
    }  # fmt: skip
    for name in sorted(names & {"kind", "duty", "level", "measure", "way", "receipt", "check_outcome"}):
        column: Any = noun.model._meta.get_field(name)
        given = [(code, word) for code, word in column.choices if code]
        body[name] = django_filters.ChoiceFilter(choices=given, label=column.verbose_name)
    if "valid_until" in names:
        body["valid_until_from"] = django_filters.DateFilter("valid_until", "gte", label=_("有效期至（起）"))
        body["valid_until_to"] = django_filters.DateFilter("valid_until", "lte", label=_("有效期至（止）"))
    body["Meta"] = type("Meta", (), {"model": noun.model, "fields": []})
    return type(f"{noun.model.__name__}Filter", (django_filters.FilterSet,), body)


def view_of(noun: Noun) -> Callable[..., Any]:
    """A class of its own for each noun, so that the schema tells them apart."""
    rows = serializer_of(noun)

    def get(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One page."""
        return EntryList.get(self, request, *args, **kwargs)

    body = {
        "__doc__": EntryList.__doc__,
        "noun": noun,
        "queryset": noun.model._default_manager.none(),
        "serializer_class": rows,
        "filterset_class": filter_of(noun),
        "required_right": noun.right,
        "get": extend_schema(summary=noun.label)(get),
    }
    view: type[EntryList] = type(f"{noun.model.__name__}List", (EntryList,), body)
    return view.as_view()
