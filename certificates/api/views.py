"""Endpoints of certificates; every row comes from ``visible_to``, every write is one service."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from agricredit.foundation.accounts.api.permissions import HasRight, HasScope
from certificates.api.serializers import (
    CertificateSerializer,
    SellSerializer,
    VerifiedSerializer,
    VoidSerializer,
)
from certificates.filters import CertificateFilter
from certificates.models import Certificate
from certificates.services import issuing, selling


class Certificates(generics.GenericAPIView[Certificate]):
    """What the endpoints of those who are known share."""

    permission_classes = [IsAuthenticated, HasScope, HasRight]
    queryset = Certificate.objects.all()
    serializer_class = CertificateSerializer
    lookup_field = "code"

    def get_queryset(self) -> QuerySet[Certificate]:
        """Of the producers that the caller may see."""
        rows = Certificate.objects.visible_to(self.request.user)  # type: ignore[arg-type]  # logged in
        return rows.select_related("producer", "product", "harvest", "sale")


class CertificateList(Certificates, generics.ListAPIView[Certificate]):
    """The newest first; POST sells and certifies."""

    required_scope = {"GET": "certificates:read", "POST": "certificates:write"}
    required_right = {"GET": "certificates.view_certificate", "POST": "certificates.add_certificate"}
    filterset_class = CertificateFilter
    ordering = "-id"

    @extend_schema(
        request=SellSerializer,
        responses={201: CertificateSerializer},
        summary=_("卖货开证：登记销售并开具合格证"),
    )
    def post(self, request: Request) -> Response:
        """201 with the certificate, also when the same uid is sent again."""
        given = SellSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        sold = selling.sell_and_certify(actor=request.user, **given.validated_data)
        return Response(self.get_serializer(sold.certificate).data, status=201)


class CertificateDetail(Certificates, generics.RetrieveAPIView[Certificate]):
    """One certificate by its code."""

    required_scope = "certificates:read"
    required_right = "certificates.view_certificate"


class CertificateVoid(Certificates):
    """Make a certificate void."""

    required_scope = "certificates:write"
    required_right = "certificates.void_certificate"

    @extend_schema(
        request=VoidSerializer, responses={200: CertificateSerializer}, summary=_("作废一张合格证")
    )
    def post(self, request: Request, code: str) -> Response:
        """200 with the void certificate; 400 when it is void already."""
        given = VoidSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = issuing.void(certificate=self.get_object(), actor=request.user, **given.validated_data)
        return Response(self.get_serializer(row).data)


@extend_schema(summary=_("按编号查验合格证"))
class CertificateVerification(generics.RetrieveAPIView[Certificate]):
    """Whether a code is genuine and not void; anyone may ask."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    queryset = Certificate.objects.select_related("producer", "product")
    serializer_class = VerifiedSerializer

    def get_object(self) -> Certificate:
        """By code, whatever the letters' case."""
        return get_object_or_404(self.get_queryset(), code=self.kwargs["code"].upper())
