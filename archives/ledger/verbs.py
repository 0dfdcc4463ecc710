"""What the audit says of acts on the ledger."""

from django.utils.translation import gettext_lazy as _

from agricredit.foundation.audit.registry import register

register({"ledger.notes_erased": _("清除了 {count} 条信用信息备注，依据：{because}")})
