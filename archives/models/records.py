"""Production records (生产记录) in their first form: what 农产品质量安全法 art. 27 asks for."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.common.templatetags.formats import full_date
from archives.models.producers import Producer
from archives.models.products import Plot, Product
from archives.querysets import RecordQuerySet


class RecordStatus(models.TextChoices):
    """A mis-entered record is reversed, never deleted: the law forbids altering them."""

    ACTIVE = "active", _("有效")
    REVERSED = "reversed", _("已撤销")


class EntryWay(models.TextChoices):
    """How the record came in; device and API entries count as automatic (GD-B4)."""

    FORM = "form", _("手工填写")
    API = "api", _("系统对接")
    DEVICE = "device", _("设备采集")
    IMPORT = "import", _("批量导入")


class InputKind(models.TextChoices):
    """What sort of input (投入品) was bought or used."""

    PESTICIDE = "pesticide", _("农药")
    FERTILISER = "fertiliser", _("肥料")
    VETERINARY_DRUG = "veterinary_drug", _("兽药")
    FEED = "feed", _("饲料及添加剂")
    SEED = "seed", _("种子种苗")
    OTHER = "other", _("其他")


class Doubt(models.TextChoices):
    """Why officers are to verify a record that was accepted with its reason."""

    OVER_BOUGHT = "over_bought", _("使用多于购买")
    OVER_HARVEST = "over_harvest", _("销售多于采收")
    OVER_YIELD = "over_yield", _("产量超出常规")
    SHORT_INTERVAL = "short_interval", _("间隔期短于目录所载标签")
    EXPIRED = "expired", _("登记证已过有效期")


class IntervalSource(models.TextChoices):
    """Where the days of an interval come from; a hint of the catalogue is never one of them."""

    LABEL = "label", _("标签（使用者填写）")
    CATALOGUE = "catalogue", _("目录（已核对标签）")
    NONE = "none", _("无间隔期")


class Record(models.Model):
    """What every record has. ``uid`` is drawn by the client, so that sending twice is recording once."""

    Status = RecordStatus

    uid = models.UUIDField(_("记录编号"), unique=True)
    producer = models.ForeignKey(Producer, models.PROTECT, related_name="+", verbose_name=_("生产主体"))
    occurred_on = models.DateField(_("发生日期"))
    entered_at = models.DateTimeField(_("录入时间"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("录入人")
    )
    entry = models.CharField(_("录入方式"), max_length=8, choices=EntryWay.choices, default=EntryWay.FORM)
    fingerprint = models.BinaryField(_("内容摘要"), max_length=32, editable=False)
    status = models.CharField(
        _("状态"), max_length=8, choices=RecordStatus.choices, default=RecordStatus.ACTIVE
    )
    reversed_at = models.DateTimeField(_("撤销时间"), null=True, blank=True)
    reversed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("撤销人")
    )
    reverse_reason = models.CharField(_("撤销理由"), max_length=240, blank=True)
    remark = models.CharField(_("备注"), max_length=240, blank=True)
    reason = models.CharField(_("情况说明"), max_length=240, blank=True)
    doubts = ArrayField(
        models.CharField(max_length=16, choices=Doubt.choices),
        verbose_name=_("待核实"),
        default=list,
        blank=True,
        editable=False,
    )

    objects = RecordQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="%(class)s_reversed_with_time_and_reason",
                condition=(
                    models.Q(status=RecordStatus.REVERSED, reversed_at__isnull=False)
                    & ~models.Q(reverse_reason="")
                )
                | models.Q(status=RecordStatus.ACTIVE, reversed_at__isnull=True, reverse_reason=""),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["producer", "-occurred_on", "-id"], name="%(class)s_by_day"),
            # Rows come in the order of their entry: a few kB find a week's among millions.
            BrinIndex(fields=["entered_at"], name="%(class)s_entered"),
            # The few that were taken back: other platforms are told of them in this order.
            models.Index(
                fields=["reversed_at"],
                name="%(class)s_reversed",
                condition=models.Q(reversed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {full_date(self.occurred_on)}"


def positive(name: str, field: str = "quantity") -> models.CheckConstraint:
    """The constraint that an amount is greater than nothing."""
    return models.CheckConstraint(name=name, condition=models.Q(**{f"{field}__gt": 0}))


class InputPurchase(Record):
    """Inputs bought: what, from whom, under which registration (农药管理条例 art. 36)."""

    kind = models.CharField(_("投入品类别"), max_length=16, choices=InputKind.choices)
    name = models.CharField(_("通用名"), max_length=80)
    ingredient = models.CharField(_("有效成分"), max_length=120, blank=True)
    registration_number = models.CharField(_("登记证号"), max_length=40, blank=True)
    batch_number = models.CharField(_("生产批号"), max_length=40, blank=True)
    manufacturer = models.CharField(_("生产企业"), max_length=120, blank=True)
    supplier = models.CharField(_("供应商"), max_length=120, blank=True)
    quantity = models.DecimalField(_("数量"), max_digits=12, decimal_places=3)
    unit = models.CharField(_("单位"), max_length=16)
    pack_quantity = models.DecimalField(
        _("每件净含量"), max_digits=10, decimal_places=3, null=True, blank=True
    )
    pack_unit = models.CharField(_("净含量单位"), max_length=16, blank=True)
    item = models.ForeignKey(
        "archives.InputItem",
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        verbose_name=_("投入品目录"),
    )

    class Meta(Record.Meta):
        verbose_name = _("投入品购买")
        verbose_name_plural = _("投入品购买")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Record.Meta.constraints,
            positive("inputpurchase_quantity_is_positive"),
            models.CheckConstraint(
                name="inputpurchase_pack_has_quantity_and_unit",
                condition=models.Q(pack_quantity__isnull=True, pack_unit="")
                | (models.Q(pack_quantity__gt=0) & ~models.Q(pack_unit="")),
            ),
        ]


class InputUse(Record):
    """Inputs used: on what, against what, how much, from when to when, and the label's interval in days."""

    purchase = models.ForeignKey(
        InputPurchase, models.PROTECT, null=True, blank=True, related_name="uses", verbose_name=_("采购记录")
    )
    kind = models.CharField(_("投入品类别"), max_length=16, choices=InputKind.choices)
    name = models.CharField(_("通用名"), max_length=80)
    ingredient = models.CharField(_("有效成分"), max_length=120, blank=True)
    registration_number = models.CharField(_("登记证号"), max_length=40, blank=True)
    batch_number = models.CharField(_("生产批号"), max_length=40, blank=True)
    manufacturer = models.CharField(_("生产企业"), max_length=120, blank=True)
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name=_("农产品"))
    plot = models.ForeignKey(
        Plot, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("地块")
    )
    production = models.ForeignKey(
        "archives.ProductionBatch",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="uses",
        verbose_name=_("生产批次"),
    )
    item = models.ForeignKey(
        "archives.InputItem",
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        verbose_name=_("投入品目录"),
    )
    area_mu = models.DecimalField(_("用药面积（亩）"), max_digits=10, decimal_places=2, null=True, blank=True)
    target = models.CharField(_("防治对象"), max_length=80, blank=True)
    method = models.CharField(_("用法"), max_length=80, blank=True)
    quantity = models.DecimalField(_("用量"), max_digits=12, decimal_places=3)
    unit = models.CharField(_("单位"), max_length=16)
    dilution = models.CharField(_("稀释倍数"), max_length=40, blank=True)
    stopped_on = models.DateField(_("停用日期"))
    interval_days = models.PositiveSmallIntegerField(_("安全间隔期（天）"), null=True, blank=True)
    interval_source = models.CharField(
        _("间隔期依据"),
        max_length=12,
        choices=IntervalSource.choices,
        default=IntervalSource.LABEL,
        editable=False,
    )
    # A drug for animals that give milk or eggs has a withdrawal of its own for each (兽药管理条例 art. 38).
    meat_days = models.PositiveSmallIntegerField(_("休药期：肉（天）"), null=True, blank=True)
    milk_days = models.PositiveSmallIntegerField(_("弃奶期（天）"), null=True, blank=True)
    egg_days = models.PositiveSmallIntegerField(_("弃蛋期（天）"), null=True, blank=True)
    degree_days = models.PositiveSmallIntegerField(_("休药期（度日）"), null=True, blank=True)
    water_temperature = models.DecimalField(
        _("水温（℃）"), max_digits=4, decimal_places=1, null=True, blank=True
    )
    harvest_from = models.DateField(_("最早可收获日"), editable=False)
    meat_from = models.DateField(_("肉最早可上市日"), null=True, blank=True, editable=False)
    milk_from = models.DateField(_("奶最早可上市日"), null=True, blank=True, editable=False)
    egg_from = models.DateField(_("蛋最早可上市日"), null=True, blank=True, editable=False)
    on_label = models.BooleanField(_("在登记范围内使用"), null=True, blank=True)
    operator = models.CharField(_("操作人"), max_length=40, blank=True)

    class Meta(Record.Meta):
        verbose_name = _("投入品使用")
        verbose_name_plural = _("投入品使用")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Record.Meta.constraints,
            positive("inputuse_quantity_is_positive"),
            models.CheckConstraint(
                name="inputuse_stops_after_it_begins",
                condition=models.Q(stopped_on__gte=models.F("occurred_on")),
            ),
            # 农药管理条例 art. 34: nothing may be harvested before the last day of use.
            models.CheckConstraint(
                name="inputuse_harvest_waits_for_the_last_day",
                condition=models.Q(harvest_from__gte=models.F("stopped_on")),
            ),
            models.CheckConstraint(
                name="inputuse_degree_days_have_a_temperature",
                condition=models.Q(degree_days__isnull=True) | models.Q(water_temperature__gt=0),
            ),
        ]


