"""What the API takes and says about certificates."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from agricredit.foundation.accounts.api.fields import VisibleField
from agricredit.foundation.common.masking import mask_name
from archives.models import Harvest, Plot, Producer, Product
from certificates.models import Basis, Certificate


class CertificateSerializer(serializers.ModelSerializer[Certificate]):
    """One certificate as its producer and the authority read it."""

    producer = serializers.CharField(source="producer.key", read_only=True, label=_("主体编号"))
    product = serializers.CharField(source="product.code", read_only=True, label=_("产品代码"))
    product_name = serializers.CharField(source="product.name", read_only=True, label=_("产品"))
    origin = serializers.CharField(source="origin_id", read_only=True, label=_("产地区划代码"))
    harvest = serializers.UUIDField(
        source="harvest.uid", read_only=True, allow_null=True, label=_("采收记录编号")
    )
    sale = serializers.UUIDField(source="sale.uid", read_only=True, allow_null=True, label=_("销售记录编号"))
    page = serializers.SerializerMethodField(label=_("查验页地址"))

    class Meta:
        model = Certificate
        fields = [
            "code",
            "uid",
            "status",
            "producer",
            "issuer_name",
            "contact",
            "product",
            "product_name",
            "quantity",
            "form",
            "promise",
            "bases",
            "origin",
            "origin_text",
            "issued_on",
            "issued_at",
            "over_quantity_reason",
            "harvest",
            "sale",
            "voided_at",
            "void_reason",
            "page",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.URLField)
    def get_page(self, certificate: Certificate) -> str:
        """The address that the QR code holds."""
        return f"{settings.PUBLIC_URL}/c/{certificate.code}/"


class SellSerializer(serializers.Serializer[Any]):
    """卖货开证: a batch on record (``harvest``) or one harvested now is sold and certified."""

    uid = serializers.UUIDField(help_text=_("由调用方生成；同一编号重复提交只开一张"))
    producer = VisibleField(slug_field="key", queryset=Producer.objects.all(), label=_("主体编号"))
    product = serializers.SlugRelatedField(
        slug_field="code", queryset=Product.objects.all(), label=_("产品代码")
    )
    quantity = serializers.DecimalField(max_digits=12, decimal_places=3, min_value=0, label=_("数量"))
    unit = serializers.CharField(max_length=16, label=_("单位"), help_text=_("公斤、斤或吨"))
    bases = serializers.ListField(
        child=serializers.ChoiceField(choices=Basis.choices), allow_empty=False, label=_("承诺依据")
    )
    buyer = serializers.CharField(max_length=120, required=False, label=_("购买方"))
    plot = VisibleField(slug_field="id", queryset=Plot.objects.all(), required=False, label=_("地块编号"))
    harvest = VisibleField(
        slug_field="uid", queryset=Harvest.objects.all(), required=False, label=_("采收记录编号")
    )
    sold_on = serializers.DateField(required=False, label=_("销售日期"))
    over_quantity_reason = serializers.CharField(max_length=200, required=False, label=_("超量说明"))


class VoidSerializer(serializers.Serializer[Any]):
    """Why it is void."""

    reason = serializers.CharField(max_length=200, label=_("作废原因"))


class VerifiedSerializer(serializers.ModelSerializer[Certificate]):
    """What anyone may know who holds the code: no contact, a natural person's name masked, no grade."""

    genuine = serializers.SerializerMethodField(label=_("查验通过"))
    sentence = serializers.SerializerMethodField(label=_("查验结论"))
    issuer = serializers.SerializerMethodField(label=_("生产者"))
    product = serializers.CharField(source="product.name", read_only=True, label=_("产品"))
    status = serializers.ChoiceField(choices=Certificate.Status.choices, read_only=True, label=_("状态"))

    class Meta:
        model = Certificate
        fields = [
            "code",
            "genuine",
            "sentence",
            "status",
            "issuer",
            "product",
            "quantity",
            "origin_text",
            "promise",
            "bases",
            "issued_on",
            "voided_at",
        ]
        read_only_fields = fields

    def get_genuine(self, certificate: Certificate) -> bool:
        """Issued here and not void."""
        return certificate.status == Certificate.Status.ISSUED

    def get_sentence(self, certificate: Certificate) -> str:
        """The scan's answer in words; never a guarantee by the authority."""
        if certificate.status == Certificate.Status.ISSUED:
            return str(_("查验通过：证书真实、未作废，由生产者自行承诺"))
        return str(_("这张合格证已作废"))

    def get_issuer(self, certificate: Certificate) -> str:
        """The name on the certificate, masked for natural persons."""
        name = certificate.issuer_name
        return name if certificate.shows_grade else mask_name(name)
