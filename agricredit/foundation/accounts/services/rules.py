"""What an account may be: the refusals shared by services and by the forms that call them."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.models import User
from agricredit.foundation.accounts.models.user import check_region_code
from agricredit.foundation.accounts.roles import ADMINISTRATORS, OWN, REGION_CODE_LENGTHS, Role


def check_region(role: Role, region_code: str) -> None:
    """Refuse a division for roles that have none, and one of another level than the role's."""
    if role in ADMINISTRATORS | OWN:
        if region_code:
            raise ValidationError({"region_code": _("“%s”不按行政区划授权，不能填写区划代码。") % role.label})
        return
    if region_code:
        check_region_code(region_code)
    lengths = REGION_CODE_LENGTHS[role]
    if len(region_code) not in lengths:
        digits = _("或").join(str(length) for length in sorted(lengths))
        raise ValidationError(
            {
                "region_code": _("“%(role)s”的区划代码应为%(digits)s位。")
                % {"role": role.label, "digits": digits}
            }
        )


def check_granter(actor: User | None, role: Role) -> None:
    """Refuse roles that ``actor`` may not hand out: only the security administrator makes staff and machines.

    The system itself (None: commands, demo) may make any; officers may make producers and helpers.
    """
    if actor is None or actor.has_perm("accounts.change_user"):
        return
    if role not in {Role.PRODUCER, Role.HELPER} or Role(actor.role) in ADMINISTRATORS:
        raise ValidationError(_("只有安全管理员可以设立“%s”账号。") % role.label, code="granter")


def check_credentials(user: User, password: str | None) -> None:
    """Refuse a weak password, and a person who would log in by phone but gives none."""
    if password is not None:
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise ValidationError({"password": error.messages}) from error
    elif user.role in {Role.PRODUCER, Role.HELPER} and user.phone is None:
        raise ValidationError({"phone": _("没有密码的账号用手机验证码登录，请填写手机号码。")})


def lock_keepers() -> frozenset[int]:
    """Lock the active security administrators' rows, in one order, and return their keys.

    Comes before the row to be changed is locked: of two who remove each other at once, the second waits here
    and then finds itself alone.
    """
    keepers = User.objects.select_for_update().filter(role=Role.SECURITY_ADMIN, is_active=True)
    return frozenset(keepers.order_by("pk").values_list("pk", flat=True))


def keep_a_keeper(user: User, keepers: frozenset[int]) -> None:
    """Refuse to lose the last active security administrator."""
    if keepers == {user.pk}:
        raise ValidationError(_("这是最后一个安全管理员，不能停用或改派。"), code="last_security_admin")
