"""Filters of lists of certificates."""

from __future__ import annotations

import django_filters  # type: ignore[import-untyped]  # it ships no types
from django.utils.translation import gettext_lazy as _

from certificates.models import Certificate


class CertificateFilter(django_filters.FilterSet):  # type: ignore[misc]  # ships no types
    """By producer, product, status and day of issue."""

    producer = django_filters.CharFilter("producer__key", label=_("主体编号"))
    product = django_filters.CharFilter("product__code", label=_("产品代码"))
    issued_from = django_filters.DateFilter("issued_on", "gte", label=_("开具日期起"))
    issued_to = django_filters.DateFilter("issued_on", "lte", label=_("开具日期止"))

    class Meta:
        model = Certificate
        fields = ["status"]
