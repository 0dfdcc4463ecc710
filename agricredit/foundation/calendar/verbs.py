"""Audit verbs of the calendar."""

from django.utils.translation import gettext_lazy as _

from agricredit.foundation.audit.registry import register

register({"calendar.announced": _("登记{year}年放假安排：{holidays}天，据{source}")})
