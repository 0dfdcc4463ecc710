"""Accounts of the demo city. They exist only where ``seed_demo`` ran, which refuses to run outside debug."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.db import transaction

from agricredit.foundation.accounts.models import User
from agricredit.foundation.accounts.services import create_user

PASSWORD = "湛江农安-演示-2026"  # noqa: S105 - printed on the console on purpose

DEMO_ACCOUNTS = [
    {
        "username": "shi",
        "name": "陈市安",
        "role": "city_officer",
        "region_code": "4408",
        "totp_secret": "JBSWY3DPEHPK3PXA",
    },
    {
        "username": "shi2",
        "name": "林复核",
        "role": "city_officer",
        "region_code": "4408",
        "totp_secret": "JBSWY3DPEHPK3PXB",
    },
    {
        "username": "xian",
        "name": "黄县农",
        "role": "county_officer",
        "region_code": "440823",
        "totp_secret": "JBSWY3DPEHPK3PXC",
    },
    {
        "username": "xian2",
        "name": "李执法",
        "role": "county_officer",
        "region_code": "440823",
        "totp_secret": "JBSWY3DPEHPK3PXD",
    },
    {
        "username": "zhen",
        "name": "吴镇巡",
        "role": "township_supervisor",
        "region_code": "440823106",
        "totp_secret": "JBSWY3DPEHPK3PXE",
    },
    {
        "username": "cun",
        "name": "梁村协",
        "role": "village_assistant",
        "region_code": "440823106224",
        "totp_secret": "JBSWY3DPEHPK3PXI",
    },
    {
        "username": "nonghu",
        "name": "合作社负责人",
        "role": "producer",
        "phone": "13800138000",
        "totp_secret": "",
    },
    {
        "username": "xiaohu",
        "name": "小农户",
        "role": "producer",
        "phone": "13800138002",
        "totp_secret": "",
    },
    {
        "username": "yangzhi",
        "name": "畜禽养殖场负责人",
        "role": "producer",
        "phone": "13800138003",
        "totp_secret": "",
    },
    {
        "username": "yuchang",
        "name": "水产养殖场负责人",
        "role": "producer",
        "phone": "13800138004",
        "totp_secret": "",
    },
    {
        "username": "daiban",
        "name": "代办人员",
        "role": "helper",
        "phone": "13800138005",
        "totp_secret": "",
    },
    {
        "username": "dian",
        "name": "农资店店主",
        "role": "producer",
        "phone": "13800138001",
        "totp_secret": "",
    },
    {"username": "sysadmin", "name": "系统管理员", "role": "system_admin", "totp_secret": "JBSWY3DPEHPK3PXF"},
    {
        "username": "secadmin",
        "name": "安全管理员",
        "role": "security_admin",
        "totp_secret": "JBSWY3DPEHPK3PXG",
    },
    {"username": "auditor", "name": "审计管理员", "role": "audit_admin", "totp_secret": "JBSWY3DPEHPK3PXH"},
]
for _account in DEMO_ACCOUNTS:
    _account["password"] = PASSWORD


@transaction.atomic
def make_accounts() -> dict[str, User]:
    """Create the accounts that are missing, each staff account with its second factor; by username."""
    users = {}
    for facts in DEMO_ACCOUNTS:
        user = User.objects.filter(username=facts["username"]).first()
        users[facts["username"]] = user or _made(facts)
    return users


def _made(facts: dict[str, str]) -> User:
    user = create_user(
        username=facts["username"],
        name=facts["name"],
        role=facts["role"],
        region_code=facts.get("region_code", ""),
        phone=facts.get("phone", ""),
        password=facts["password"],
    )
    if facts["totp_secret"] and not Authenticator.objects.filter(user=user).exists():
        TOTP.activate(user, facts["totp_secret"])
    return user
