"""Who verifies for a township whose only officer entered the records himself, or is away."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.models import User
from agricredit.foundation.accounts.roles import Role
from agricredit.foundation.audit.services import record
from agricredit.foundation.common import clock
from archives.models import Region, RegionLevel, ReviewSubstitute

LONGEST = timedelta(days=366)


@transaction.atomic
def assign(
    *, region: Region, user: User, valid_from: date, valid_until: date, reason: str, actor: Any = None
) -> ReviewSubstitute:
    """Let an officer of the same county verify a township's records from a day to another, both included."""
    if region.level != RegionLevel.TOWNSHIP:
        raise ValidationError({"region": _("代核只能按乡镇安排。")})
    if not user.is_active or user.role != Role.TOWNSHIP_SUPERVISOR:
        raise ValidationError({"user": _("代核人员须是启用的乡镇监管员账号；县级人员本来就可以核实。")})
    if user.region_code[:6] != region.code[:6] or user.region_code == region.code:
        raise ValidationError({"user": _("请选择同一县（市、区）其他乡镇的监管员。")})
    if valid_until < max(valid_from, clock.today()) or valid_until - valid_from > LONGEST:
        raise ValidationError({"valid_until": _("结束日期应不早于今天和开始日期，最长一年。")})
    if not reason.strip():
        raise ValidationError({"reason": _("请填写理由。")})
    User.objects.select_for_update(no_key=True).get(pk=user.pk)  # the same twice at once is the same once
    overlapping = ReviewSubstitute.objects.filter(user=user, region=region, valid_until__gte=valid_from)
    if overlapping.filter(valid_from__lte=valid_until).exists():
        raise ValidationError(_("该人员在这段时间已经代核这个乡镇。"), code="standing")
    row = ReviewSubstitute.objects.create(
        region=region, user=user, valid_from=valid_from, valid_until=valid_until,
        reason=reason.strip()[:240], assigned_by=actor,
    )  # fmt: skip
    _note("review_substitute.assigned", row, actor, until=valid_until)
    return row


@transaction.atomic
def end(*, substitute: ReviewSubstitute, reason: str, actor: Any = None) -> ReviewSubstitute:
    """End an assignment before its time: it holds no longer from now on."""
    row: ReviewSubstitute = ReviewSubstitute.objects.select_for_update(of=("self",)).get(pk=substitute.pk)
    yesterday = clock.today() - timedelta(days=1)
    if row.valid_until <= yesterday:
        raise ValidationError(_("这项安排已经结束。"), code="ended")
    if not reason.strip():
        raise ValidationError({"reason": _("请填写理由。")})
    row.valid_until = yesterday
    row.valid_from = min(row.valid_from, yesterday)
    row.save(update_fields=["valid_from", "valid_until"])
    _note("review_substitute.ended", row, actor, ended=reason.strip())
    return row


def _note(verb: str, row: ReviewSubstitute, actor: Any, **facts: Any) -> None:
    record(
        verb=verb, actor=actor, target=row.region, region_code=row.region_id, user=str(row.user),
        reason=row.reason, **facts,
    )  # fmt: skip
