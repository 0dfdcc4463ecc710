"""The registry of event kinds (``ledger-contract.md``): the one place that says what may stand in the ledger.

Numbers are stored in the ledger and names are hashed into its seals: neither is ever changed or used again.
A kind whose events matter beyond the year they happened in (read "ever" or while valid) has a number from
:data:`OPEN_NUMBERS`, so that one partial index finds them all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from archives.ledger import posters as by
from archives.ledger.posters import Poster

OPEN_NUMBERS = range(100, 200)
VALUE_LIMIT = 1_000_000_000_000
"""Largest value in hundredths: a million events of it still fit a 64-bit sum."""

_READS_OUTCOME = frozenset({"share", "latest_outcome", "fail"})
_READS_VALUE = frozenset({"sum", "mean", "median", "best", "latest"})


class Polarity(Enum):
    """What an event says about credit. Only negative events can be repaired."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    NEUTRAL = "neutral"


POSITIVE, NEGATIVE, NEUTRAL = Polarity.POSITIVE, Polarity.NEGATIVE, Polarity.NEUTRAL


@dataclass(frozen=True, slots=True)
class EventKind:
    """One kind of credit event.

    ``reads`` names the measures by which the schemes read it ("fail": counted with that outcome named); what
    an event of the kind needs follows from them. ``unit`` is that of the value, empty when it has none.
    """

    number: int
    name: str
    label: str | Promise
    meaning: str | Promise
    polarity: Polarity
    posters: tuple[Poster, ...]
    reads: frozenset[str] = field(default_factory=frozenset)
    unit: str | Promise = ""
    minimum: int = 0

    @property
    def needs_outcome(self) -> bool:
        """Whether an event of this kind must say pass or fail."""
        return bool(self.reads & _READS_OUTCOME)

    @property
    def needs_value(self) -> bool:
        """Whether an event of this kind must carry a value."""
        return bool(self.reads & _READS_VALUE)

    @property
    def open_validity(self) -> bool:
        """Whether events of this kind are read beyond the year in which they happened."""
        return self.number in OPEN_NUMBERS

    def is_negative(self, outcome: str) -> bool:
        """Whether an event of this kind with ``outcome`` is one that a repair may name."""
        return self.polarity is NEGATIVE and (outcome == "fail" or not self.needs_outcome)


KINDS: dict[str, EventKind] = {}
KIND_BY_NUMBER: dict[int, EventKind] = {}


def _kind(
    number: int,
    name: str,
    label: str | Promise,
    meaning: str | Promise,
    polarity: Polarity,
    *posters: Poster,
    reads: str = "",
    unit: str | Promise = "",
    minimum: int = 0,
) -> None:
    kind = EventKind(number, name, label, meaning, polarity, posters, frozenset(reads.split()), unit, minimum)
    if name in KINDS or number in KIND_BY_NUMBER:
        raise ValueError(f"event kind {name} ({number}) is registered twice")
    KINDS[name] = KIND_BY_NUMBER[number] = kind


# A table: one kind a line, so that it can be read beside the contract.
# fmt: off
# --- production records (1–39) ----------------------------------------------------------------------------
_kind(1, "purchase.recorded", _("投入品购买记录"), _("一次投入品购买是否有合格凭证记录"),
      NEUTRAL, by.PURCHASE, reads="share")
_kind(2, "input.used", _("投入品使用记录"), _("一次投入品使用是否能对应到购买记录"),
      NEUTRAL, by.INPUT_USE, reads="share")
_kind(3, "harvest.recorded", _("采收记录"), _("一个采收批次的生产记录是否完整可用"),
      NEUTRAL, by.HARVEST, reads="share")
_kind(4, "record.entered", _("记录及时性"), _("一条生产记录在发生后第几天录入"),
      NEUTRAL, by.HARVEST, by.INPUT_USE, reads="median", unit=_("天"))
_kind(5, "record.completed", _("记录完整度"), _("一条生产记录必填项的完成比例"),
      NEUTRAL, by.HARVEST, by.INPUT_USE, reads="mean")
