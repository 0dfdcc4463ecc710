"""What an API key may be used for; views name theirs with :class:`accounts.api.HasScope`."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SCOPES: dict[str, "str | Promise"] = {
    "producers:read": _("查询生产经营主体及信用等级"),
    "ledger:read": _("查询信用信息"),
    "ledger:write": _("报送信用信息"),
    "certificates:read": _("查验承诺达标合格证"),
    "certificates:write": _("收取承诺达标合格证"),
    "records:write": _("报送生产记录"),
    "tests:write": _("报送检测结果"),
}
