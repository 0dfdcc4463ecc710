"""Producers (生产经营主体), whom everything else in the archives belongs to."""

from typing import ClassVar

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.common.crypto import EncryptedTextField
from archives.producer_querysets import ProducerQuerySet


class ProducerKind(models.TextChoices):
    """What sort of operator it is (DESIGN §3)."""

    ENTERPRISE = "enterprise", _("企业")
    COOPERATIVE = "cooperative", _("合作社")
    COLLECTIVE = "collective", _("集体经济组织")
    SERVICE_ORGANISATION = "service_organisation", _("社会化服务组织")
    FAMILY_FARM = "family_farm", _("家庭农场")
    LARGE_HOUSEHOLD = "large_household", _("种养大户")
    SMALLHOLDER = "smallholder", _("小农户")


# Those on whom the law lays the duty to keep records (农产品质量安全法 art. 27).
ORGANISED_KINDS: tuple[str, ...] = (
    ProducerKind.ENTERPRISE.value,
    ProducerKind.COOPERATIVE.value,
    ProducerKind.COLLECTIVE.value,
    ProducerKind.SERVICE_ORGANISATION.value,
)


class ProducerNature(models.TextChoices):
    """Its legal nature, which decides what may be shown in public (DESIGN §7)."""

    LEGAL_PERSON = "legal_person", _("法人")
    UNINCORPORATED = "unincorporated", _("非法人组织")
    INDIVIDUAL_BUSINESS = "individual_business", _("个体工商户")
    NATURAL_PERSON = "natural_person", _("自然人")


class ProducerStatus(models.TextChoices):
    """Whether it is at work; merged is an alias that reads resolve."""

    ACTIVE = "active", _("正常")
    PAUSED = "paused", _("停产")
    CLOSED = "closed", _("注销")
    MERGED = "merged", _("已合并")


class Sector(models.TextChoices):
    """The trades a producer is in."""

    CROPS = "crops", _("种植业")
    LIVESTOCK = "livestock", _("畜牧业")
    AQUACULTURE = "aquaculture", _("渔业")


class Activity(models.TextChoices):
    """What a subject of the register does. Only those who produce are rated; the others are supervised."""

    PRODUCTION = "production", _("生产")
    PURCHASE = "purchase", _("收购")
    STORAGE = "storage", _("贮存")
    TRANSPORT = "transport", _("运输")
    SLAUGHTER = "slaughter", _("屠宰")
    INPUT_SALE = "input_sale", _("农资经营")


def producing() -> list[str]:
    """What a subject does unless it says otherwise."""
    return [Activity.PRODUCTION.value]


# Walks up from the row; Lock.PRODUCER (9) lets two merges that would close a loop wait for each other.
_NO_LOOPS = """
    PERFORM pg_advisory_xact_lock(9, 0);
    IF EXISTS (
        WITH RECURSIVE chain AS (
            SELECT merged_into_id AS id FROM archives_producer WHERE id = NEW.id
            UNION
            SELECT p.merged_into_id FROM archives_producer p JOIN chain ON p.id = chain.id
        ) SELECT 1 FROM chain WHERE id = NEW.id
    ) THEN
        RAISE EXCEPTION 'producer % is merged into itself through others', NEW.key
            USING ERRCODE = 'check_violation', CONSTRAINT = 'producer_merges_make_no_loop';
    END IF;
    RETURN NULL;
"""

_MERGE_SET: pgtrigger.Operation = pgtrigger.UpdateOf("merged_into_id")  # type: ignore[no-untyped-call]  # the package is untyped
_MERGED = models.Q(status=ProducerStatus.MERGED)
_NATURAL = models.Q(nature=ProducerNature.NATURAL_PERSON)


