"""Identities and licences: the codes and documents by which others know a producer."""

from __future__ import annotations

import datetime
import re
import unicodedata
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.common.codes import check_credit_code, check_identity_number
from agricredit.foundation.common.crypto import EncryptedTextField, keyed_hash
from agricredit.foundation.common.masking import mask_identity
from archives import vocabulary
from archives.models.kept import Checked, CheckOutcome, Kept, check_rules, end_rules, order_rule
from archives.shop_querysets import LicenceQuerySet

_NOT_IN_KEY = re.compile(r"[\W_]+")
_CHECKS = {"credit_code": check_credit_code, "identity": check_identity_number}


def number_key(text: str) -> str:
    """A number as it is compared: full width, case, blanks and punctuation do not count."""
    return _NOT_IN_KEY.sub("", unicodedata.normalize("NFKC", text)).upper()[:80]


class Relation(models.TextChoices):
    """Whose identity it is, seen from the producer."""

    SELF = "self", _("主体本身")
    LEGAL = "legal", _("法定代表人")
    PRINCIPAL = "principal", _("负责人、经营者")
    FAMILY = "family", _("家庭成员")
    PARTNER = "partner", _("出资人、合伙人")


class Identity(Kept):
    """One code of a producer or of a person behind it (一人多身份). Always encrypted; ``shown`` is its mask.

    The number's keyed hash has the same purpose as ``Producer.identity_hash``, so that one person behind two
    producers is found.
    """

    kind = models.CharField(_("证件种类"), max_length=32, choices=vocabulary.identities)
    relation = models.CharField(_("持证人"), max_length=12, choices=Relation.choices, default=Relation.SELF)
    holder = models.CharField(_("持证人姓名或名称"), max_length=80, blank=True)
    number = EncryptedTextField(_("证件号码"))
    number_hash = models.CharField(_("号码摘要"), max_length=64, editable=False)
    shown = models.CharField(_("号码（脱敏）"), max_length=80, editable=False)

    class Meta:
        verbose_name = _("身份标识")
        verbose_name_plural = _("身份标识")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["number_hash"], name="identity_number_hash"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                name="identity_is_kept_once",
                fields=["producer", "kind", "number_hash"],
                condition=models.Q(ended_on__isnull=True),
                violation_error_message=_("档案中已有这个号码。"),
            ),
            *end_rules("identity"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.shown}"

    def clean(self) -> None:
        """A number that its kind admits; the hash and the mask follow from it."""
        super().clean()
        text = str(self.number or "").strip()
        if not text or self.kind not in vocabulary.terms("identities"):
            return  # the fields' own checks say so
        try:
            text = _CHECKS.get(self.kind, number_key)(text)
        except ValidationError as error:
            raise ValidationError({"number": error.messages}) from error
        if not text:
            raise ValidationError({"number": _now("号码应含有数字或字母。")})
        person = bool(vocabulary.terms("identities")[self.kind].more.get("personal"))
        self.number = text
        self.number_hash = keyed_hash(text, "identity" if person else self.kind)
        self.shown = mask_identity(text) if person else text[:80]


#: Kinds under which inputs are sold (``dealing`` in the vocabulary); database rules need them as constants.
PESTICIDE_SALE = "pesticide_sale"
DEALING = (PESTICIDE_SALE, "veterinary_sale", "seed")


class Licence(Checked):
    """A licence or permit (证照). ``number_key`` is its number as it is compared and searched.

    A dealer's (农药管理条例 art. 24, 兽药管理条例 art. 22) is one of them; its trade waits for the check.
    """

    kind = models.CharField(_("证照种类"), max_length=32, choices=vocabulary.licences)
    number = models.CharField(_("证照编号"), max_length=80)
    number_key = models.CharField(_("检索编号"), max_length=80, editable=False)
    issuer = models.CharField(_("发证机关"), max_length=120, blank=True)
    scope = models.CharField(_("许可范围"), max_length=240, blank=True)
    issued_on = models.DateField(_("发证日期"), null=True, blank=True)
    valid_until = models.DateField(_("有效期至"), null=True, blank=True, help_text=_("长期有效的留空"))
    restricted = models.BooleanField(
        _("可经营限制使用农药（定点）"), default=False, db_default=False,
        help_text=_("农药经营许可证的许可范围含限制使用农药的才勾选"),
    )  # fmt: skip
    reminded_for = models.DateField(_("已提醒的到期日"), null=True, blank=True, editable=False)

    objects: ClassVar[Any] = LicenceQuerySet.as_manager()

    past = ("issued_on",)
    ordered = (("issued_on", "valid_until"),)

    class Meta:
        verbose_name = _("证照")
        verbose_name_plural = _("证照")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["number_key"], name="licence_number_key"),
            models.Index(
                fields=["valid_until", "id"],
                name="licence_ends",
                condition=models.Q(ended_on__isnull=True, valid_until__isnull=False),
            ),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                name="licence_is_kept_once",
                fields=["producer", "kind", "number_key"],
                condition=models.Q(ended_on__isnull=True),
                violation_error_message=_("档案中已有这个证照；换证后编号不变的，请改它的有效期。"),
            ),
            models.CheckConstraint(name="licence_number_is_given", condition=~models.Q(number_key="")),
            # One licence to trade stands for one shop; which of two holds it, the check decides.
            models.UniqueConstraint(
                name="licence_to_trade_is_one_shops",
                fields=["kind", "number_key"],
                condition=models.Q(ended_on__isnull=True, check_outcome="pass", kind__in=DEALING),
                violation_error_message=_("这个许可证号已经登记在另一家名下，请先核对。"),
            ),
            # Only pesticides have restricted ones (农药管理条例 art. 24).
            models.CheckConstraint(
                name="licence_restricted_is_for_pesticides",
                condition=models.Q(restricted=False) | models.Q(kind=PESTICIDE_SALE),
                violation_error_message=_("只有农药经营许可证才能含限制使用农药。"),
            ),
            order_rule("licence", "issued_on", "valid_until"),
            *check_rules("licence"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"

    def clean(self) -> None:
        """The number without its trimmings is what is compared."""
        self.number_key = number_key(self.number)
        super().clean()

    def is_in_force(self, on: datetime.date) -> bool:
        """Found true, valid on the day, not ended before it; in SQL ``LicenceQuerySet.in_force``."""
        standing = self.ended_on is None or self.ended_on > on
        begun = self.issued_on is None or self.issued_on <= on
        lasting = self.valid_until is None or self.valid_until >= on
        return self.check_outcome == CheckOutcome.PASS and standing and begun and lasting

    def faults(self) -> dict[str, str]:
        """A number of nothing but trimmings is none."""
        faults = super().faults()
        if self.number and not self.number_key:
            faults["number"] = _now("号码应含有数字或字母。")
        if self.restricted and self.kind != PESTICIDE_SALE:
            faults["restricted"] = _now("只有农药经营许可证才能含限制使用农药。")
        return faults
