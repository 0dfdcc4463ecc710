"""The account of a person (or of an agency's machine)."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import Group, PermissionsMixin
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.accounts.managers import UserManager
from agricredit.foundation.accounts.roles import Role

check_phone = RegexValidator(r"^1\d{10}$", _("请输入11位手机号码。"))
check_region_code = RegexValidator(
    r"^(\d{2}|\d{4}|\d{6}|\d{9}|\d{12})$", _("行政区划代码应为2、4、6、9或12位数字。")
)


class User(AbstractBaseUser, PermissionsMixin):
    """One person, one role, one division (by code; the floors above know what the code names)."""

    username = models.CharField(
        _("用户名"),
        max_length=150,
        unique=True,
        validators=[UnicodeUsernameValidator()],
        error_messages={"unique": _("这个用户名已被使用。")},
    )
    name = models.CharField(_("姓名"), max_length=100)
    phone = models.CharField(
        _("手机号码"),
        max_length=11,
        unique=True,
        null=True,
        blank=True,
        validators=[check_phone],
        error_messages={"unique": _("这个手机号码已被使用。")},
    )
    email = models.EmailField(_("电子邮箱"), blank=True)
    role = models.CharField(_("角色"), max_length=20, choices=Role.choices, default=Role.PRODUCER)
    region_code = models.CharField(
        _("行政区划代码"), max_length=12, blank=True, default="", validators=[check_region_code]
    )
    is_active = models.BooleanField(_("启用"), default=True)
    is_staff = models.BooleanField(_("工作人员"), default=False)
    date_joined = models.DateTimeField(_("创建时间"), default=timezone.now)
    deactivated_at = models.DateTimeField(_("停用时间"), null=True, blank=True)
    must_change_password = models.BooleanField(_("须改密码"), default=False)
    #: Part of the session hash: one more, and every session of the account has ended.
    session_epoch = models.PositiveIntegerField(default=0, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]

    #: Set by API-key authentication: the key's own division, never wider than the account's.
    narrowed_to: str = ""

    class Meta:
        verbose_name = _("账号")
        verbose_name_plural = _("账号")
        ordering = ["username"]
        constraints = [
            models.CheckConstraint(condition=models.Q(is_superuser=False), name="accounts_user_no_superuser"),
            models.CheckConstraint(
                condition=models.Q(phone__isnull=True) | ~models.Q(phone=""),
                name="accounts_user_phone_or_null",
            ),
        ]
        indexes = [models.Index(fields=["role", "region_code"], name="accounts_user_role_region")]

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        """The person's name, as third-party apps ask for it."""
        return self.name

    def get_short_name(self) -> str:
        """The person's name, as third-party apps ask for it."""
        return self.name

    def _get_session_auth_hash(self, secret: str | bytes | None = None) -> str:
        """Sessions end when the password or the epoch changes."""
        text = f"{self.password}|{self.session_epoch}"
        return salted_hmac("accounts.session", text, secret=secret, algorithm="sha256").hexdigest()

    def join_group_of_role(self) -> None:
        """Make the group named by the role the only group of this account."""
        group, _made = Group.objects.get_or_create(name=self.role)
        self.groups.set([group])
