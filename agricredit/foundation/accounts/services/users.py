"""Writes about accounts: each one transaction, one audit line. Refusals are Django's ValidationError."""

import secrets

from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agricredit.foundation.accounts.models import User
from agricredit.foundation.accounts.roles import STAFF, Role
from agricredit.foundation.audit.services import record

from . import rules

#: Letters and digits that cannot be taken for one another when read aloud.
READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
#: What ``change_details`` may correct, as the audit calls it.
DETAILS = {"name": gettext_lazy("姓名"), "phone": gettext_lazy("手机号码"), "email": gettext_lazy("电子邮箱")}


def temporary_password() -> str:
    """Twelve random readable characters (59 bits), to be changed at the first login."""
    return "".join(secrets.choice(READABLE) for _place in range(12))


@transaction.atomic
def create_user(
    *,
    username: str,
    name: str,
    role: Role | str,
    region_code: str = "",
    phone: str = "",
    email: str = "",
    password: str | None = None,
    actor: User | None = None,
) -> User:
    """Open an account. Without a password it is entered by phone code only.

    A password that somebody else chose must be changed at the first login. Refused: a role the actor may not
    hand out, a division that does not fit the role, a weak password, a name or number in use.
    """
    role = Role(role)
    rules.check_granter(actor, role)
    rules.check_region(role, region_code)
    user = User(
        username=username,
        name=name,
        role=role,
        region_code=region_code,
        phone=phone or None,
        email=email,
        is_staff=role in STAFF,
        must_change_password=actor is not None and password is not None,
    )
    rules.check_credentials(user, password)
    user.set_password(password)
    user.full_clean()
    user.save()
    user.join_group_of_role()
    record(
        verb="account.created",
        actor=actor,
        target=user,
        region_code=region_code,
        role=Role(user.role).label,
        username=username,
    )
    return user


@transaction.atomic
def assign_role(*, user: User, role: Role | str, region_code: str = "", actor: User | None = None) -> User:
    """Give an account another role or division; its sessions end. Nobody changes their own."""
    role = Role(role)
    _refuse_self(user, actor)
    rules.check_granter(actor, role)
    rules.check_region(role, region_code)
    keepers = rules.lock_keepers()
    user = _locked(user)
    if role != Role.SECURITY_ADMIN:
        rules.keep_a_keeper(user, keepers)
    before = (user.role, user.region_code)
    if before == (role, region_code):
        return user
    user.role, user.region_code, user.is_staff = role, region_code, role in STAFF
    user.session_epoch += 1
    user.save(update_fields=["role", "region_code", "is_staff", "session_epoch"])
    user.join_group_of_role()
    record(
        verb="account.role_assigned",
        actor=actor,
        target=user,
        region_code=region_code,
        role=role.label,
        region=region_code or "—",
        role_before=Role(before[0]).label,
        region_before=before[1] or "—",
    )
    return user


@transaction.atomic
def change_details(
    *, user: User, name: str, phone: str = "", email: str = "", actor: User | None = None
) -> User:
    """Correct a name, phone number or mail address; what is unchanged is not written."""
    user = _locked(user)
    wanted = {"name": name, "phone": phone or None, "email": email}
    changed = [field for field, value in wanted.items() if getattr(user, field) != value]
    if not changed:
        return user
    for field in changed:
        setattr(user, field, wanted[field])
    if not user.has_usable_password():
        rules.check_credentials(user, None)
    user.full_clean(exclude=["password"])
    user.save(update_fields=changed)
    labels = _("、").join(str(DETAILS[field]) for field in changed)
    record(verb="account.changed", actor=actor, target=user, region_code=user.region_code, fields=labels)
    return user


@transaction.atomic
def deactivate(*, user: User, reason: str, actor: User | None = None) -> User:
    """Shut an account: its sessions and API keys stop working at once. The row stays, for the audit."""
    _refuse_self(user, actor)
    keepers = rules.lock_keepers()
    user = _locked(user)
    if not user.is_active:
        return user
    rules.keep_a_keeper(user, keepers)
    user.is_active, user.deactivated_at = False, timezone.now()
    user.session_epoch += 1
    user.save(update_fields=["is_active", "deactivated_at", "session_epoch"])
    record(verb="account.deactivated", actor=actor, target=user, region_code=user.region_code, reason=reason)
    return user


@transaction.atomic
def reactivate(*, user: User, reason: str, actor: User | None = None) -> User:
    """Open a shut account again. The unused-account term starts anew."""
    _refuse_self(user, actor)
    user = _locked(user)
    if user.is_active:
        return user
    user.is_active, user.deactivated_at, user.last_login = True, None, timezone.now()
    user.save(update_fields=["is_active", "deactivated_at", "last_login"])
    record(verb="account.reactivated", actor=actor, target=user, region_code=user.region_code, reason=reason)
    return user


@transaction.atomic
def reset_second_factor(*, user: User, reason: str, actor: User | None = None) -> User:
    """Forget an account's second factor and recovery codes (lost phone); its sessions end."""
    _refuse_self(user, actor)
    user = _locked(user)
    Authenticator.objects.filter(user=user).delete()
    user.session_epoch += 1
    user.save(update_fields=["session_epoch"])
    record(
        verb="account.second_factor_reset",
        actor=actor,
        target=user,
        region_code=user.region_code,
        reason=reason,
    )
    return user


@transaction.atomic
def reset_password(*, user: User, reason: str, actor: User | None = None) -> str:
    """Give an account a temporary password, to be changed at the next login; it is kept nowhere."""
    _refuse_self(user, actor)
    user = _locked(user)
    password = temporary_password()
    user.set_password(password)
    user.must_change_password = True
    user.session_epoch += 1
    user.save(update_fields=["password", "must_change_password", "session_epoch"])
    record(
        verb="account.password_reset", actor=actor, target=user, region_code=user.region_code, reason=reason
    )
    return password


def _locked(user: User) -> User:
    """The row as it is now, locked: what the caller holds may be stale."""
    return User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _refuse_self(user: User, actor: User | None) -> None:
    if actor is not None and actor.pk == user.pk:
        raise ValidationError(
            _("不能更改自己的角色、状态或登录方式，请由另一位安全管理员办理。"), code="self"
        )
