"""Read endpoints; every list pages by keyset and shows only what ``visible_to`` the caller."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from agricredit.foundation.accounts.api.permissions import HasRight, HasScope
from archives.models import Producer
from rating.api.serializers import RatingSerializer, RunSerializer, SchemeSerializer, StandingSerializer
from rating.filters import RatingFilter, RunFilter, StandingFilter
from rating.models import Rating, RatingRun, Scheme, Standing
from rating.services import advice, explaining, telling


class Reading(generics.GenericAPIView[Any]):
    """What all endpoints here share."""

    permission_classes = [IsAuthenticated, HasScope, HasRight]
    required_scope = "producers:read"
    required_right = ""


class SchemeList(Reading, generics.ListAPIView[Scheme]):
    """Schemes, the newest version first."""

    required_right = "rating.view_scheme"
    serializer_class = SchemeSerializer
    queryset = Scheme.objects.all()
    ordering = "-id"

    def get_queryset(self) -> QuerySet[Scheme]:
        """Visible ones."""
        return Scheme.objects.visible_to(self.request.user)


class RunList(Reading, generics.ListAPIView[RatingRun]):
    """Runs, the newest first; trials (试评价) stay inside the back office."""

    required_right = "rating.view_ratingrun"
    serializer_class = RunSerializer
    queryset = RatingRun.objects.all()
    filterset_class = RunFilter
    ordering = "-id"

    def get_queryset(self) -> QuerySet[RatingRun]:
        """Visible ones."""
        return RatingRun.objects.visible_to(self.request.user).formal().select_related("scheme")


class RunDetail(Reading, generics.RetrieveAPIView[RatingRun]):
    """One run."""

    required_right = "rating.view_ratingrun"
    serializer_class = RunSerializer
    queryset = RatingRun.objects.all()

    def get_queryset(self) -> QuerySet[RatingRun]:
        """Visible ones."""
        return RatingRun.objects.visible_to(self.request.user).formal().select_related("scheme")


class RatingList(Reading, generics.ListAPIView[Rating]):
    """The newest version of each result of one run, by id."""

    required_right = "rating.view_rating"
    serializer_class = RatingSerializer
    queryset = Rating.objects.all()
    filterset_class = RatingFilter
    ordering = "id"

    def get_queryset(self) -> QuerySet[Rating]:
        """Results of a visible run, in the caller's own region."""
        if getattr(self, "swagger_fake_view", False):
            return Rating.objects.none()
        run = get_object_or_404(
            RatingRun.objects.visible_to(self.request.user).formal(), pk=self.kwargs["pk"]
        )
        results = Rating.objects.visible_to(self.request.user).current().with_objections().filter(run=run)
        return results.select_related("producer", "run__scheme")


class StandingList(Reading, generics.ListAPIView[Standing]):
    """Official grades in force, by producer."""

    required_right = "rating.view_standing"
    serializer_class = StandingSerializer
    queryset = Standing.objects.all()
    filterset_class = StandingFilter
    ordering = "producer"

    def get_queryset(self) -> QuerySet[Standing]:
        """Of the producers the caller may see."""
        return Standing.objects.visible_to(self.request.user).select_related("producer")


class Explanation(Reading):
    """Why a producer has its grade of a year: every reading, its points, and the events behind it."""

    required_right = "rating.view_rating"
    queryset = Rating.objects.all()

    @extend_schema(
        parameters=[OpenApiParameter("key", str, OpenApiParameter.PATH)], responses={200: OpenApiTypes.OBJECT}
    )
    def get(self, request: Request, key: str, year: int) -> Response:
        """404 for a producer that the caller may not see, or without a result of that year."""
        producer = get_object_or_404(Producer.objects.visible_to(request.user), key=key)
        rating = explaining.latest_rating(
            producer,
            year,
            Rating.objects.visible_to(request.user).filter(producer=producer, run__trial=False),
        )
        if rating is None:
            return Response(status=404)
        return Response(telling.as_document(explaining.explain_rating(rating)))


class Advice(Reading):
    """The estimate of the last 365 days: what is missing, and the cheapest honest way to the next grade."""

    required_right = "rating.view_standing"
    queryset = Standing.objects.all()

    @extend_schema(
        parameters=[OpenApiParameter("key", str, OpenApiParameter.PATH)], responses={200: OpenApiTypes.OBJECT}
    )
    def get(self, request: Request, key: str) -> Response:
        """404 for a producer that the caller may not see, or that takes no part in the rating."""
        producer = get_object_or_404(Producer.objects.visible_to(request.user), key=key)
        try:
            return Response(advice.as_document(advice.advise(producer)))
        except ValidationError:
            return Response(status=404)
