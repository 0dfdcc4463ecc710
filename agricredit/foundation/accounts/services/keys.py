"""Writes about API keys."""

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.models import ApiKey, User
from agricredit.foundation.accounts.roles import Role
from agricredit.foundation.accounts.scopes import SCOPES
from agricredit.foundation.audit.services import record

#: Roles whose account a machine may use.
KEY_HOLDERS = frozenset({Role.AGENCY, Role.MARKET, Role.PRODUCER, Role.LABORATORY})


@transaction.atomic
def issue_key(
    *,
    name: str,
    user: User,
    scopes: Iterable[str],
    expires_at: datetime,
    region_code: str = "",
    actor: User | None = None,
) -> tuple[ApiKey, str]:
    """Make a key; return it with its full text, which is kept nowhere.

    Refused: accounts of staff, unknown scopes, an end in the past, a division outside the account's.
    """
    wanted = sorted(set(scopes))
    if user.role not in KEY_HOLDERS:
        raise ValidationError({"user": _("工作人员账号不能用作接口账号。")})
    unknown = [scope for scope in wanted if scope not in SCOPES]
    if unknown or not wanted:
        raise ValidationError({"scopes": _("请从列表中选择权限范围。")})
    if expires_at <= timezone.now():
        raise ValidationError({"expires_at": _("到期时间应晚于现在。")})
    if region_code and not (user.region_code and region_code.startswith(user.region_code)):
        raise ValidationError({"region_code": _("密钥的行政区划应在账号的行政区划之内。")})
    key = ApiKey(name=name, user=user, scopes=wanted, expires_at=expires_at, region_code=region_code)
    text = key.draw_secret()
    key.full_clean()
    key.save()
    record(
        verb="key.issued",
        actor=actor,
        target=key,
        region_code=region_code or user.region_code,
        holder=str(user),
        scopes=wanted,
    )
    return key, text


@transaction.atomic
def revoke_key(*, key: ApiKey, actor: User | None = None) -> ApiKey:
    """Stop a key for good; a second time changes nothing."""
    key = ApiKey.objects.select_for_update(of=("self",)).select_related("user").get(pk=key.pk)
    if key.revoked_at is None:
        key.revoked_at = timezone.now()
        key.save(update_fields=["revoked_at"])
        record(
            verb="key.revoked", actor=actor, target=key, region_code=key.region_code or key.user.region_code
        )
    return key
