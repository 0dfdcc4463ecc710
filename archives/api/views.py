"""Endpoints of the archives: every row from ``visible_to``, every write one service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agricredit.foundation.accounts.api.permissions import HasRight, HasScope
from archives.api import records as nouns
from archives.api.serializers import (
    EventSerializer,
    ProducerSerializer,
    ProductSerializer,
    RegionSerializer,
    ReverseSerializer,
)
from archives.filters import EventFilter, ProducerFilter, RecordFilter
from archives.models import (
    CreditEvent,
    HarmlessDisposal,
    Harvest,
    Immunisation,
    InputPurchase,
    InputUse,
    PackagingReturn,
    Packing,
    PestObservation,
    Producer,
    Product,
    ProductionBatch,
    Record,
    Region,
    Sale,
    SelfTest,
)
from archives.services import records

GUARDS = [IsAuthenticated, HasScope, HasRight]


@extend_schema(summary=_("行政区划"))
class RegionList(generics.ListAPIView[Region]):
    """Divisions; ``parent`` lists those right below one."""

    permission_classes = GUARDS
    required_scope = "producers:read"
    required_right = "archives.view_region"
    queryset = Region.objects.all()
    serializer_class = RegionSerializer
    filterset_fields = ["parent", "level"]
    ordering = "code"


@extend_schema(summary=_("农产品目录"))
class ProductList(generics.ListAPIView[Product]):
    """The catalogue."""

    permission_classes = GUARDS
    required_scope = "producers:read"
    required_right = "archives.view_product"
    queryset = Product.objects.all()
    serializer_class = ProductSerializer
    filterset_fields = ["category", "sector"]
    ordering = "code"


class _Producers(generics.GenericAPIView[Producer]):
    permission_classes = GUARDS
    required_scope = "producers:read"
    required_right = "archives.view_producer"
    queryset = Producer.objects.all()
    serializer_class = ProducerSerializer

    def get_queryset(self) -> QuerySet[Producer]:
        """Those the caller may see."""
        rows = Producer.objects.visible_to(self.request.user)
        return rows.select_related("region", "merged_into")


@extend_schema(summary=_("生产主体列表"))
class ProducerList(_Producers, generics.ListAPIView[Producer]):
    """Producers, by id."""

    filterset_class = ProducerFilter
    ordering = "id"


@extend_schema(summary=_("一个生产主体"))
class ProducerDetail(_Producers, generics.RetrieveAPIView[Producer]):
    """One producer by its key."""

    lookup_field = "key"


@extend_schema(summary=_("信用信息"))
class EventList(generics.ListAPIView[CreditEvent]):
    """Credit events, the last to arrive first."""

    permission_classes = GUARDS
    required_scope = "ledger:read"
    required_right = "archives.view_creditevent"
    queryset = CreditEvent.objects.all()
    serializer_class = EventSerializer
    filterset_class = EventFilter
    ordering = "-id"

    def get_queryset(self) -> QuerySet[CreditEvent]:
        """Those of the producers that the caller may see."""
        rows = CreditEvent.objects.visible_to(self.request.user)
        return rows.select_related("producer", "reverses", "repairs")


@dataclass(frozen=True)
class Noun:
    """One kind of record at the API."""

    model: type[Record]
    entry: type[serializers.Serializer[Any]]
    service: Callable[..., Record]
    label: str | Promise

    def right(self, act: str) -> str:
        """The permission for ``view`` or ``add``."""
        return f"archives.{act}_{self.model._meta.model_name}"


NOUNS: dict[str, Noun] = {
    "purchases": Noun(InputPurchase, nouns.PurchaseEntry, records.record_purchase, _("投入品购买记录")),
    "uses": Noun(InputUse, nouns.UseEntry, records.record_use, _("投入品使用记录")),
    "pests": Noun(PestObservation, nouns.PestEntry, records.record_pest, _("病虫害与疫病记录")),
    "harvests": Noun(Harvest, nouns.HarvestEntry, records.record_harvest, _("采收记录")),
    "self-tests": Noun(SelfTest, nouns.SelfTestEntry, records.record_self_test, _("自行检测记录")),
    "sales": Noun(Sale, nouns.SaleEntry, records.record_sale, _("销售记录")),
    "batches": Noun(ProductionBatch, nouns.BatchEntry, records.record_batch, _("生产批次")),
    "immunisations": Noun(
        Immunisation, nouns.ImmunisationEntry, records.record_immunisation, _("防疫免疫记录")
    ),
    "harmless-disposals": Noun(
        HarmlessDisposal, nouns.HarmlessEntry, records.record_harmless, _("无害化处理记录")
    ),
    "packings": Noun(Packing, nouns.PackingEntry, records.record_packing, _("加工包装记录")),
    "packaging-returns": Noun(
        PackagingReturn, nouns.PackagingEntry, records.record_packaging, _("包装废弃物交回记录")
    ),
}


class RecordList(generics.ListAPIView[Any]):
    """Records of one noun, the latest entry first; POST enters one."""

    permission_classes = GUARDS
    required_scope = {"GET": "records:read", "POST": "records:write"}
    filterset_class = RecordFilter
    ordering = "-id"
    noun: Noun

    def get_queryset(self) -> QuerySet[Any]:
        """Those of the producers that the caller may see."""
        related = [f.name for f in self.noun.model._meta.fields if f.name in nouns.RELATED]
        return self.noun.model.objects.visible_to(self.request.user).select_related(*related)

    def post(self, request: Request) -> Response:
        """201 with the record, also when the same uid is sent again; 409 when it names another."""
        given = self.noun.entry(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        row = self.noun.service(actor=request.user, **given.validated_data)
        return Response(self.get_serializer(row).data, status=201)


class RecordReversal(generics.GenericAPIView[Any]):
    """Take a mis-entered record back."""

    permission_classes = GUARDS
    required_scope = "records:write"
    noun: Noun

    def get_queryset(self) -> QuerySet[Any]:
        """Those of the producers that the caller may see."""
        return self.noun.model.objects.visible_to(self.request.user)

    def post(self, request: Request, uid: str) -> Response:
        """200 with the reversed record."""
        given = ReverseSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = get_object_or_404(self.get_queryset(), uid=uid)
        done = records.reverse_record(row=row, actor=request.user, **given.validated_data)
        return Response(self.get_serializer(done).data)


def list_view(noun: Noun) -> Callable[..., Any]:
    """The list of one noun."""
    rows = nouns.reading(noun.model)
    said = extend_schema(summary=format_lazy(_("查询{noun}"), noun=noun.label))
    titled = format_lazy(_("登记{noun}"), noun=noun.label)
    entered = extend_schema(summary=titled, request=noun.entry, responses={201: rows})
    view = _view(RecordList, noun, rows, {"GET": noun.right("view"), "POST": noun.right("add")})
    view.get = said(view.get)  # type: ignore[attr-defined]  # a view's method, wrapped
    view.post = entered(view.post)  # type: ignore[attr-defined]  # a view's method, wrapped
    return view.as_view()


def reversal_view(noun: Noun) -> Callable[..., Any]:
    """The reversal of one noun's records."""
    rows = nouns.reading(noun.model)
    view = _view(RecordReversal, noun, rows, noun.right("change"))
    titled = format_lazy(_("撤销一条{noun}"), noun=noun.label)
    said = extend_schema(summary=titled, request=ReverseSerializer, responses={200: rows})
    view.post = said(view.post)  # type: ignore[attr-defined]  # a view's method, wrapped
    return view.as_view()


def _view(base: type[APIView], noun: Noun, rows: Any, right: Any) -> type[APIView]:
    """A class of its own for each noun, so that the schema tells them apart."""
    own = {
        "noun": noun,
        "queryset": noun.model.objects.none(),
        "serializer_class": rows,
        "required_right": right,
    }
    for name in ("get", "post"):
        method = getattr(base, name, None)
        if method is not None:
            own[name] = _copy(method)
    return type(f"{noun.model.__name__}{base.__name__}", (base,), own)


def _copy(method: Callable[..., Any]) -> Callable[..., Any]:
    def own(self: Any, *args: Any, **kwargs: Any) -> Any:
        return method(self, *args, **kwargs)

    own.__doc__ = method.__doc__
    own.__name__ = method.__name__
    return own
