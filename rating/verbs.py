"""The audit's sentences about schemes, runs and decisions."""

from django.utils.translation import gettext_lazy as _

from agricredit.foundation.audit import registry

registry.register(
    {
        "scheme.in_force": _("使评价方案{code}第{version}版自{on}起施行"),
        "scheme.assigned": _("定{region}自{on}起按评价方案{code}评价"),
        "scheme.drafted": _("起草评价方案{code}第{version}版"),
        "scheme.edited": _("修改评价方案{code}第{version}版草案"),
        "scheme.submitted": _("报批评价方案{code}第{version}版"),
        "scheme.sent_back": _("退回评价方案{code}第{version}版：{reason}"),
        "scheme.approved": _("批准评价方案{code}第{version}版自{on}起施行"),
        "scheme.discarded": _("删除评价方案{code}第{version}版草案"),
        "simulation.asked": _("以方案{scheme}试算{run}"),
        "deadline.moved": _("节假日安排公布后，{target}的期限由{before}改为{until}"),
        "scope.set": _("设定{region}自{year}年度起的应评范围"),
        "run.started": _("发起{run}评价：{producers}家主体，账本封存至第{seal}条"),
        "run.computed": _("{run}评价计算完成：{rated}家评出等级，{pending}家待认定，{not_rated}家未评价"),
        "run.failed": _("{run}评价计算失败：{error}"),
        "run.retried": _("重新计算{run}评价"),
        "run.cancelled": _("取消{run}评价：{reason}"),
        "run.in_review": _("{run}评价自{on}起复核"),
        "run.public_notice": _("{run}评价自{on}起公示，至{until}止"),
        "run.effective": _("{run}评价结果自{on}起生效"),
        "decision.noticed": _("告知{producer}拟认定为{grade}，可于{until}前陈述申辩"),
        "decision.stated": _("{producer}对拟认定为{grade}陈述申辩"),
        "decision.confirmed": _("认定{producer}为{grade}"),
        "rating.reissued": _("重新出具{producer}的{run}评价结果，为第{version}版（{cause}）"),
        "repair.applied": _("{producer}申请修复{on}的“{event}”"),
        "repair.accepted": _("受理{producer}对“{event}”的信用修复申请，{until}前办结"),
        "repair.extended": _("延长{producer}信用修复的办理期限至{until}"),
        "repair.granted": _("准予{producer}修复“{event}”"),
        "repair.refused": _("不予{producer}修复“{event}”"),
        "objection.filed": _("{producer}对{run}评价结果提出异议，{until}前办结"),
        "objection.extended": _("延长{producer}异议的办理期限至{until}"),
        "objection.upheld": _("认定{producer}的异议成立，更正信息{count}条"),
        "objection.rejected": _("认定{producer}的异议不成立"),
        "decision.withdrawn": _("撤回对{producer}拟认定为{grade}的告知"),
    }
)
