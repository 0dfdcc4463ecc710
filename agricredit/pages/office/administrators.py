"""Homes of the three administrators (三员分立): engines and jobs; accounts; audit. Nothing of business."""

from __future__ import annotations

import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.models import ApiKey, User
from agricredit.foundation.accounts.roles import Role
from agricredit.foundation.accounts.sessions import SECOND_FACTORS
from agricredit.foundation.audit.models import AuditLine
from agricredit.foundation.common import health
from agricredit.foundation.common.clock import now
from agricredit.foundation.common.paginators import large_table_count
from agricredit.foundation.jobs.models import Job, State
from agricredit.pages.office.navigation import list_address
from agricredit.pages.office.tiles import Todo

UNUSED_DAYS = 60
KEY_DAYS = 30
LINES = 10


def home(request: HttpRequest, role: Role) -> dict[str, Any]:
    """Tiles and, by role, the health of the engines or the newest audit lines."""
    if role == Role.SYSTEM_ADMIN:
        return {"todos": _jobs(request), "checks": _checks()}
    if role == Role.SECURITY_ADMIN:
        return {"todos": _accounts(request)}
    lines = AuditLine.objects.visible_to(request.user)
    return {"todos": _audit(request), "lines": lines.select_related("actor").order_by("-id")[:LINES]}


def _jobs(request: HttpRequest) -> list[Todo]:
    jobs = Job.objects.visible_to(request.user)
    long_ago = now() - datetime.timedelta(hours=1)
    waiting = jobs.filter(state=State.QUEUED, created_at__lt=long_ago, not_before__lt=long_ago)

    def address(query: str) -> str:
        return list_address("jobs.job", request, query)

    return [
        Todo(
            _("失败的后台任务"),
            large_table_count(jobs.failed()),
            address("state__exact=failed"),
            _("打开可看原因，可重新运行"),
            "danger",
        ),
        Todo(
            _("排队超过一小时的任务"),
            large_table_count(waiting),
            address("state__exact=queued"),
            _("请看后台任务进程是否在运行"),
            "warning",
        ),
        Todo(
            _("进行中的任务"),
            large_table_count(jobs.filter(state=State.RUNNING)),
            address("state__exact=running"),
        ),
    ]


def _checks() -> list[tuple[str, str]]:
    """(what, what is wrong with it or nothing) of all that a page needs."""
    return [
        (_("系统配置"), health.configuration()),
        (_("数据库"), health.database()),
        (_("消息服务"), health.broker()),
    ]


def _accounts(request: HttpRequest) -> list[Todo]:
    users = User.objects.visible_to(request.user)
    moment = timezone.now()
    factor = Authenticator.objects.filter(user=OuterRef("pk"), type__in=SECOND_FACTORS)
    long_ago = moment - datetime.timedelta(days=UNUSED_DAYS)
    unused = Q(last_login__lt=long_ago) | Q(last_login=None, date_joined__lt=long_ago)
    keys = ApiKey.objects.visible_to(request.user).filter(revoked_at=None)
    soon = moment + datetime.timedelta(days=KEY_DAYS)

    def address(query: str) -> str:
        return list_address("accounts.user", request, query)

    return [
        Todo(
            _("未绑定二次验证的工作人员"),
            large_table_count(users.filter(~Exists(factor), is_staff=True, is_active=True)),
            address("is_staff__exact=1&is_active__exact=1"),
            _("首次登录时须绑定，否则不能进入工作台"),
            "warning",
        ),
        Todo(
            _("%(days)d天未登录的工作人员") % {"days": UNUSED_DAYS},
            large_table_count(users.filter(unused, is_staff=True, is_active=True)),
            address(f"is_staff__exact=1&is_active__exact=1&last_login__lt={long_ago:%Y-%m-%d}"),
            _("请核实是否仍在岗"),
            "warning",
        ),
        Todo(
            _("%(days)d天内到期的接口密钥") % {"days": KEY_DAYS},
            keys.filter(expires_at__range=(moment, soon)).count(),
            list_address("accounts.apikey", request, f"expires_at__lt={soon:%Y-%m-%d}"),
            _("请与使用单位联系更换"),
            "warning",
        ),
        Todo(
            _("已停用的账号"),
            large_table_count(users.filter(is_active=False)),
            address("is_active__exact=0"),
        ),
    ]


def _audit(request: HttpRequest) -> list[Todo]:
    midnight = timezone.localtime(now()).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = AuditLine.objects.visible_to(request.user).filter(at__gte=midnight)

    def tile(title: str, verb: str, tone: str = "plain") -> Todo:
        found = lines.filter(verb=verb) if verb else lines
        query = f"verb={verb}" if verb else ""
        address = list_address("audit.auditline", request, query)
        return Todo(title, large_table_count(found), address, tone=tone)

    return [
        tile(_("今日登录未成功"), "account.refused", "warning"),
        tile(_("今日查看个人信息"), "data.viewed"),
        tile(_("今日导出数据"), "data.exported"),
        tile(_("今日全部操作"), ""),
    ]