@pghistory.track(
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    # The encrypted columns stay out: their hashes show that they changed, and no second copy needs erasing.
    exclude=["name_folded", "name_grams", "initials", "identity_number", "phone", "updated_at"],
    meta={"verbose_name": _("生产主体变更"), "verbose_name_plural": _("生产主体变更")},
)
class Producer(models.Model):
    """One producer. ``key`` is the stable key other systems know it by; personal numbers are encrypted."""

    Kind = ProducerKind
    Nature = ProducerNature
    Status = ProducerStatus

    key = models.CharField(_("主体编号"), max_length=64, unique=True)
    name = models.CharField(_("名称"), max_length=160)
    name_folded = models.CharField(_("检索名称"), max_length=160, editable=False, default="")
    name_grams = ArrayField(models.TextField(), verbose_name=_("名称片段"), default=list, editable=False)
    initials = models.CharField(_("拼音首字母"), max_length=160, blank=True, editable=False)
    kind = models.CharField(_("主体类型"), max_length=24, choices=ProducerKind.choices)
    nature = models.CharField(_("法律性质"), max_length=24, choices=ProducerNature.choices)
    sectors = ArrayField(
        models.CharField(max_length=16, choices=Sector.choices), verbose_name=_("行业"), default=list
    )
    activities = ArrayField(
        models.CharField(max_length=16, choices=Activity.choices), verbose_name=_("从事环节"),
        default=producing, db_default=RawSQL("ARRAY['production']::varchar[]", ()),
    )  # fmt: skip
    region = models.ForeignKey(
        "archives.Region", models.PROTECT, related_name="producers", verbose_name=_("所在区划")
    )
    credit_code = models.CharField(_("统一社会信用代码"), max_length=18, null=True, blank=True)
    identity_number = EncryptedTextField(_("公民身份号码"), null=True, blank=True)
    identity_hash = models.CharField(_("身份号码摘要"), max_length=64, null=True, blank=True, editable=False)
    contact_name = models.CharField(_("联系人"), max_length=80, blank=True)
    phone = EncryptedTextField(_("联系电话"), null=True, blank=True)
    phone_hash = models.CharField(_("电话摘要"), max_length=64, null=True, blank=True, editable=False)
    address = models.CharField(_("地址"), max_length=240, blank=True)
    registered_on = models.DateField(_("建档日期"))
    status = models.CharField(
        _("状态"), max_length=8, choices=ProducerStatus.choices, default=ProducerStatus.ACTIVE
    )
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="aliases", verbose_name=_("合并至")
    )
    is_generated = models.BooleanField(_("演示数据"), default=False)
    created_at = models.DateTimeField(_("登记时间"), auto_now_add=True)
    updated_at = models.DateTimeField(_("更新时间"), auto_now=True)

    objects = ProducerQuerySet.as_manager()

    class Meta:
        verbose_name = _("生产主体")
        verbose_name_plural = _("生产主体")
        indexes: ClassVar[list[models.Index]] = [
            # fastupdate off: a pending list would be scanned by every search after a big import.
            GinIndex(fields=["name_grams"], name="producer_name_grams", fastupdate=False),
            models.Index(OpClass("initials", name="text_pattern_ops"), name="producer_initials"),
            models.Index(fields=["phone_hash"], name="producer_phone_hash"),
            # The few subjects that do something else than produce, found among a million producers.
            models.Index(
                fields=["region", "id"],
                name="producer_other_activities",
                condition=~models.Q(activities=["production"]),
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Trigger(
                name="merges_make_no_loop",
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                operation=pgtrigger.Insert | _MERGE_SET,
                condition=pgtrigger.Q(new__merged_into__isnull=False),
                func=_NO_LOOPS,
            ),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="producer_is_merged_if_and_only_if_it_names_where",
                condition=(_MERGED & models.Q(merged_into__isnull=False))
                | (~_MERGED & models.Q(merged_into__isnull=True)),
            ),
            models.CheckConstraint(
                name="producer_is_not_merged_into_itself",
                condition=models.Q(merged_into__isnull=True) | ~models.Q(merged_into=models.F("id")),
            ),
            models.CheckConstraint(
                name="producer_natural_person_has_no_credit_code",
                condition=~_NATURAL | models.Q(credit_code__isnull=True),
            ),
            models.CheckConstraint(
                name="producer_organised_kind_is_no_natural_person",
                condition=~models.Q(kind__in=ORGANISED_KINDS) | ~_NATURAL,
            ),
            models.CheckConstraint(
                name="producer_kind_is_known", condition=models.Q(kind__in=ProducerKind.values)
            ),
            models.CheckConstraint(
                name="producer_nature_is_known", condition=models.Q(nature__in=ProducerNature.values)
            ),
            models.CheckConstraint(
                name="producer_status_is_known", condition=models.Q(status__in=ProducerStatus.values)
            ),
            models.CheckConstraint(
                name="producer_sectors_are_known", condition=models.Q(sectors__contained_by=Sector.values)
            ),
            models.CheckConstraint(
                name="producer_activities_are_known_and_given",
                condition=models.Q(activities__contained_by=Activity.values, activities__len__gt=0),
            ),
            models.CheckConstraint(
                name="producer_credit_code_has_18_characters",
                condition=models.Q(credit_code__isnull=True)
                | models.Q(credit_code__regex=r"^[0-9A-HJ-NPQRTUWXY]{18}$"),
            ),
            models.CheckConstraint(
                name="producer_identity_number_has_its_hash",
                condition=models.Q(identity_number__isnull=True) | models.Q(identity_hash__isnull=False),
            ),
            models.CheckConstraint(
                name="producer_key_and_name_are_given", condition=~models.Q(key="") & ~models.Q(name="")
            ),
            # A merged row keeps the codes it was known by, so they are unique only among the others.
            models.UniqueConstraint(
                name="producer_credit_code_is_unique", fields=["credit_code"], condition=~_MERGED
            ),
            models.UniqueConstraint(
                name="producer_identity_is_unique", fields=["identity_hash"], condition=~_MERGED
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_organised(self) -> bool:
        """Whether the law's record-keeping duties bind it (enterprise, cooperative, collective, service)."""
        return self.kind in ORGANISED_KINDS

    @property
    def produces(self) -> bool:
        """Whether it is a producer in the law's sense, and so rated; a mere shop or carrier is not."""
        return Activity.PRODUCTION in self.activities

    @property
    def subject_words(self) -> str:
        """What it is in words: a producer's kind, and what else it does."""
        kind = [self.get_kind_display()] if self.produces else []
        others = [Activity(name).label for name in self.activities if name != Activity.PRODUCTION]
        return "、".join(str(word) for word in [*kind, *others])

    @property
    def is_public(self) -> bool:
        """Whether the public may look it up: never a natural person, never a merged alias."""
        return self.nature != ProducerNature.NATURAL_PERSON and self.status != ProducerStatus.MERGED

    @property
    def resolved(self) -> "Producer":
        """The producer at the end of the ``merged_into`` chain, itself when it is not merged."""
        return self if self.merged_into_id is None else Producer.objects.resolve([self.pk])[self.pk]
