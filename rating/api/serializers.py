"""What the API says of schemes, runs, results and standings. Scores are points with two decimals, as text."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from rating.models import Rating, RatingRun, Scheme, Standing
from rating.services import schemes
from rating.services.exporting import decimal_text


class PointsField(serializers.IntegerField):
    """Hundredths of a point as text with two decimals: 8250 is "82.50"."""

    def to_representation(self, value: Any) -> str:  # type: ignore[override]  # text, so that nothing is lost
        """The points."""
        return decimal_text(int(value), 2)


class SchemeSerializer(serializers.ModelSerializer[Scheme]):
    """A scheme and its whole document."""

    class Meta:
        model = Scheme
        fields = ["code", "version", "name", "state", "valid_from", "sha256", "document"]


class RunSerializer(serializers.ModelSerializer[RatingRun]):
    """A run: what it read, and how far it is."""

    scheme = serializers.CharField(source="scheme.code", read_only=True)

    class Meta:
        model = RatingRun
        fields = [
            "id",
            "scheme",
            "region_code",
            "year",
            "window_end",
            "state",
            "producers",
            "seal_size",
            "seal_root",
            "roll_sha256",
            "summary",
            "started_at",
            "computed_at",
            "noticed_on",
            "notice_until",
            "effective_on",
            "superseded_on",
        ]


class RatingSerializer(serializers.ModelSerializer[Rating]):
    """One result. While ``status`` is pending, ``grade`` is computed only and has no effect; while
    ``objected``, an objection to it is being dealt with."""

    producer = serializers.CharField(source="producer.key", read_only=True)
    name = serializers.CharField(source="producer.name", read_only=True)
    year = serializers.IntegerField(source="run.year", read_only=True)
    scheme = serializers.CharField(source="run.scheme.code", read_only=True)
    region_code = serializers.CharField(source="region_id", read_only=True)
    score = PointsField()
    base = PointsField()
    bonus = PointsField()
    deductions = PointsField()
    vetoes = serializers.SerializerMethodField()
    objected = serializers.BooleanField(read_only=True)

    class Meta:
        model = Rating
        fields = [
            "id",
            "run",
            "producer",
            "name",
            "region_code",
            "year",
            "scheme",
            "version",
            "status",
            "grade",
            "score",
            "base",
            "bonus",
            "deductions",
            "vetoes",
            "objected",
        ]

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_vetoes(self, rating: Rating) -> list[str]:
        """Codes of the vetoes that hold, in table order."""
        return list(schemes.parsed(rating.run.scheme).veto_codes(rating.vetoes))


class StandingSerializer(serializers.ModelSerializer[Standing]):
    """The official grade in force. The live estimate is another thing and has a page of its own."""

    producer = serializers.CharField(source="producer.key", read_only=True)
    name = serializers.CharField(source="producer.name", read_only=True)
    official_score = PointsField(allow_null=True)

    class Meta:
        model = Standing
        fields = [
            "producer",
            "name",
            "status",
            "official_grade",
            "official_score",
            "official_year",
            "since",
            "objected",
            "previous_grade",
            "previous_year",
        ]
