"""Letting people act for a producer, and no longer."""

from __future__ import annotations

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.roles import Role
from agricredit.foundation.audit.services import record
from agricredit.foundation.common import clock
from archives.models import Membership, MembershipRole, Producer, ProducerStatus

_MAY_HOLD = {
    MembershipRole.OWNER: {Role.PRODUCER},
    MembershipRole.HELPER: {Role.PRODUCER, Role.HELPER, Role.VILLAGE_ASSISTANT},
}


@transaction.atomic
def grant_membership(
    *,
    user: Any,
    producer: Producer,
    role: str,
    valid_from: datetime.date | None = None,
    valid_to: datetime.date | None = None,
    actor: Any = None,
) -> Membership:
    """Let ``user`` act for ``producer`` from a day (today) to before another (no end).

    Granting the same again returns what is there; another role must be revoked first.
    """
    begin = valid_from or clock.today()
    row = Producer.objects.select_for_update(no_key=True).get(pk=producer.pk)
    if row.status in (ProducerStatus.MERGED, ProducerStatus.CLOSED):
        raise ValidationError(_("该主体已合并或注销，不能再授权。"), code="status")
    if role not in MembershipRole.values:
        raise ValidationError({"role": _("身份只能是负责人或协助人。")})
    if not user.is_active or Role(user.role) not in _MAY_HOLD[MembershipRole(role)]:
        raise ValidationError({"user": _("这个账号不能担任该身份：须是启用的生产主体或协助人账号。")})
    if valid_to is not None and valid_to <= begin:
        raise ValidationError({"valid_to": _("失效日期须晚于生效日期。")})
    standing = Membership.objects.in_force(begin).filter(user=user, producer=row).first()
    if standing is not None:
        if standing.role == role and standing.valid_to == valid_to:
            return standing
        raise ValidationError(_("该用户已有办理此主体事务的权限，请先收回。"), code="standing")
    membership = Membership.objects.create(
        user=user, producer=row, role=role, granted_by=actor, valid_from=begin, valid_to=valid_to
    )
    record(
        verb="membership.granted",
        actor=actor,
        target=row,
        region_code=row.region_id,
        user=str(user),
        role=str(membership.get_role_display()),
    )
    return membership


@transaction.atomic
def revoke_membership(
    *, membership: Membership, reason: str, on: datetime.date | None = None, actor: Any = None
) -> Membership:
    """End a membership on a day (today: it holds no longer from now on)."""
    row = (
        Membership.objects.select_for_update(of=("self",))
        .select_related("producer", "user")
        .get(pk=membership.pk)
    )
    if not reason.strip():
        raise ValidationError({"reason": _("请填写理由。")})
    if row.valid_to is not None and row.valid_to <= clock.today():
        raise ValidationError(_("该权限已经失效。"), code="ended")
    row.valid_to = max(on or clock.today(), row.valid_from)
    row.save(update_fields=["valid_to"])
    record(
        verb="membership.revoked",
        actor=actor,
        target=row.producer,
        region_code=row.producer.region_id,
        user=str(row.user),
        reason=reason.strip(),
    )
    return row
