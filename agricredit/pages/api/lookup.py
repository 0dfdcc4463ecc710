"""The public look-up for machines: the same producers and the same words as on the public pages."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agricredit.pages.city import scheme_grades
from agricredit.pages.standings import face_of, history_of
from archives.models import Producer
from archives.models.producers import ProducerKind, ProducerStatus
from rating.models import Standing

LISTED = 20
QUERY_LENGTH = 80


class FoundSerializer(serializers.Serializer[Any]):
    """One hit. ``grade`` is the official one in force, empty when there is none: which is no bad sign."""

    key = serializers.CharField(label=_("主体编号"))
    name = serializers.CharField(label=_("名称"))
    kind = serializers.ChoiceField(choices=ProducerKind.choices, label=_("主体类型"))
    status = serializers.ChoiceField(choices=ProducerStatus.choices, label=_("状态"))
    credit_code = serializers.CharField(allow_null=True, label=_("统一社会信用代码"))
    region_code = serializers.CharField(label=_("行政区划代码"))
    region = serializers.CharField(label=_("所在区划"))
    grade = serializers.CharField(label=_("农安信用等级"))
    word = serializers.CharField(label=_("等级含义"))
    objected = serializers.BooleanField(label=_("异议中"))


class YearSerializer(serializers.Serializer[Any]):
    """A past year's grade that took effect."""

    year = serializers.IntegerField(label=_("评价年度"))
    grade = serializers.CharField(label=_("等级"))
    word = serializers.CharField(label=_("等级含义"))
    effective_on = serializers.DateField(allow_null=True, label=_("生效日"))


class PublicProducerSerializer(FoundSerializer):
    """A producer with what its grade says and its history."""

    says = serializers.ListField(child=serializers.CharField(), label=_("等级说明"))
    history = YearSerializer(many=True, label=_("历年等级"))


class PublicView(APIView):
    """For anyone, within the limits of how often; who is logged in makes no difference."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]


class PublicSearch(PublicView):
    """Search; natural persons are never found."""

    @extend_schema(
        summary=_("按名称、拼音首字母或统一社会信用代码查询主体"),
        parameters=[OpenApiParameter("q", str, required=True, description=str(_("查询内容")))],
        responses={200: FoundSerializer(many=True)},
    )
    def get(self, request: Request) -> Response:
        """The best hits, at most twenty; nothing for an empty query."""
        query = request.query_params.get("q", "")[:QUERY_LENGTH].strip()
        best = [row.pk for row in Producer.objects.public().ranked(query, LISTED)] if query else []
        rows = Producer.objects.select_related("region", "standing__official_run__scheme").in_bulk(best)
        return Response(FoundSerializer([_found(rows[key]) for key in best], many=True).data)


class PublicProducer(PublicView):
    """One producer by its key or its credit code."""

    @extend_schema(summary=_("查看一个主体的等级和历年等级"), responses={200: PublicProducerSerializer})
    def get(self, request: Request, key: str) -> Response:
        """A merged producer answers as what it became; natural persons as if unknown (404)."""
        named = Producer.objects.exclude(nature=Producer.Nature.NATURAL_PERSON)
        row = named.filter(key=key).first() or named.filter(credit_code=key.upper()).first()
        if row is None or not row.resolved.is_public:
            raise Http404
        producer = row.resolved
        face = face_of(producer)
        return Response(
            PublicProducerSerializer(
                {
                    **_facts(producer, face.grade, face.word, face.objected),
                    "says": face.says,
                    "history": history_of(producer),
                }
            ).data
        )


def _found(producer: Producer) -> dict[str, Any]:
    standing: Standing | None = getattr(producer, "standing", None)
    if standing is None or standing.official_run is None:
        return _facts(producer, "", "")
    words = scheme_grades(standing.official_run.scheme.document)
    grade = standing.official_grade
    word = str(words.get(grade, {}).get("word", ""))
    return _facts(producer, grade, word, bool(grade) and standing.objected)


def _facts(producer: Producer, grade: str, word: str, objected: bool = False) -> dict[str, Any]:
    return {
        "key": producer.key,
        "name": producer.name,
        "kind": producer.kind,
        "status": producer.status,
        "credit_code": producer.credit_code,
        "region_code": producer.region_id,
        "region": producer.region.full_name or producer.region.name,
        "grade": grade,
        "word": word,
        "objected": objected,
    }
