"""What the API says of producers, events, divisions and products. No personal numbers, no contact."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from agricredit.foundation.accounts.roles import Role
from agricredit.foundation.common.masking import mask_name
from archives.ledger.drafts import hundredths
from archives.models import CreditEvent, Producer, ProducerNature, Product, Region

#: Roles of other bodies: they look producers up for a purpose of their own.
OUTSIDE = frozenset({Role.AGENCY, Role.MARKET})


class RegionSerializer(serializers.ModelSerializer[Region]):
    """One division."""

    parent = serializers.CharField(  # type: ignore[assignment]  # a field, not the serializer's own parent
        source="parent_id", read_only=True, allow_null=True, label=_("上级代码")
    )

    class Meta:
        model = Region
        fields = ["code", "name", "full_name", "level", "parent", "valid_from", "valid_to"]
        read_only_fields = fields


class ProductSerializer(serializers.ModelSerializer[Product]):
    """One product of the catalogue."""

    class Meta:
        model = Product
        fields = ["code", "name", "category", "sector", "certificate_required"]
        read_only_fields = fields


class ProducerSerializer(serializers.ModelSerializer[Producer]):
    """One producer; ``merged_into`` is the key of the one that a merged producer is read as.

    Another body sees a natural person's name masked: it asks by the key or number that it was given.
    """

    name = serializers.SerializerMethodField(label=_("名称"))
    region = serializers.CharField(source="region_id", read_only=True, label=_("区划代码"))
    region_name = serializers.CharField(source="region.full_name", read_only=True, label=_("所在区划"))
    merged_into = serializers.CharField(
        source="merged_into.key", read_only=True, allow_null=True, default=None, label=_("合并至")
    )

    class Meta:
        model = Producer
        fields = [
            "key",
            "name",
            "kind",
            "nature",
            "sectors",
            "activities",
            "region",
            "region_name",
            "credit_code",
            "registered_on",
            "status",
            "merged_into",
            "is_generated",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.CharField)
    def get_name(self, producer: Producer) -> str:
        """The name as this caller may read it."""
        request = self.context.get("request")
        outside = getattr(getattr(request, "user", None), "role", None) in OUTSIDE
        person = producer.nature == ProducerNature.NATURAL_PERSON
        return mask_name(producer.name) if outside and person else producer.name


class EventSerializer(serializers.ModelSerializer[CreditEvent]):
    """One credit event in the words of ``events.csv``; notes are not given out here."""

    producer = serializers.CharField(source="producer.key", read_only=True, label=_("主体编号"))
    kind = serializers.SerializerMethodField(label=_("信息类型"))
    kind_name = serializers.SerializerMethodField(label=_("信息名称"))
    outcome = serializers.ChoiceField(
        choices=["pass", "fail", "none"], source="outcome_name", read_only=True, label=_("结果")
    )
    value = serializers.SerializerMethodField("written_value", label=_("数值（两位小数，无则为空）"))
    region = serializers.CharField(source="region_id", read_only=True, label=_("区划代码"))
    reverses = serializers.CharField(
        source="reverses.uid", read_only=True, allow_null=True, default=None, label=_("冲销的信息编号")
    )
    repairs = serializers.CharField(
        source="repairs.uid", read_only=True, allow_null=True, default=None, label=_("修复的信息编号")
    )

    class Meta:
        model = CreditEvent
        fields = [
            "uid",
            "producer",
            "kind",
            "kind_name",
            "outcome",
            "value",
            "occurred_on",
            "valid_until",
            "recorded_at",
            "region",
            "source",
            "incident",
            "reverses",
            "repairs",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.CharField)
    def get_kind(self, event: CreditEvent) -> str:
        """The kind's name."""
        return event.event_kind.name

    @extend_schema_field(serializers.CharField)
    def get_kind_name(self, event: CreditEvent) -> str:
        """The kind's label."""
        return str(event.event_kind.label)

    @extend_schema_field(serializers.CharField)
    def written_value(self, event: CreditEvent) -> str:
        """Two decimals."""
        return hundredths(event.value)


class ReverseSerializer(serializers.Serializer[Any]):
    """Why a record is taken back."""

    reason = serializers.CharField(max_length=240, label=_("撤销理由"))
