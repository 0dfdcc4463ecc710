"""Products, which producer grows which, and the plots they stand on."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from archives.models.kept import Kept, Located, area_rule, check_point, end_rules, point_rules
from archives.models.producers import Producer, Sector
from archives.querysets import OwnedQuerySet, ProductQuerySet


class RiskClass(models.TextChoices):
    """How likely a product is to exceed limits; of the products of a producer the highest counts."""

    LOW = "low", _("低风险")
    GENERAL = "general", _("一般风险")
    HIGH = "high", _("高风险")


class Product(models.Model):
    """One entry of the catalogue; ``certificate_required``: the 承诺达标合格证 order covers it."""

    code = models.CharField(_("产品代码"), max_length=32, unique=True)
    name = models.CharField(_("产品名称"), max_length=80)
    category = models.CharField(_("产品类别"), max_length=40)
    sector = models.CharField(_("行业"), max_length=16, choices=Sector.choices)
    certificate_required = models.BooleanField(_("应开具合格证"), default=True)
    risk = models.CharField(
        _("风险类别"), max_length=8, choices=RiskClass.choices, default=RiskClass.GENERAL,
        db_default=RiskClass.GENERAL,
    )  # fmt: skip
    # Milk, eggs and meat of one animal wait for each other's withdrawal periods.
    animal = models.CharField(_("畜种"), max_length=16, blank=True)
    yield_kg_per_mu = models.PositiveIntegerField(
        _("每亩年产量上限（公斤）"),
        null=True,
        blank=True,
        help_text=_("超出的采收须说明原因；不填不核对"),
    )
    packages_per_mu = models.DecimalField(
        _("每亩年投入品包装（件）"),
        max_digits=6,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("按规模估计的应回收包装件数；不填不估计"),
    )

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("农产品")
        verbose_name_plural = _("农产品")
        ordering: ClassVar[list[str]] = ["code"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="product_sector_is_known", condition=models.Q(sector__in=Sector.values)
            ),
            models.CheckConstraint(
                name="product_risk_is_known", condition=models.Q(risk__in=RiskClass.values)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ProducerProduct(models.Model):
    """That a producer grows a product; records may only name products it has."""

    producer = models.ForeignKey(
        Producer, models.CASCADE, related_name="products", verbose_name=_("生产主体")
    )
    product = models.ForeignKey(Product, models.PROTECT, related_name="growers", verbose_name=_("农产品"))
    area_mu = models.DecimalField(_("面积（亩）"), max_digits=10, decimal_places=2, null=True, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("主体产品")
        verbose_name_plural = _("主体产品")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(name="producer_has_each_product_once", fields=["producer", "product"]),
            models.CheckConstraint(
                name="producer_product_area_is_positive",
                condition=models.Q(area_mu__isnull=True) | models.Q(area_mu__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.producer} · {self.product}"


class Base(Kept, Located):
    """A base (基地): plots that lie together and are run as one; area in mu (亩)."""

    name = models.CharField(_("基地名称"), max_length=80)
    address = models.CharField(_("地址"), max_length=240, blank=True)
    area_mu = models.DecimalField(_("面积（亩）"), max_digits=10, decimal_places=2, null=True, blank=True)

    class Meta:
        verbose_name = _("基地")
        verbose_name_plural = _("基地")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                name="base_name_is_unique_for_its_producer",
                fields=["producer", "name"],
                condition=models.Q(ended_on__isnull=True),
                violation_error_message=_("已有叫这个名字的基地。"),
            ),
            area_rule("base"),
            *end_rules("base"),
            *point_rules("base"),
        ]

    def __str__(self) -> str:
        return self.name

    def faults(self) -> dict[str, str]:
        """A point is whole and agreed to."""
        return super().faults() | check_point(self.latitude, self.longitude, self.consented_on)


class Plot(Kept, Located):
    """A piece of ground, a shed or a pond of one producer; area in mu (亩). It ends, it is not deleted."""

    producer = models.ForeignKey(Producer, models.CASCADE, related_name="plots", verbose_name=_("生产主体"))
    name = models.CharField(_("地块"), max_length=80)
    area_mu = models.DecimalField(_("面积（亩）"), max_digits=10, decimal_places=2, null=True, blank=True)
    region = models.ForeignKey(
        "archives.Region", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("所在区划")
    )
    base = models.ForeignKey(
        Base, models.SET_NULL, null=True, blank=True, related_name="plots", verbose_name=_("所属基地")
    )
    crop = models.ForeignKey(
        Product, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("种养品种")
    )

    class Meta:
        verbose_name = _("地块")
        verbose_name_plural = _("地块")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                name="plot_name_is_unique_for_its_producer",
                fields=["producer", "name"],
                violation_error_message=_("已有叫这个名字的地块。"),
            ),
            models.CheckConstraint(
                name="plot_area_is_positive",
                condition=models.Q(area_mu__isnull=True) | models.Q(area_mu__gt=0),
                violation_error_message=_("面积须大于0。"),
            ),
            *end_rules("plot"),
            *point_rules("plot"),
        ]

    def __str__(self) -> str:
        return self.name

    def faults(self) -> dict[str, str]:
        """A point is whole and agreed to."""
        return super().faults() | check_point(self.latitude, self.longitude, self.consented_on)
