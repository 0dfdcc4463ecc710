"""What all that a bureau keeps on a producer has in common: an owner, a beginning, an end, a check."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.common import clock
from archives.models.producers import Producer
from archives.querysets import KeptQuerySet

EARLIEST = datetime.date(1949, 10, 1)


class CheckOutcome(models.TextChoices):
    """What an officer found when comparing an entry with the document behind it."""

    NONE = "", _("待核验")
    PASS = "pass", _("核验通过")
    FAIL = "fail", _("核验不通过")


class Kept(models.Model):
    """One entry of a producer's file. It is never deleted: it ends, with a day and a reason."""

    producer = models.ForeignKey(
        Producer, models.PROTECT, related_name="%(class)s_set", verbose_name=_("生产主体")
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("录入人"),
    )  # fmt: skip
    entered_at = models.DateTimeField(_("录入时间"), default=clock.now)
    ended_on = models.DateField(_("终止日期"), null=True, blank=True)
    end_reason = models.CharField(_("终止原因"), max_length=240, blank=True)

    objects = KeptQuerySet.as_manager()

    #: Days that must not lie in the future, and the pairs (begin, end) that must be in order.
    past: ClassVar[tuple[str, ...]] = ()
    ordered: ClassVar[tuple[tuple[str, str], ...]] = ()

    class Meta:
        abstract = True

    def clean(self) -> None:
        """Every fault at once."""
        faults = self.faults()
        if faults:
            raise ValidationError(faults)

    def faults(self) -> dict[str, str]:
        """What is wrong by field: days out of order, or in the future where they tell of something done."""
        faults: dict[str, str] = {}
        for name in self.past:
            day = getattr(self, name)
            if day is not None and day > clock.today():
                faults[name] = _now("日期不能晚于今天。")
            elif day is not None and day < EARLIEST:
                faults[name] = _now("年份不对，请核对。")
        for begin, end in self.ordered:
            first, last = getattr(self, begin), getattr(self, end)
            if first is not None and last is not None and last < first and end not in faults:
                label = self._meta.get_field(begin).verbose_name  # type: ignore[union-attr]  # a column of this model has a name
                faults[end] = _now("不能早于“%(label)s”。") % {"label": label}
        return faults

    @property
    def ends_on(self) -> datetime.date | None:
        """The last day of its validity, None when it has no end."""
        return getattr(self, "valid_until", None)

    @property
    def has_expired(self) -> bool:
        """Whether its validity is over."""
        return self.ends_on is not None and self.ends_on < clock.today()

    @property
    def is_open(self) -> bool:
        """Whether it has neither been ended nor expired."""
        return self.ended_on is None and not self.has_expired


class Checked(Kept):
    """An entry that counts once an officer has compared it with the document."""

    Outcome = CheckOutcome

    check_outcome = models.CharField(
        _("核验结果"), max_length=4, choices=CheckOutcome.choices, blank=True, default=""
    )
    checked_on = models.DateField(_("核验日期"), null=True, blank=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("核验人"),
    )  # fmt: skip
    check_note = models.CharField(_("核验说明"), max_length=240, blank=True)

    class Meta:
        abstract = True


class Located(models.Model):
    """A place that may have a point, given only with the producer's consent (个人信息保护法 art. 13)."""

    latitude = models.DecimalField(_("纬度"), max_digits=8, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(_("经度"), max_digits=9, decimal_places=6, null=True, blank=True)
    consented_on = models.DateField(_("同意采集位置的日期"), null=True, blank=True)

    class Meta:
        abstract = True


#: China's outermost points: a swapped pair or a slip of the finger falls outside.
SOUTH, NORTH = Decimal(3), Decimal(54)
WEST, EAST = Decimal(73), Decimal(136)


def check_point(latitude: Any, longitude: Any, consented_on: Any) -> dict[str, str]:
    """What is wrong with a point, by field; nothing when it is whole and agreed to, or not given at all."""
    if latitude is None and longitude is None:
        return {}
    faults = {}
    if latitude is None or not SOUTH <= latitude <= NORTH:
        faults["latitude"] = _now("纬度应在3至54之间，如21.271134。")
    if longitude is None or not WEST <= longitude <= EAST:
        faults["longitude"] = _now("经度应在73至136之间，如110.359387。")
    if consented_on is None:
        faults["consented_on"] = _now("采集位置须先取得生产主体同意，请填写同意的日期。")
    elif consented_on > clock.today():
        faults["consented_on"] = _now("日期不能晚于今天。")
    return faults


def point_rules(name: str) -> list[models.BaseConstraint]:
    """The same as database rules; ``name`` begins their names."""
    none = models.Q(latitude__isnull=True, longitude__isnull=True)
    whole = models.Q(
        latitude__range=(SOUTH, NORTH), longitude__range=(WEST, EAST), consented_on__isnull=False
    )
    return [models.CheckConstraint(name=f"{name}_point_is_whole_and_agreed_to", condition=none | whole)]


def check_rules(name: str) -> list[models.BaseConstraint]:
    """An outcome has its day and comes from the list; an end has its reason."""
    return [
        models.CheckConstraint(
            name=f"{name}_check_has_its_day",
            condition=models.Q(check_outcome="", checked_on__isnull=True)
            | models.Q(check_outcome__in=("pass", "fail"), checked_on__isnull=False),
        ),
        *end_rules(name),
    ]


def end_rules(name: str) -> list[models.BaseConstraint]:
    """An end has its reason."""
    return [
        models.CheckConstraint(
            name=f"{name}_end_has_its_reason",
            condition=models.Q(ended_on__isnull=True) | ~models.Q(end_reason=""),
        )
    ]


def order_rule(name: str, begin: str, end: str) -> models.CheckConstraint:
    """``end`` is not before ``begin``, where both are given."""
    either = models.Q(**{f"{begin}__isnull": True}) | models.Q(**{f"{end}__isnull": True})
    return models.CheckConstraint(
        name=f"{name}_dates_are_in_order", condition=either | models.Q(**{f"{end}__gte": models.F(begin)})
    )


def area_rule(name: str) -> models.CheckConstraint:
    """An area, when given, is more than nothing."""
    return models.CheckConstraint(
        name=f"{name}_area_is_positive",
        condition=models.Q(area_mu__isnull=True) | models.Q(area_mu__gt=0),
        violation_error_message=_("面积须大于0。"),
    )
