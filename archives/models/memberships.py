"""Who may act for a producer: its owner, and helpers the owner or an officer let in."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from archives.models.producers import Producer
from archives.querysets import MembershipQuerySet


class MembershipRole(models.TextChoices):
    """An owner acts in everything; a helper keeps records (代办)."""

    OWNER = "owner", _("负责人")
    HELPER = "helper", _("协助人")


class Membership(models.Model):
    """A person's right to act for a producer, from ``valid_from`` to before ``valid_to`` (none: no end)."""

    Role = MembershipRole

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="memberships", verbose_name=_("用户")
    )
    producer = models.ForeignKey(
        Producer, models.CASCADE, related_name="memberships", verbose_name=_("生产主体")
    )
    role = models.CharField(_("身份"), max_length=8, choices=MembershipRole.choices)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("授权人")
    )
    valid_from = models.DateField(_("生效日期"))
    valid_to = models.DateField(_("失效日期"), null=True, blank=True)
    created_at = models.DateTimeField(_("授权时间"), auto_now_add=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("主体成员")
        verbose_name_plural = _("主体成员")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                name="membership_open_once_for_each_user_and_producer",
                fields=["user", "producer"],
                condition=models.Q(valid_to__isnull=True),
            ),
            models.CheckConstraint(
                name="membership_role_is_known", condition=models.Q(role__in=MembershipRole.values)
            ),
            models.CheckConstraint(
                name="membership_ends_after_it_begins",
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gte=models.F("valid_from")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.producer}"
