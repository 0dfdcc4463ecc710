"""What an API key may be used for; views name theirs with :class:`accounts.api.HasScope`."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SCOPES: dict[str, "str | Promise"] = {
    "producers:read": _("查询生产经营主体及信用等级"),
    "producers:write": _("报送生产经营主体"),
    "ledger:read": _("查询信用信息"),
    "records:read": _("查询生产记录"),
    "records:write": _("报送生产记录"),
    "certificates:read": _("查询承诺达标合格证"),
    "certificates:write": _("开具、作废承诺达标合格证"),
    "credit-checks": _("为行政管理用途核查主体信用"),
}
