"""Endpoints of supervision; every row comes from ``visible_to``, every write is one service."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agricredit.foundation.accounts.api.permissions import HasRight, HasScope
from archives.models import Activity
from supervision import filters
from supervision.api import serializers
from supervision.models import FrequencyAssignment, GuidanceVisit, Inspection, Plan, Task
from supervision.services import checklist, visits


class Supervision(generics.GenericAPIView[Any]):
    """For people of the authority: no key has a scope for it."""

    permission_classes = [IsAuthenticated, HasScope, HasRight]
    related: tuple[str, ...] = ("producer",)

    def get_queryset(self) -> QuerySet[Any]:
        """What the caller may see."""
        rows: Any = super().get_queryset()
        visible: QuerySet[Any] = rows.visible_to(self.request.user)
        return visible.select_related(*self.related) if self.related else visible

    def checked(self, serializer: type[Any], request: Request) -> dict[str, Any]:
        """The request's content, or a refusal that names every field."""
        given = serializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        facts: dict[str, Any] = given.validated_data
        return facts


class PlanList(Supervision, generics.ListAPIView[Plan]):
    """Plans, the newest first."""

    required_right = "supervision.view_plan"
    queryset = Plan.objects.order_by("-id")
    serializer_class = serializers.PlanSerializer
    filterset_class = filters.PlanFilter
    related = ()


class TaskList(Supervision, generics.ListAPIView[Task]):
    """Tasks, the earliest due first."""

    required_right = "supervision.view_task"
    queryset = Task.objects.order_by("due_on", "id")
    serializer_class = serializers.TaskSerializer
    filterset_class = filters.TaskFilter
    related = ("producer", "assignee")


class FrequencyList(Supervision, generics.ListAPIView[FrequencyAssignment]):
    """Frequencies, the newest first."""

    required_right = "supervision.view_frequencyassignment"
    queryset = FrequencyAssignment.objects.order_by("-id")
    serializer_class = serializers.FrequencySerializer
    filterset_class = filters.FrequencyFilter


class GuidanceList(Supervision, generics.ListAPIView[GuidanceVisit]):
    """Guidance visits, the newest first; POST records one."""

    required_right = {"GET": "supervision.view_guidancevisit", "POST": "supervision.add_guidancevisit"}
    queryset = GuidanceVisit.objects.order_by("-id")
    serializer_class = serializers.GuidanceSerializer
    filterset_class = filters.GuidanceFilter
    related = ("producer", "visitor")

    @extend_schema(request=serializers.NewGuidanceSerializer, responses={201: serializers.GuidanceSerializer})
    def post(self, request: Request) -> Response:
        """201 with the visit, also when the same uid is sent again."""
        facts = self.checked(serializers.NewGuidanceSerializer, request)
        visit = visits.record_guidance(actor=request.user, **facts)
        return Response(self.get_serializer(visit).data, status=201)


class InspectionList(Supervision, generics.ListAPIView[Inspection]):
    """Inspections, the newest first; POST records one."""

    required_right = {"GET": "supervision.view_inspection", "POST": "supervision.add_inspection"}
    queryset = Inspection.objects.order_by("-id")
    serializer_class = serializers.InspectionSerializer
    filterset_class = filters.InspectionFilter
    related = ("producer", "officer", "second_officer")

    @extend_schema(
        request=serializers.NewInspectionSerializer, responses={201: serializers.InspectionSerializer}
    )
    def post(self, request: Request) -> Response:
        """201 with the inspection, also when the same uid is sent again."""
        facts = self.checked(serializers.NewInspectionSerializer, request)
        inspection = visits.record_inspection(actor=request.user, **facts)
        return Response(self.get_serializer(inspection).data, status=201)


EVERY_LIST = (Activity.PRODUCTION.value, Activity.INPUT_SALE.value)


class ItemList(APIView):
    """The item list of inspections, in its order."""

    permission_classes = [IsAuthenticated, HasScope, HasRight]
    required_right = "supervision.view_task"

    @extend_schema(summary=_("检查项目清单"), responses={200: serializers.ItemSerializer(many=True)})
    def get(self, request: Request) -> Response:
        """Every item with the law that lets officers look at it."""
        return Response(serializers.ItemSerializer(checklist.items(EVERY_LIST), many=True).data)
