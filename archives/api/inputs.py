"""The input catalogue at the API: look-up by registration number, name or pinyin initials."""

from __future__ import annotations

from typing import Any

import django_filters  # type: ignore[import-untyped]  # it ships no types
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.permissions import IsAuthenticated

from agricredit.foundation.accounts.api.permissions import HasRight, HasScope
from archives.models import InputItem, InputKind, InputLabel, SubstanceRule


class LabelSerializer(serializers.ModelSerializer[InputLabel]):
    """One crop or animal of a label."""

    class Meta:
        model = InputLabel
        fields = [
            "crop", "covers", "commodity", "target", "least_days", "interval_days", "degree_days", "max_uses",
            "dose_min", "dose_max", "dose_unit",
        ]  # fmt: skip
        read_only_fields = fields


class InputSerializer(serializers.ModelSerializer[InputItem]):
    """One input; where ``verified`` is false its labels are hints that nobody compared with a label."""

    labels = LabelSerializer(many=True, read_only=True, label=_("标签内容"))

    class Meta:
        model = InputItem
        fields = [
            "code", "kind", "name", "english", "ingredient", "form", "registration_number", "manufacturer",
            "toxicity", "valid_until", "verified", "source", "labels",
        ]  # fmt: skip
        read_only_fields = fields


class InputFilter(django_filters.FilterSet):  # type: ignore[misc]  # ships no types
    """By text and kind."""

    q = django_filters.CharFilter(method="by_text", label=_("登记证号、通用名或拼音首字母"))
    kind = django_filters.ChoiceFilter(choices=InputKind.choices, label=_("投入品类别"))

    class Meta:
        model = InputItem
        fields: list[str] = []

    def by_text(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """The catalogue's own search."""
        found: QuerySet[Any] = rows.search(value)  # type: ignore[attr-defined]  # the model's own queryset
        return found


class SubstanceSerializer(serializers.ModelSerializer[SubstanceRule]):
    """One banned or restricted substance with the announcement it rests on."""

    class Meta:
        model = SubstanceRule
        fields = ["sort", "kind", "name", "covers", "excepted", "begins", "ends", "basis", "confirmed"]
        read_only_fields = fields


@extend_schema(summary=_("投入品目录"))
class InputList(generics.ListAPIView[InputItem]):
    """Inputs with what their labels say."""

    permission_classes = [IsAuthenticated, HasScope, HasRight]
    required_scope = "records:read"
    required_right = "archives.view_inputitem"
    queryset = InputItem.objects.prefetch_related("labels")
    serializer_class = InputSerializer
    filterset_class = InputFilter
    ordering = "id"


@extend_schema(summary=_("禁用和限用的投入品"))
class SubstanceList(generics.ListAPIView[SubstanceRule]):
    """What must not be used, on what, from when."""

    permission_classes = [IsAuthenticated, HasScope, HasRight]
    required_scope = "records:read"
    required_right = "archives.view_substancerule"
    queryset = SubstanceRule.objects.all()
    serializer_class = SubstanceSerializer
    filterset_fields = ["kind", "sort"]
    ordering = "id"
