"""Audit verbs of the job page."""

from django.utils.translation import gettext_lazy as _

from agricredit.foundation.audit.registry import register

register(
    {
        "job.cancelled": _("取消了后台任务{target}"),
        "job.retried": _("重新运行了后台任务{target}"),
        "export.asked": _("导出列表{target}（{format}），筛选条件：{query}"),
        "export.fetched": _("下载了导出文件{target}（{rows}行）"),
    }
)
