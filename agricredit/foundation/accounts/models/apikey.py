"""Keys with which an agency's, a market's or a company's machine calls the API."""

import hashlib
import secrets

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.accounts.querysets import ApiKeyQuerySet

from .user import check_region_code

PREFIX_LENGTH = 8


def digest_of(secret: str) -> str:
    """SHA-256 of a key's secret part; it is 32 random bytes, so a slow hash would add nothing."""
    return hashlib.sha256(secret.encode()).hexdigest()


class ApiKey(models.Model):
    """A key of the form ``prefix.secret``; only the prefix and the secret's digest are kept."""

    name = models.CharField(_("名称"), max_length=100)
    prefix = models.CharField(_("前缀"), max_length=PREFIX_LENGTH, unique=True, editable=False)
    digest = models.CharField(_("摘要"), max_length=64, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="api_keys", verbose_name=_("账号")
    )
    scopes = ArrayField(models.CharField(max_length=50), verbose_name=_("权限范围"), default=list, blank=True)
    region_code = models.CharField(
        _("行政区划代码"), max_length=12, blank=True, default="", validators=[check_region_code]
    )
    created_at = models.DateTimeField(_("创建时间"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("到期时间"))
    revoked_at = models.DateTimeField(_("吊销时间"), null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(_("最近使用"), null=True, blank=True, editable=False)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("接口密钥")
        verbose_name_plural = _("接口密钥")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"

    @property
    def is_usable(self) -> bool:
        """Neither revoked nor past its end, and its account still active."""
        return self.revoked_at is None and self.expires_at > timezone.now() and self.user.is_active

    def draw_secret(self) -> str:
        """Give the key a new prefix and secret; return the whole key, which can never be read again."""
        self.prefix = secrets.token_hex(PREFIX_LENGTH // 2)
        secret = secrets.token_urlsafe(32)
        self.digest = digest_of(secret)
        return f"{self.prefix}.{secret}"

    def matches(self, secret: str) -> bool:
        """Whether ``secret`` is this key's, compared in constant time."""
        return secrets.compare_digest(self.digest, digest_of(secret))
