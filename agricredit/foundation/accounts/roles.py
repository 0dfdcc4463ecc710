"""The roles of the platform and what each may do, as data (``permissions.yaml`` beside this module).

Three administrators are kept apart (三员分立, GB/T 22239): the *system* administrator runs engines and
jobs, the *security* administrator keeps accounts and roles, the *audit* administrator reads what was done.
None of the three sees business data, and nobody is a superuser.
"""

from pathlib import Path

import yaml
from django.db import models
from django.utils.translation import gettext_lazy as _

PERMISSIONS_FILE = Path(__file__).with_name("permissions.yaml")


class Role(models.TextChoices):
    """What a person (or a machine, for ``agency``) is to the platform; exactly one each."""

    SYSTEM_ADMIN = "system_admin", _("系统管理员")
    SECURITY_ADMIN = "security_admin", _("安全管理员")
    AUDIT_ADMIN = "audit_admin", _("审计管理员")
    PROVINCE_OFFICER = "province_officer", _("省级监管人员")
    CITY_OFFICER = "city_officer", _("市级监管人员")
    COUNTY_OFFICER = "county_officer", _("县级监管人员")
    TOWNSHIP_SUPERVISOR = "township_supervisor", _("乡镇监管员")
    VILLAGE_ASSISTANT = "village_assistant", _("村级协管员")
    LABORATORY = "laboratory", _("检测机构")
    PRODUCER = "producer", _("生产经营主体")
    HELPER = "helper", _("代办人员")
    MARKET = "market", _("市场")
    AGENCY = "agency", _("外部单位接口")


ADMINISTRATORS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
OFFICERS = frozenset(
    {Role.PROVINCE_OFFICER, Role.CITY_OFFICER, Role.COUNTY_OFFICER, Role.TOWNSHIP_SUPERVISOR}
)
#: Roles that work in the back office or the field pages: password, second factor, short sessions.
STAFF = ADMINISTRATORS | OFFICERS | {Role.VILLAGE_ASSISTANT}
#: Roles whose view is a division and all below it, with the lengths their region code may have.
REGION_CODE_LENGTHS: dict[Role, frozenset[int]] = {
    Role.PROVINCE_OFFICER: frozenset({2}),
    Role.CITY_OFFICER: frozenset({4}),
    Role.COUNTY_OFFICER: frozenset({6}),
    Role.TOWNSHIP_SUPERVISOR: frozenset({9}),
    Role.VILLAGE_ASSISTANT: frozenset({12}),
    Role.AGENCY: frozenset({2, 4, 6, 9}),
}
#: Roles that see only what is theirs (membership, assignment), never a whole division.
OWN = frozenset({Role.LABORATORY, Role.PRODUCER, Role.HELPER, Role.MARKET})


def _permissions() -> dict[Role, frozenset[str]]:
    document = yaml.safe_load(PERMISSIONS_FILE.read_text(encoding="utf-8"))
    bundles: dict[str, list[str]] = document["bundles"]
    granted: dict[Role, frozenset[str]] = {}
    for role in Role:
        entry = document["roles"][role.value] or {}
        names = list(entry.get("permissions", []))
        for bundle in entry.get("bundles", []):
            names += bundles[bundle]
        granted[role] = frozenset(names)
    return granted


#: ``{role: {"app.codename", …}}``; the groups of the same names are kept equal to it after every migrate.
PERMISSIONS: dict[Role, frozenset[str]] = _permissions()
