"""``manage.py create_administrator``: the first account of a new installation."""

from __future__ import annotations

import getpass
import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.roles import ADMINISTRATORS, Role
from agricredit.foundation.accounts.services import users

PASSWORD_KEY = "AGRICREDIT_ADMINISTRATOR_PASSWORD"  # noqa: S105 - the name of a key


class Command(BaseCommand):
    """Make a system, security or audit administrator."""

    help = f"设立管理员账号。密码取自 --password-file、环境变量 {PASSWORD_KEY} 或键盘输入。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Who."""
        parser.add_argument("--username", default="", help="登录名；不给则询问")
        parser.add_argument("--name", default="", help="姓名；不给则询问")
        parser.add_argument("--password-file", type=Path, help="内容为密码的文件")
        parser.add_argument(
            "--role",
            choices=sorted(role.value for role in ADMINISTRATORS),
            default=Role.SYSTEM_ADMIN.value,
            help="默认 system_admin；系统、安全、审计三种管理员应由三人分别担任",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask for what is missing, make the account, say what comes next."""
        username = options["username"] or self._ask(_("登录名："))
        name = options["name"] or self._ask(_("姓名："))
        password = self._password(options["password_file"])
        try:
            user = users.create_user(
                username=username, name=name, role=Role(options["role"]), password=password, actor=None
            )
        except ValidationError as error:
            raise CommandError("；".join(error.messages)) from error
        self.stdout.write(
            _("已设立%(role)s“%(name)s”。") % {"role": Role(user.role).label, "name": user.username}
        )
        self.stdout.write(
            _("下一步：在 %s 登录，按提示用验证器应用扫码绑定动态码；绑定之前不能进入工作页面。")
            % _login_address()
        )

    def _password(self, file: Path | None) -> str:
        if file is not None:
            try:
                return file.read_text(encoding="utf-8").strip()
            except OSError as error:
                raise CommandError(_("读不到密码文件：%s") % error) from error
        if os.environ.get(PASSWORD_KEY):
            return os.environ[PASSWORD_KEY]
        self._insist_on_terminal()
        first = getpass.getpass(_("密码："))
        if first != getpass.getpass(_("再输入一次密码：")):
            raise CommandError(_("两次输入的密码不一致。"))
        return first

    def _ask(self, question: str) -> str:
        self._insist_on_terminal()
        return input(question).strip()

    def _insist_on_terminal(self) -> None:
        if not sys.stdin.isatty():
            raise CommandError(_("没有终端可以询问：请给出 --username、--name 和 --password-file。"))


def _login_address() -> str:
    try:
        return f"{settings.PUBLIC_URL}{reverse('account_login')}"
    except NoReverseMatch:
        return str(settings.PUBLIC_URL)