_kind(6, "record.automatic", _("自动采集记录"), _("一条记录是否由设备自动采集"),
      POSITIVE, by.HARVEST, by.DEVICE, reads="share")
_kind(7, "sale.recorded", _("销售记录"), _("一次销售是否记录了去向和数量"), NEUTRAL, by.SALE, reads="share")
_kind(8, "interval.checked", _("安全间隔期核对"), _("一次采收是否遵守农药安全间隔期或休药期"),
      NEGATIVE, by.HARVEST, by.FOUND, reads="fail")
_kind(9, "scope.checked", _("用药范围核对"), _("一次用药是否符合登记的作物、剂量和方法"),
      NEGATIVE, by.INPUT_USE, by.FOUND, reads="fail")
_kind(10, "packaging.used", _("包装废弃物应回收量"), _("使用投入品产生的包装件数"),
      NEUTRAL, by.EXPECTED, reads="sum", unit=_("件"))
_kind(11, "packaging.returned", _("包装废弃物已回收量"), _("交回回收点的包装件数"),
      POSITIVE, by.PACKAGING_RETURN, by.PACKAGING, reads="sum", unit=_("件"))
_kind(12, "production.paused", _("停产休耕"), _("经核实的本年度停产天数"),
      NEUTRAL, by.PAUSE, reads="sum", unit=_("天"))
_kind(13, "batch.to_standard", _("按标生产"), _("一个批次是否按标准组织生产"),
      NEUTRAL, by.HARVEST, by.FOUND, reads="share")
_kind(14, "green_control.verified", _("绿色防控核实"), _("经核实采用绿色防控技术"),
      POSITIVE, by.GREEN_CONTROL)
_kind(15, "pledge.signed", _("信用承诺"), _("本年度签署质量安全信用承诺书"), POSITIVE, by.PLEDGE)

# --- tests and evidence (40–59) ---------------------------------------------------------------------------
_kind(40, "test.self", _("自检"), _("生产主体自行或委托检测一次"), POSITIVE, by.SELF_TEST)
_kind(41, "test.planned", _("应检次数"), _("本年度按规模和品种应自检的次数"),
      NEUTRAL, by.EXPECTED, by.TEST_PLAN, reads="sum", unit=_("次"))
_kind(42, "disposal.due", _("不合格品处置"), _("自检不合格的批次是否按要求处置"),
      NEUTRAL, by.SELF_TEST, reads="share")
_kind(43, "lead.resolved", _("问题线索处置"), _("一条问题线索是否按期处置完毕"),
      NEGATIVE, by.LEAD, reads="share")
_kind(44, "sampling.tested", _("监督抽查结果"), _("监督抽查一个样品的判定，复检期过后生效"),
      NEGATIVE, by.SAMPLING, reads="share fail")
_kind(45, "sampling.exceeded", _("监督抽查超标"), _("监督抽查检出限量指标超标（不含禁用药物）"),
      NEGATIVE, by.SAMPLING)
_kind(46, "monitoring.tested", _("风险监测结果"), _("风险监测一个样品的结果，不计入评价，只产生线索"),
      NEUTRAL, by.MONITORING)
_kind(47, "rapid.tested", _("快速检测结果"), _("快速检测一个样品的结果，不计入评价"), NEUTRAL, by.RAPID)
_kind(48, "banned.found", _("检出禁用药物"), _("经确认使用或检出国家禁用的农药、兽药或其他化合物"),
      NEGATIVE, by.SAMPLING, by.PENALTY)

# --- certificates and tracing (60–79) ---------------------------------------------------------------------
_kind(60, "sale.certified", _("带证销售"), _("一次销售是否随附承诺达标合格证"),
      NEUTRAL, by.CERTIFICATE, reads="share")
_kind(61, "sale.traced", _("追溯销售"), _("一次销售是否随附追溯码"), NEUTRAL, by.SALE, reads="share")
_kind(62, "trace.completed", _("追溯信息完整"), _("一个追溯批次的信息是否完整"),
      NEUTRAL, by.SALE, reads="share")
