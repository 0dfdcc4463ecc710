"""What the certificates floor writes into the audit, as sentences."""

from django.utils.translation import gettext_lazy as _

from agricredit.foundation.audit.registry import register

register(
    {
        "certificate.issued": _("开具合格证“{target}”：{product} {quantity} 公斤"),
        "certificate.voided": _("作废合格证“{target}”：{reason}"),
        "certificate.foreign_kept": _("取回或导入{platform}的合格证 {count} 张"),
        "certificate.settled": _("核对销售开证情况：{count} 笔销售未开合格证"),
    }
)
