"""Verbs that belong to no app in particular."""

from django.utils.translation import gettext_lazy as _

from .registry import register

register({"data.viewed": _("查看了{target}的{what}"), "data.exported": _("导出了{what}，共{count}条")})