_kind(63, "certificate.checked", _("合格证核查"), _("一张承诺达标合格证核查是否规范真实"),
      NEUTRAL, by.CERTIFICATE, by.MARKET, by.FOUND, reads="share")
_kind(64, "certificate.retained", _("合格证留存"), _("一张收取的合格证是否按期限留存"),
      NEUTRAL, by.CERTIFICATE, by.FOUND, reads="share")
_kind(65, "certificate.contradicted", _("合格证与实不符"), _("承诺达标的产品经检测不合格"),
      NEGATIVE, by.CONTRADICTED)
_kind(66, "recall.completed", _("问题产品召回"), _("一次召回是否完成"), NEUTRAL, by.RECALL, reads="share")

# --- supervision and decisions (200–239) ------------------------------------------------------------------
_kind(200, "visit.made", _("行政检查"), _("两名执法人员的一次行政检查，未发现问题为通过"),
      NEGATIVE, by.INSPECTION, reads="share")
_kind(201, "guidance.made", _("巡查指导"), _("村级协管员等的一次巡查指导，不计入评价"),
      NEUTRAL, by.GUIDANCE)
_kind(202, "rectification.due", _("限期改正"), _("责令限期改正的事项是否按期完成"),
      NEGATIVE, by.RECTIFICATION, reads="share fail")
_kind(203, "cooperation.lacked", _("不配合检查"), _("行政检查中经记录的不配合行为"),
      NEGATIVE, by.INSPECTION)
_kind(204, "inspection.refused", _("拒绝检查"), _("拒绝、阻挠行政检查或抽样"),
      NEGATIVE, by.INSPECTION, by.PENALTY)
_kind(205, "record.forged", _("伪造记录"), _("经认定伪造、变造生产记录或合格证"), NEGATIVE, by.PENALTY)
_kind(206, "accident.responsible", _("质量安全事故"), _("经认定对农产品质量安全事故负有责任"),
      NEGATIVE, by.PENALTY)
_kind(207, "crime.decided", _("犯罪判决"), _("质量安全犯罪的生效判决"), NEGATIVE, by.JUDGMENT)
_kind(208, "mark.misused", _("冒用标志"), _("经认定冒用、滥用质量标志"), NEGATIVE, by.PENALTY)
_kind(209, "penalty.imposed", _("行政处罚"), _("生效的行政处罚；数值为扣分（简易或警告 3，一般 10）"),
      NEGATIVE, by.PENALTY, reads="sum", unit=_("分"))
_kind(210, "penalty.serious", _("较重行政处罚"), _("责令停产、吊销许可等较重行政处罚"),
      NEGATIVE, by.PENALTY)
_kind(211, "penalty.fulfilled", _("处罚履行"), _("行政处罚决定是否按期履行"),
      NEGATIVE, by.PENALTY, reads="share")
_kind(212, "interview.held", _("责任约谈"), _("一次责任约谈，不计入评价"), NEUTRAL, by.INTERVIEW)
_kind(213, "repair.granted", _("信用修复"), _("准予修复一条失信信息，该信息及同一事件的失信信息不再计入"),
      NEUTRAL, by.REPAIR)
_kind(214, "offence.public", _("其他违法"), _("公共信用中的其他违法信息"), NEGATIVE, by.AGENCY)
_kind(215, "production_accident.occurred", _("安全生产事故"), _("经认定的安全生产事故"),
      NEGATIVE, by.AGENCY)
_kind(216, "hazard.closed", _("安全隐患整改"), _("一项安全生产隐患是否整改完毕"),
      NEUTRAL, by.SHARED, by.HAZARD, reads="share")

# --- society and training (240–259) -----------------------------------------------------------------------
_kind(240, "complaint.upheld", _("投诉举报属实"), _("经查证属实的投诉举报"), NEGATIVE, by.COMPLAINT)
_kind(241, "complaint.answered", _("投诉答复"), _("一件投诉是否按期答复"),
      NEUTRAL, by.COMPLAINT, reads="share")