class PestObservation(Record):
    """A pest or disease seen, and what was done about it (art. 27, second item)."""

    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name=_("农产品"))
    plot = models.ForeignKey(
        Plot, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("地块")
    )
    production = models.ForeignKey(
        "archives.ProductionBatch",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="pests",
        verbose_name=_("生产批次"),
    )
    pest = models.CharField(_("病虫害或疫病"), max_length=80)
    severity = models.CharField(_("发生程度"), max_length=40, blank=True)
    treatment = models.CharField(_("防治措施"), max_length=240, blank=True)

    class Meta(Record.Meta):
        verbose_name = _("病虫害与疫病")
        verbose_name_plural = _("病虫害与疫病")


class HarvestWay(models.TextChoices):
    """How a batch leaves the ground, the pen or the pond (art. 27, third item: 收获、屠宰或者捕捞)."""

    PICKED = "picked", _("采收")
    ALIVE = "alive", _("出栏")
    SLAUGHTERED = "slaughtered", _("屠宰")
    CAUGHT = "caught", _("捕捞")
    COLLECTED = "collected", _("产蛋、产奶")


class Harvest(Record):
    """One batch harvested, slaughtered or caught (出栏、捕捞)."""

    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name=_("农产品"))
    plot = models.ForeignKey(
        Plot, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("地块")
    )
    production = models.ForeignKey(
        "archives.ProductionBatch",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="harvests",
        verbose_name=_("生产批次"),
    )
    way = models.CharField(
        _("收获方式"), max_length=12, choices=HarvestWay.choices, default=HarvestWay.PICKED
    )
    head_count = models.PositiveIntegerField(_("头（只）数"), null=True, blank=True)
    quarantine_number = models.CharField(_("检疫证明编号"), max_length=60, blank=True)
    batch = models.CharField(_("批次号"), max_length=40)
    quantity = models.DecimalField(_("数量"), max_digits=12, decimal_places=3)
    unit = models.CharField(_("单位"), max_length=16)
    standard = models.CharField(_("执行标准"), max_length=80, blank=True)
    interval_kept = models.BooleanField(_("遵守间隔期"), default=True, editable=False)
    # How often the interval was judged: a late or reversed use may change it. Numbers the event's uid.
    interval_checks = models.PositiveSmallIntegerField(_("间隔期核对次数"), default=1, editable=False)

    class Meta(Record.Meta):
        verbose_name = _("采收")
        verbose_name_plural = _("采收")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Record.Meta.constraints,
            positive("harvest_quantity_is_positive"),
            models.UniqueConstraint(
                name="harvest_batch_is_unique_for_its_producer",
                fields=["producer", "batch"],
                condition=models.Q(status=RecordStatus.ACTIVE),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.batch}"


