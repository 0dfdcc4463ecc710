"""What one floor's act sets off above it: outbox topic → job (DESIGN §2). Nothing calls upwards but here."""

from django.utils.translation import gettext_lazy as _

from agricredit.foundation.jobs.outbox import subscribe

subscribe("ledger.posted", "rating.rescore", _("按新信息重算预估分"), gathered=True)
subscribe("producers.changed", "rating.rescore", _("按变更后的档案重算预估分"), gathered=True)
subscribe("idle.visit_asked", "supervision.visit_idle", _("安排核实在册不运行主体的巡查"))
subscribe("regions.changed", "rating.follow_regions", _("新区划沿用原评价方案"))
subscribe("regions.changed", "supervision.follow_regions", _("检查计划随区划变更"))
subscribe("rating.effective", "supervision.assign_frequencies", _("按新等级确定检查频次"))
subscribe("rating.decided", "supervision.assign_frequencies", _("按认定结果更新检查频次"))
subscribe("rating.lists_changed", "supervision.assign_frequencies", _("按名单变化更新检查频次"))
subscribe("rating.reissued", "supervision.assign_frequencies", _("按重新出具的结果更新检查频次"))
subscribe("calendar.announced", "rating.recount_deadlines", _("按公布的节假日重算法定期限"))
