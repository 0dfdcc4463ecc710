"""What the API takes and says about supervision."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from agricredit.foundation.accounts.api.fields import VisibleField
from agricredit.foundation.accounts.models import User
from archives.models import Producer
from supervision.models import (
    EnforcementCertificate,
    FrequencyAssignment,
    GuidanceVisit,
    Inspection,
    Plan,
    Task,
)
from supervision.services.checklist import ANSWERS


class PlanSerializer(serializers.ModelSerializer[Plan]):
    """A division's plan for a year."""

    class Meta:
        model = Plan
        fields = ["id", "region_code", "year", "inspection_cap", "made_at", "published_at"]
        read_only_fields = fields


class OfProducerSerializer(serializers.ModelSerializer[Any]):
    """What rows of a producer begin with."""

    producer = serializers.CharField(source="producer.key", read_only=True, label=_("主体编号"))
    name = serializers.CharField(source="producer.name", read_only=True, label=_("生产经营主体"))
    region_code = serializers.CharField(source="producer.region_id", read_only=True, label=_("行政区划代码"))


class TaskSerializer(OfProducerSerializer):
    """One visit that a plan asks for."""

    assignee = serializers.CharField(
        source="assignee.name", read_only=True, allow_null=True, label=_("承办人")
    )

    class Meta:
        model = Task
        fields = [
            "id", "plan", "producer", "name", "region_code", "kind", "month", "due_on", "state", "done_on",
            "assignee",
        ]  # fmt: skip
        read_only_fields = fields


class FrequencySerializer(OfProducerSerializer):
    """How often a producer is visited in a year; ``visits`` null: no limit."""

    class Meta:
        model = FrequencyAssignment
        fields = [
            "producer", "name", "region_code", "year", "grade", "risk", "flags", "visits", "sampling",
            "monthly_follow_up", "assigned_at",
        ]  # fmt: skip
        read_only_fields = fields


class GuidanceSerializer(OfProducerSerializer):
    """A guidance visit."""

    visitor = serializers.CharField(source="visitor.name", read_only=True, label=_("巡查人"))

    class Meta:
        model = GuidanceVisit
        fields = [
            "uid", "producer", "name", "region_code", "task", "visited_on", "visitor", "observations",
            "advice", "entered_at",
        ]  # fmt: skip
        read_only_fields = fields


class InspectionSerializer(OfProducerSerializer):
    """An administrative inspection."""

    officer = serializers.CharField(source="officer.name", read_only=True, label=_("执法人员一"))
    second_officer = serializers.CharField(
        source="second_officer.name", read_only=True, label=_("执法人员二")
    )
    items = serializers.DictField(child=serializers.CharField(), label=_("检查项目"), source="answers")

    class Meta:
        model = Inspection
        fields = [
            "uid", "producer", "name", "region_code", "task", "reason", "inspected_on", "officer",
            "officer_certificate", "second_officer", "second_certificate", "authority", "notice_number",
            "items", "result", "finding", "cooperation_lacked", "signature", "witness", "entered_at",
        ]  # fmt: skip
        read_only_fields = fields

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """The answers by item, as they were sent."""
        instance.answers = {row["code"]: row["answer"] for row in instance.items}
        return super().to_representation(instance)


class _VisitSerializer(serializers.Serializer[Any]):
    """What both kinds of visit begin with."""

    uid = serializers.UUIDField(label=_("客户端编号"), help_text=_("由调用方生成；同一编号重复提交只记一次"))
    producer = VisibleField(slug_field="key", queryset=Producer.objects.all(), label=_("主体编号"))
    task = VisibleField(slug_field="id", queryset=Task.objects.all(), required=False, label=_("任务"))


class NewGuidanceSerializer(_VisitSerializer):
    """A guidance visit to record."""

    visited_on = serializers.DateField(label=_("巡查日期"))
    observations = serializers.CharField(max_length=5000, label=_("情况"))
    advice = serializers.CharField(max_length=5000, required=False, allow_blank=True, label=_("指导意见"))


class NewInspectionSerializer(_VisitSerializer):
    """An inspection to record; the first officer is the caller."""

    inspected_on = serializers.DateField(label=_("检查日期"))
    second_officer_certificate = serializers.CharField(max_length=40, label=_("执法证号二"))
    notice_number = serializers.CharField(max_length=60, label=_("检查通知书文号"))
    items = serializers.DictField(child=serializers.ChoiceField(choices=tuple(ANSWERS)), label=_("检查项目"))
    result = serializers.ChoiceField(choices=Inspection.Result.choices, label=_("检查结果"))
    finding = serializers.CharField(max_length=5000, required=False, allow_blank=True, label=_("问题描述"))
    cooperation_lacked = serializers.BooleanField(required=False, label=_("配合不足"))
    signature = serializers.ChoiceField(choices=Inspection.Signature.choices, label=_("签字"))
    witness = serializers.CharField(
        max_length=100, required=False, allow_blank=True, label=_("见证人或录像编号")
    )
    reason = serializers.ChoiceField(choices=Inspection.Reason.choices, required=False, label=_("检查事由"))

    def validate_second_officer_certificate(self, number: str) -> User:
        """The officer who holds it, of the caller's own county (or city)."""
        region = self.context["request"].user.region_code[:6]
        held = EnforcementCertificate.objects.select_related("user").filter(
            number=number, user__is_active=True, user__region_code__startswith=region
        )
        found = held.first()
        if found is None:
            raise serializers.ValidationError(_("本地区没有这个执法证号。"))
        officer: User = found.user
        return officer

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """As the service takes it."""
        attrs["second_officer"] = attrs.pop("second_officer_certificate")
        return attrs


class ItemSerializer(serializers.Serializer[Any]):
    """One thing that an inspection may look at."""

    code = serializers.CharField(label=_("项目代码"))
    name = serializers.CharField(label=_("检查项目"))
    clause = serializers.CharField(label=_("依据"))
