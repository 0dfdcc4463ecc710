"""What a producer can do about points it lost, by the kind of event that the criterion reads.

Keyed by the ledger's kinds and not by a scheme's criteria, so that every scheme is advised.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Advice:
    """One sentence, and the portal's page where it can be done (a name and a noun; "" for none)."""

    sentence: str | Promise
    page: str = ""
    noun: str = ""

    @property
    def url(self) -> str:
        """The address of that page."""
        if not self.page:
            return ""
        return reverse(f"my:{self.page}", kwargs={"noun": self.noun} if self.noun else None)


_RECORDS = "record-new"
_BY_KIND: dict[str, Advice] = {
    "purchase.recorded": Advice(_("买投入品时记下供应商、生产企业和登记证号。"), _RECORDS, "purchase"),
    "input.used": Advice(_("先记“买投入品”，用药时从买来的里面选，来源就清楚了。"), _RECORDS, "purchase"),
    "harvest.recorded": Advice(_("每采一批记一次，选上地块；用药时写清用法。"), _RECORDS, "harvest"),
    "record.entered": Advice(_("当天的事当天记，最迟三天内。"), "records"),
    "record.completed": Advice(_("保存前把能填的都填上，特别是“再填几项”里的内容。"), "records"),
    "record.automatic": Advice(_("有自动采集设备的，可请乡镇监管人员协助接入。")),
    "sale.recorded": Advice(_("每次卖货写明卖给谁。"), "certificates"),
    "sale.certified": Advice(_("卖货时开证，不要只记卖货。"), "certificates"),
    "sale.traced": Advice(_("用“卖货开证”卖货，追溯码会自动带上。"), "certificates"),
    "trace.completed": Advice(_("卖货时选对采收批次。"), "certificates"),
    "certificate.checked": Advice(
        _("用平台开证，内容就是规范的；市场核查时对好产品和重量。"), "certificates"
    ),
    "certificate.retained": Advice(_("平台开的证会自动留存，无需另外保管。"), "certificates"),
    "interval.checked": Advice(_("到了首页提示的日期再采收。"), "records"),
    "scope.checked": Advice(_("用药前看标签，只用在登记的作物上。")),
    "packaging.returned": Advice(_("把农药瓶、袋交回回收点，请回收点登记。")),
    "batch.to_standard": Advice(_("采收时填上执行标准。"), _RECORDS, "harvest"),
    "test.self": Advice(_("每种产品每月自检一次，测完记一笔。"), _RECORDS, "self_test"),
    "disposal.due": Advice(_("自检不合格的，15天内登记怎么处置的。"), "records"),
    "pledge.signed": Advice(_("签署本年度质量安全承诺书，手机上就能签。"), "file-pledge"),
    "profile.completed": Advice(_("看看“我的档案”还差什么，补上。"), "file"),
    "profile.confirmed": Advice(_("每半年看一遍“我的档案”，对的就确认。"), "file"),
    "licence.checked": Advice(_("证照到期前换证，在“我的档案”里更新，等监管人员核验。"), "file"),
    "quality_person.named": Advice(_("指定一名质量安全员，登记到“我的档案”。"), "file"),
    "quality_system.filed": Advice(_("把质量管理制度登记到“我的档案”，等监管人员核验。"), "file"),
    "emergency_plan.filed": Advice(_("把应急预案登记到“我的档案”，等监管人员核验。"), "file"),
    "certification.granted": Advice(_("有绿色、有机、地理标志等认证的，请登记证书。")),
    "training.attended": Advice(_("参加农业部门组织的培训，签到计入。")),
    "lead.resolved": Advice(_("收到问题线索后按期处理并答复。")),
    "sampling.tested": Advice(_("按间隔期用药，卖之前先自检。"), _RECORDS, "self_test"),
    "rectification.due": Advice(_("责令改正的事项在期限内改完并报告。")),
    "complaint.upheld": Advice(_("把好出货关，有投诉先主动联系解决。")),
    "complaint.answered": Advice(_("收到投诉后按期答复。")),
    "penalty.imposed": Advice(_("履行处罚决定并改正后，可以申请信用修复。")),
    "penalty.fulfilled": Advice(_("按期履行处罚决定。")),
}


def advice_for(kinds: tuple[str, ...]) -> Advice | None:
    """What to do about a criterion that reads these kinds; None where only the authority can act."""
    return next((_BY_KIND[kind] for kind in kinds if kind in _BY_KIND), None)


#: The portal's page where an act of `rating.services.acts` is done; others are done at an office.
_PAGE_OF_ACT = {
    "harvest": (_RECORDS, "harvest"),
    "purchase": (_RECORDS, "purchase"),
    "use": (_RECORDS, "use"),
    "test": (_RECORDS, "self_test"),
    "sale": ("certificates", ""),
}


def advice_for_act(code: str) -> str:
    """The address in the portal where an act is done; "" for none."""
    page, noun = _PAGE_OF_ACT.get(code, ("", ""))
    return Advice("", page, noun).url
