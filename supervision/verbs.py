"""What supervision writes into the audit, as sentences."""

from django.utils.translation import gettext_lazy as _

from agricredit.foundation.audit.registry import register

register(
    {
        "frequency.assigned": _("按“{target}”确定 {year} 年检查频次，共 {count} 家"),
        "plan.made": _("编制{target}：新增任务 {added} 项，撤下 {dropped} 项"),
        "tasks.idle_asked": _("在 {target} 中增加核实在册不运行的巡查任务 {count} 项"),
        "plan.followed": _("区划变更 {target} 后，检查计划随迁 {count} 个"),
        "plan.published": _("公布{target}"),
        "guidance.recorded": _("登记对“{target}”的巡查指导（{on}）"),
        "inspection.recorded": _("登记对“{target}”的行政检查（{on}）：{result}"),
        "watch.asked": _("发起{target}"),
        "enforcement_certificate.changed": _("登记“{target}”的行政执法证"),
    }
)