_kind(242, "opinion.negative", _("负面舆情"), _("经核实的负面舆情"), NEGATIVE, by.OPINION)
_kind(243, "commendation.public", _("公开表扬"), _("主管部门或主流媒体的公开表扬"), POSITIVE, by.HONOUR)
_kind(244, "typical.listed", _("典型案例"), _("列入信用典型案例"), POSITIVE, by.HONOUR)
_kind(245, "problem.self_reported", _("主动报告问题"), _("主动报告质量安全问题并采取措施"),
      POSITIVE, by.SELF_REPORT)
_kind(246, "training.attended", _("参加培训"), _("参加质量安全培训的学时"),
      POSITIVE, by.TRAINING, reads="sum", unit=_("学时"))

# --- read beyond their year (100–199) ---------------------------------------------------------------------
_kind(100, "profile.completed", _("档案完整度"), _("信用档案必填项的完成比例"),
      NEUTRAL, by.PROFILE, reads="latest")
_kind(101, "profile.confirmed", _("档案确认"), _("生产主体确认档案信息真实有效"), POSITIVE, by.PROFILE)
_kind(102, "licence.checked", _("证照核验"), _("营业执照等证照是否有效"),
      NEUTRAL, by.LICENCE, by.SHARED, reads="latest_outcome")
_kind(103, "quality_person.named", _("质量安全员"), _("是否配备质量安全管理人员"),
      NEUTRAL, by.QUALITY_PERSON, reads="latest_outcome")
_kind(104, "quality_system.filed", _("质量管理制度"), _("是否建立并备案质量管理制度"),
      NEUTRAL, by.QUALITY_SYSTEM, reads="latest_outcome")
_kind(105, "emergency_plan.filed", _("应急预案"), _("是否制定并备案应急预案"),
      NEUTRAL, by.EMERGENCY_PLAN, reads="latest_outcome")
_kind(106, "registry.status", _("登记状态"), _("市场主体登记是否正常"),
      NEUTRAL, by.AGENCY, reads="latest_outcome")
_kind(107, "public_credit.percentile", _("公共信用评价"), _("公共信用综合评价百分位（0–1），严重失信为 -1"),
      NEUTRAL, by.AGENCY, reads="latest", minimum=-100)
_kind(108, "principal.checked", _("负责人信用"), _("主要负责人信用记录是否良好"),
      NEGATIVE, by.AGENCY, reads="latest_outcome")
_kind(109, "tax.checked", _("纳税信用"), _("纳税信用是否良好"), NEGATIVE, by.AGENCY, reads="latest_outcome")
_kind(110, "finance.checked", _("金融信用"), _("金融信用是否良好"),
      NEGATIVE, by.AGENCY, reads="latest_outcome")
_kind(111, "honour.granted", _("荣誉"), _("有效的荣誉称号（国家级 3，省级 2，市县级 1）"),
      POSITIVE, by.HONOUR, reads="best", unit=_("级"))
_kind(112, "certification.granted", _("产品认证"), _("有效的产品认证（有机 3，绿色或地理标志 2，其他 1）"),
      POSITIVE, by.CERTIFICATION, reads="sum best", unit=_("分"))
_kind(113, "demonstration.listed", _("示范主体"), _("列入有效的示范主体名录"), POSITIVE, by.HONOUR)
_kind(114, "dishonesty.listed", _("严重失信名单"), _("列入严重失信主体名单"),
      NEGATIVE, by.AGENCY, by.LISTING)
# fmt: on

NEGATIVE_NUMBERS = tuple(sorted(k.number for k in KINDS.values() if k.polarity is NEGATIVE))
OUTCOME_NUMBERS = tuple(sorted(k.number for k in KINDS.values() if k.needs_outcome))
REPAIR = KINDS["repair.granted"]
PAUSE = KINDS["production.paused"]
