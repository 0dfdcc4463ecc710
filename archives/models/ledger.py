"""The ledger's tables (DESIGN §4). Rows are written by ``archives.services.ledger`` only and never changed.

Triggers of migration ``0002_ledger`` refuse UPDATE, DELETE and TRUNCATE to everyone; the one exception is the
erasure of notes (``archives.services.notes``).
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from archives.ledger import outcomes
from archives.ledger.kinds import (
    KIND_BY_NUMBER,
    KINDS,
    NEGATIVE_NUMBERS,
    OPEN_NUMBERS,
    PAUSE,
    REPAIR,
    VALUE_LIMIT,
    EventKind,
)
from archives.ledger.querysets import CreditEventQuerySet, EventNoteQuerySet, SealQuerySet

UID_LENGTH = 200
_PERCENTILE = KINDS["public_credit.percentile"]
FACT_SOURCES = ("import.tests", "import.penalties", "import.public_credit")
"""What events of official tests, penalties and public-credit items say they come from (``models.facts``)."""
_REVERSAL = Q(reverses__isnull=False)
_REPAIR = Q(repairs__isnull=False)


class AppendOnly(models.Model):
    """A row that no form, admin page or shell may write or remove: the ledger's services write it by SQL."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Refused; the services insert by SQL."""
        raise TypeError(f"{type(self).__name__} is written by the ledger's services only")

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refused; the ledger keeps what it has."""
        raise TypeError(f"{type(self).__name__} is never deleted")


class CreditEvent(AppendOnly):
    """One fact about a producer's credit. ``id`` is the order of arrival and may have gaps.

    ``value`` is in hundredths; ``note_hash`` is SHA-256(salt ‖ note), null when there is no note. The row
    holds no personal data.
    """

    class Outcome(models.IntegerChoices):
        """What was found, where the kind can pass or fail."""

        NONE = outcomes.NONE, _("无")
        PASS = outcomes.PASS, _("合格")
        FAIL = outcomes.FAIL, _("不合格")

    id = models.BigAutoField(primary_key=True)
    uid = models.CharField(_("信息编号"), max_length=UID_LENGTH, db_collation="C", unique=True)
    producer = models.ForeignKey(
        "archives.Producer", models.PROTECT, related_name="+", verbose_name=_("生产主体"), db_index=False
    )
    kind = models.SmallIntegerField(_("信息类型"), choices=[(n, k.label) for n, k in KIND_BY_NUMBER.items()])
    outcome = models.SmallIntegerField(_("结果"), choices=Outcome.choices, default=outcomes.NONE)
    value = models.BigIntegerField(_("数值（百分之一）"), null=True)
    occurred_on = models.DateField(_("发生日期"))
    valid_until = models.DateField(_("有效期至"), null=True)
    recorded_at = models.DateTimeField(_("记录时间"))
    region = models.ForeignKey(
        "archives.Region", models.PROTECT, related_name="+", verbose_name=_("行政区划"), db_index=False
    )
    source = models.CharField(_("来源"), max_length=200, blank=True, default="")
    incident = models.CharField(_("事件编号"), max_length=200, blank=True, default="", db_collation="C")
    note_hash = models.BinaryField(_("备注摘要"), max_length=32, null=True)
    reverses = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="reversals", verbose_name=_("冲销"), db_index=False
    )
    repairs = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        related_name="repair_events",
        verbose_name=_("修复"),
        db_index=False,
    )

    objects = CreditEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("信用信息")
        verbose_name_plural = _("信用信息")
        default_permissions = ("view",)
        indexes: ClassVar[list[models.Index]] = [
            BrinIndex(fields=["occurred_on"], name="creditevent_occurred_on_brin"),
            models.Index(fields=["producer", "occurred_on"], name="creditevent_producer_day"),
            # Holds all that a rating reads of these kinds: earlier years are never scanned for them.
            models.Index(
                fields=["producer", "kind", "occurred_on"],
                include=["outcome", "value", "valid_until", "id"],
                name="creditevent_open_kinds",
                condition=Q(kind__gte=OPEN_NUMBERS.start, kind__lt=OPEN_NUMBERS.stop),
            ),
            models.Index(
                fields=["kind", "outcome", "occurred_on"],
                name="creditevent_negative_kinds",
                condition=Q(kind__in=NEGATIVE_NUMBERS),
            ),
            models.Index(fields=["repairs"], name="creditevent_repairs", condition=_REPAIR),
            models.Index(fields=["incident"], name="creditevent_incident", condition=~Q(incident="")),
            # Decided facts by their documents: lists and exports walk the first, other platforms the second.
            models.Index(
                fields=["source", "id"], name="creditevent_fact_lists", condition=Q(source__in=FACT_SOURCES)
            ),
            models.Index(
                fields=["source", "recorded_at", "id"],
                name="creditevent_documents",
                condition=Q(source__in=FACT_SOURCES),
            ),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                name="creditevent_is_reversed_once", fields=["reverses"], condition=_REVERSAL
            ),
            models.CheckConstraint(name="creditevent_uid_is_given", condition=~Q(uid="")),
            models.CheckConstraint(name="creditevent_kind_is_a_number", condition=Q(kind__gt=0)),
            models.CheckConstraint(
                name="creditevent_outcome_is_0_1_or_2", condition=Q(outcome__in=(0, 1, 2))
            ),
            models.CheckConstraint(
                name="creditevent_value_is_in_range",
                condition=Q(value__isnull=True)
                | Q(value__gte=0, value__lte=VALUE_LIMIT)
                | Q(kind=_PERCENTILE.number, value__gte=_PERCENTILE.minimum, value__lt=0),
            ),
            models.CheckConstraint(
                name="creditevent_ends_after_it_begins",
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("occurred_on")),
            ),
            models.CheckConstraint(
                name="creditevent_reversal_has_no_end_and_repairs_nothing",
                condition=~_REVERSAL | Q(valid_until__isnull=True, repairs__isnull=True),
            ),
            models.CheckConstraint(
                name="creditevent_repair_names_what_it_repairs",
                condition=(Q(kind=REPAIR.number) & (_REVERSAL | _REPAIR))
                | (~Q(kind=REPAIR.number) & ~_REPAIR),
            ),
            models.CheckConstraint(
                name="creditevent_pause_fits_a_year",
                condition=~Q(kind=PAUSE.number) | Q(value__isnull=False, value__lte=36600),
            ),
            models.CheckConstraint(
                name="creditevent_refers_to_what_came_before",
                condition=(Q(reverses__isnull=True) | Q(reverses__lt=F("id")))
                & (Q(repairs__isnull=True) | Q(repairs__lt=F("id"))),
            ),
        ]

    def __str__(self) -> str:
        return self.uid

    @property
    def event_kind(self) -> EventKind:
        """The registry's entry for this event's kind."""
        return KIND_BY_NUMBER[self.kind]

    @property
    def outcome_name(self) -> str:
        """pass, fail or none, as the exchange files write it."""
        return outcomes.OUTCOME_NAMES[self.outcome]


class EventNote(AppendOnly):
    """The note and display facts of an event; what the law says must go is erased here, never in the ledger.

    ``salt`` (16 bytes) keeps a short note from being guessed from its hash; erasure takes it as well.
    """

    event = models.OneToOneField(CreditEvent, models.PROTECT, primary_key=True, related_name="note_row")
    salt = models.BinaryField(_("盐"), max_length=16)
    note = models.TextField(_("备注"), blank=True, default="")
    facts = models.JSONField(_("展示信息"), default=dict)
    erased_at = models.DateTimeField(_("清除时间"), null=True)
    erased_because = models.CharField(_("清除依据"), max_length=200, blank=True, default="")

    objects = EventNoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("信用信息备注")
        verbose_name_plural = _("信用信息备注")
        default_permissions = ("view",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="eventnote_is_whole_or_erased",
                condition=Q(erased_at__isnull=True, erased_because="")
                | (Q(erased_at__isnull=False, note="", facts={}, salt=b"") & ~Q(erased_because="")),
            ),
        ]

    def __str__(self) -> str:
        return self.note


class Seal(AppendOnly):
    """The ledger's first ``size`` events (id ≤ ``last_id``), sealed. A seal is named by its size.

    ``chained`` binds root, size and moment to the seal before (``archives.ledger.merkle.chain``). ``tail``
    are the hashes of the leaves after the last complete tile, 32 bytes each.
    """

    size = models.BigIntegerField(_("封存条数"), primary_key=True)
    last_id = models.BigIntegerField(_("末条序号"))
    root = models.BinaryField(_("默克尔根"), max_length=32)
    previous = models.BinaryField(_("前一封存链值"), max_length=32)
    chained = models.BinaryField(_("链值"), max_length=32)
    tail = models.BinaryField(_("尾部哈希"), default=b"")
    sealed_at = models.DateTimeField(_("封存时间"))

    objects = SealQuerySet.as_manager()

    class Meta:
        verbose_name = _("账本封存")
        verbose_name_plural = _("账本封存")
        default_permissions = ("view",)
        ordering: ClassVar[list[str]] = ["-size"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="seal_size_is_not_negative", condition=Q(size__gte=0, last_id__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return str(self.size)


class LedgerTile(AppendOnly):
    """The hash over one complete run of 256^level leaves, so that sealing never reads an old leaf again.

    ``last_id`` is the id of its last leaf: positions are found from it without counting the ledger.
    ``leaves`` are the leaves' own hashes (32 bytes each, level 1 only), so that a changed row can be named.
    """

    level = models.SmallIntegerField(_("层级"))
    number = models.BigIntegerField(_("序号"))
    last_id = models.BigIntegerField(_("末条序号"))
    hash = models.BinaryField(_("哈希"), max_length=32)
    leaves = models.BinaryField(_("叶哈希"), default=b"")

    class Meta:
        verbose_name = _("账本分块")
        verbose_name_plural = _("账本分块")
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(name="ledgertile_is_hashed_once", fields=["level", "number"]),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["level", "last_id"], name="ledgertile_last_id"),
        ]

    def __str__(self) -> str:
        return f"{self.level}/{self.number}"