class TestMethod(models.TextChoices):
    """How a self-test was made (art. 34: by itself or entrusted)."""

    __test__ = False  # pytest must not take it for a test class

    RAPID = "rapid", _("快速检测")
    SELF = "self", _("自有实验室检测")
    ENTRUSTED = "entrusted", _("委托检测")


class SelfTest(Record):
    """A producer's own or entrusted test. A failed one must be disposed of by ``disposal_due_on``."""

    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name=_("农产品"))
    harvest = models.ForeignKey(
        Harvest, models.PROTECT, null=True, blank=True, related_name="tests", verbose_name=_("采收批次")
    )
    method = models.CharField(_("检测方式"), max_length=12, choices=TestMethod.choices)
    items = models.CharField(_("检测项目"), max_length=160, blank=True)
    laboratory = models.CharField(_("检测机构"), max_length=120, blank=True)
    report_number = models.CharField(_("报告编号"), max_length=60, blank=True)
    passed = models.BooleanField(_("合格"))
    disposal_due_on = models.DateField(_("处置期限"), null=True, blank=True)
    disposed_on = models.DateField(_("处置日期"), null=True, blank=True)
    disposal = models.CharField(_("处置情况"), max_length=240, blank=True)
    disposal_settled = models.BooleanField(_("处置已计入"), default=False, editable=False)

    class Meta(Record.Meta):
        verbose_name = _("自行检测")
        verbose_name_plural = _("自行检测")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Record.Meta.constraints,
            models.CheckConstraint(
                name="selftest_failed_if_and_only_if_disposal_is_due",
                condition=models.Q(passed=True, disposal_due_on__isnull=True)
                | models.Q(passed=False, disposal_due_on__isnull=False),
            ),
        ]


class Sale(Record):
    """A batch or part of one sold: to whom, how much, under which trace code."""

    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name=_("农产品"))
    harvest = models.ForeignKey(
        Harvest, models.PROTECT, null=True, blank=True, related_name="sales", verbose_name=_("采收批次")
    )
    buyer = models.CharField(_("购买方"), max_length=120, blank=True)
    quantity = models.DecimalField(_("数量"), max_digits=12, decimal_places=3)
    unit = models.CharField(_("单位"), max_length=16)
    trace_code = models.CharField(_("追溯码"), max_length=64, blank=True)

    class Meta(Record.Meta):
        verbose_name = _("销售")
        verbose_name_plural = _("销售")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Record.Meta.constraints,
            positive("sale_quantity_is_positive"),
        ]
