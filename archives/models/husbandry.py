"""A farm's other records: batches, immunisation, packing, harmless disposal, packaging handed back."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from archives.models.products import Plot, Product
from archives.models.records import Harvest, Record, RecordStatus, positive
from archives.models.staff import Procedure


class _Placed(Record):
    """A record of one product, on one plot, pen or pond (none: the whole holding)."""

    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name=_("农产品"))
    plot = models.ForeignKey(
        Plot, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("地块")
    )

    class Meta(Record.Meta):
        abstract = True


class ProductionBatch(Record):
    """A batch (批次) from sowing, planting, stocking or release to its end; records name it.

    ``occurred_on`` is the day on which it began. ``procedure`` is the operating procedure (操作规程) of the
    producer's file that it follows: harvests of the batch are then produced to standard.
    """

    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name=_("农产品"))
    number = models.CharField(_("生产批次号"), max_length=40)
    plots = models.ManyToManyField(
        Plot, related_name="batches", blank=True, verbose_name=_("地块、栏舍或塘口")
    )
    variety = models.CharField(_("品种"), max_length=80, blank=True)
    origin = models.CharField(_("种苗来源"), max_length=120, blank=True)
    quarantine_number = models.CharField(_("检疫证明编号"), max_length=60, blank=True)
    quantity = models.DecimalField(_("投放数量"), max_digits=12, decimal_places=3, null=True, blank=True)
    unit = models.CharField(_("单位"), max_length=16, blank=True)
    procedure = models.ForeignKey(
        Procedure, models.PROTECT, null=True, blank=True, related_name="batches", verbose_name=_("操作规程")
    )
    ended_on = models.DateField(_("结束日期"), null=True, blank=True)

    class Meta(Record.Meta):
        verbose_name = _("生产批次")
        verbose_name_plural = _("生产批次")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Record.Meta.constraints,
            models.UniqueConstraint(
                name="productionbatch_number_is_unique_for_its_producer",
                fields=["producer", "number"],
                condition=models.Q(status=RecordStatus.ACTIVE),
            ),
            models.CheckConstraint(
                name="productionbatch_ends_after_it_begins",
                condition=models.Q(ended_on__isnull=True) | models.Q(ended_on__gte=models.F("occurred_on")),
            ),
            models.CheckConstraint(
                name="productionbatch_quantity_is_positive",
                condition=models.Q(quantity__isnull=True) | models.Q(quantity__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.number}"


class Immunisation(_Placed):
    """Animals immunised (防疫): 动物防疫法 art. 17, 农产品质量安全法 art. 27."""

    production = models.ForeignKey(
        ProductionBatch,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="immunisations",
        verbose_name=_("生产批次"),
    )
    disease = models.CharField(_("防疫病种"), max_length=80)
    vaccine = models.CharField(_("疫苗名称"), max_length=80)
    batch_number = models.CharField(_("疫苗批号"), max_length=40, blank=True)
    manufacturer = models.CharField(_("生产企业"), max_length=120, blank=True)
    quantity = models.DecimalField(_("免疫数量"), max_digits=12, decimal_places=3)
    unit = models.CharField(_("单位"), max_length=16)
    mark_range = models.CharField(_("畜禽标识号段"), max_length=120, blank=True)
    operator = models.CharField(_("操作人"), max_length=40, blank=True)

    class Meta(Record.Meta):
        verbose_name = _("防疫免疫")
        verbose_name_plural = _("防疫免疫")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Record.Meta.constraints,
            positive("immunisation_quantity_is_positive"),
        ]


class HarmlessCause(models.TextChoices):
    """Why something had to be disposed of."""

    DIED = "died", _("病死或死因不明")
    FAILED = "failed", _("检测不合格")
    SPOILT = "spoilt", _("变质、过期")


class HarmlessMethod(models.TextChoices):
    """How dead stock and unfit products were made harmless (动物防疫法 art. 57)."""

    COLLECTED = "collected", _("交专业处理场集中处理")
    RENDERED = "rendered", _("化制")
    BURNED = "burned", _("焚烧")
    BURIED = "buried", _("深埋")
    FERMENTED = "fermented", _("发酵")
    DESTROYED = "destroyed", _("销毁")


class HarmlessDisposal(_Placed):
    """Dead animals or unfit products made harmless (无害化处理)."""

    production = models.ForeignKey(
        ProductionBatch,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="disposals",
        verbose_name=_("生产批次"),
    )
    cause = models.CharField(_("原因"), max_length=8, choices=HarmlessCause.choices)
    method = models.CharField(_("处理方式"), max_length=12, choices=HarmlessMethod.choices)
    quantity = models.DecimalField(_("数量"), max_digits=12, decimal_places=3)
    unit = models.CharField(_("单位"), max_length=16)
    handler = models.CharField(_("处理单位"), max_length=120, blank=True)
    proof_number = models.CharField(_("处理凭证编号"), max_length=60, blank=True)

    class Meta(Record.Meta):
        verbose_name = _("无害化处理")
        verbose_name_plural = _("无害化处理")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Record.Meta.constraints,
            positive("harmlessdisposal_quantity_is_positive"),
        ]


class PackingWork(models.TextChoices):
    """What was done with a batch after harvest."""

    SORTED = "sorted", _("清洗分级")
    PACKED = "packed", _("包装")
    CHILLED = "chilled", _("预冷、保鲜")
    PROCESSED = "processed", _("初加工")


class Packing(Record):
    """Processing or packing of a batch, with the agents used (保鲜剂、防腐剂: 农产品质量安全法 art. 35)."""

    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name=_("农产品"))
    harvest = models.ForeignKey(
        Harvest, models.PROTECT, null=True, blank=True, related_name="packings", verbose_name=_("采收批次")
    )
    work = models.CharField(_("工序"), max_length=12, choices=PackingWork.choices)
    quantity = models.DecimalField(_("数量"), max_digits=12, decimal_places=3)
    unit = models.CharField(_("单位"), max_length=16)
    packages = models.PositiveIntegerField(_("包装件数"), null=True, blank=True)
    agent = models.CharField(_("保鲜剂、防腐剂或添加剂"), max_length=80, blank=True)
    agent_dose = models.CharField(_("用量"), max_length=40, blank=True)
    place = models.CharField(_("场所"), max_length=80, blank=True)

    class Meta(Record.Meta):
        verbose_name = _("加工包装")
        verbose_name_plural = _("加工包装")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Record.Meta.constraints,
            positive("packing_quantity_is_positive"),
        ]


class PackagingReturn(Record):
    """Empty packaging of inputs handed back (农药管理条例 art. 37; 农药包装废弃物回收处理管理办法)."""

    pieces = models.PositiveIntegerField(_("件数"))
    collection_point = models.CharField(_("回收点"), max_length=120)
    receipt_number = models.CharField(_("回收凭证编号"), max_length=60, blank=True)

    class Meta(Record.Meta):
        verbose_name = _("包装废弃物交回")
        verbose_name_plural = _("包装废弃物交回")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Record.Meta.constraints,
            positive("packagingreturn_pieces_are_positive", "pieces"),
        ]
