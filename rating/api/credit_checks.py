"""``POST /api/v1/credit-checks/``: another department asks about producers for a stated purpose."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agricredit.foundation.accounts.api.permissions import HasRight, HasScope
from rating.api.serializers import PointsField
from rating.models import Purpose
from rating.services import credit_checks

MOST = 100


class AskedSerializer(serializers.Serializer[Any]):
    """Who is asked about, and what for."""

    purpose = serializers.ChoiceField(choices=Purpose.choices, label=_("用途"))
    matter = serializers.CharField(max_length=200, label=_("具体事项"))
    producers = serializers.ListField(
        child=serializers.CharField(max_length=100),
        min_length=1,
        max_length=MOST,
        label=_("主体编号或统一社会信用代码"),
    )
    authorisation = serializers.CharField(
        max_length=100, required=False, default="", allow_blank=True, label=_("自然人授权书编号")
    )


class ListingSerializer(serializers.Serializer[Any]):
    """A list that the producer stands on."""

    listed_by = serializers.CharField(source="source", label=_("列入机关"))
    since = serializers.DateField(label=_("列入日"))
    until = serializers.DateField(allow_null=True, label=_("有效期至"))


class ConsequenceSerializer(serializers.Serializer[Any]):
    """What follows, and whether by law."""

    code = serializers.CharField(label=_("代码"))
    consequence = serializers.CharField(label=_("处理"))
    basis = serializers.CharField(label=_("依据"))
    entry = serializers.CharField(label=_("名单"))
    weight = serializers.CharField(label=_("效力"))


class AnswerSerializer(serializers.Serializer[Any]):
    """What is said of one producer; ``refusal`` is empty when it was answered."""

    asked = serializers.CharField(label=_("查询内容"))
    refusal = serializers.CharField(label=_("未答复的原因"))
    producer = serializers.CharField(source="producer.key", default="", label=_("主体编号"))
    name = serializers.CharField(source="producer.name", default="", label=_("名称"))
    grade = serializers.CharField(source="standing.official_grade", default="", label=_("农安信用等级"))
    year = serializers.IntegerField(source="standing.official_year", default=None, label=_("评价年度"))
    score = PointsField(source="standing.official_score", default=None, allow_null=True)
    objected = serializers.BooleanField(source="standing.objected", default=False, label=_("异议中"))
    lists = ListingSerializer(many=True, label=_("列入的名单"))
    duty_met = serializers.BooleanField(allow_null=True, label=_("承诺达标合格证义务是否履行"))
    reasons = serializers.ListField(child=serializers.CharField(), label=_("理由"))
    consequences = ConsequenceSerializer(many=True, label=_("处理"))


class CreditChecks(APIView):
    """Every producer asked about is written to the audit, with who asked and what for."""

    permission_classes = [IsAuthenticated, HasScope, HasRight]
    required_scope = {"POST": "credit-checks"}
    required_right = {"POST": "rating.check_standing"}

    @extend_schema(
        summary=_("信用核查：为所述用途查询主体的等级、名单和处理建议"),
        request=AskedSerializer,
        responses={200: AnswerSerializer(many=True)},
    )
    def post(self, request: Request) -> Response:
        """The answers in the order asked; 400 with the fields at fault."""
        given = AskedSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        asker: Any = request.user
        answers = credit_checks.check(
            asked=values["producers"],
            purpose=Purpose(values["purpose"]),
            matter=values["matter"],
            authorisation=values["authorisation"],
            actor=asker,
        )
        return Response(AnswerSerializer(answers, many=True).data)
