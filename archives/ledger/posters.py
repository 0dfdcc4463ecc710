"""Who may post a kind of event, from which form or source document."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Poster:
    """One way into the ledger: ``form`` names the form or import, ``who`` fills it in from ``document``.

    Events that come by a form bear its name as their source, or begin with it (``register:honour:12``). A
    form ``import.…`` is a sheet of the batch import; plain ``import`` is the ledger's own exchange file.
    """

    form: str
    who: str | Promise
    document: str | Promise


PURCHASE = Poster("records.purchase", _("生产主体"), _("购买凭证"))
INPUT_USE = Poster("records.use", _("生产主体"), _("投入品使用记录"))
HARVEST = Poster("records.harvest", _("生产主体"), _("采收记录"))
SELF_TEST = Poster("records.self_test", _("生产主体"), _("自检记录或委托检测报告"))
SALE = Poster("records.sale", _("生产主体"), _("销售记录"))
PACKAGING = Poster("import", _("回收点"), _("包装废弃物回收凭证"))
PACKAGING_RETURN = Poster("records.packaging", _("生产主体"), _("包装废弃物交回记录"))
# Never a producer's own sign of work: the platform posts it by size and purchases.
EXPECTED = Poster("services.expected", _("平台"), _("规模与购买记录"))
DEVICE = Poster("import", _("物联网平台"), _("设备数据"))
PAUSE = Poster("import", _("乡镇监管员"), _("停产核实单"))
PLEDGE = Poster("register:pledge", _("生产主体"), _("信用承诺书"))
PROFILE = Poster("services.profile", _("县级管理员"), _("主体档案"))
LICENCE = Poster("register:licence.checked", _("县级管理员"), _("证照核验记录"))
QUALITY_PERSON = Poster("register:quality_person.named", _("县级管理员"), _("人员核验记录"))
QUALITY_SYSTEM = Poster("register:quality_system.filed", _("县级管理员"), _("制度核验记录"))
EMERGENCY_PLAN = Poster("register:emergency_plan.filed", _("县级管理员"), _("预案核验记录"))
TEST_PLAN = Poster("import", _("县级管理员"), _("年度自检计划"))
SELF_REPORT = Poster("import", _("乡镇监管员"), _("主动报告登记表"))
TRAINING = Poster("register:training", _("县级管理员"), _("培训签到表"))
GUIDANCE = Poster("supervision.guidance", _("村级协管员、乡镇监管员"), _("巡查指导记录"))
INSPECTION = Poster("supervision.inspection", _("两名持证执法人员"), _("行政检查记录"))
GREEN_CONTROL = Poster("register:green_control", _("乡镇监管员"), _("绿色防控核实记录"))
HAZARD = Poster("import", _("农业农村主管部门"), _("隐患整改复查记录"))
FOUND = Poster("import", _("两名持证执法人员"), _("行政检查记录"))
CERTIFICATE = Poster("certificates.issue", _("生产主体"), _("承诺达标合格证"))
RECTIFICATION = Poster("import", _("农业农村主管部门"), _("责令限期改正通知书及复查记录"))
SAMPLING = Poster("import.tests", _("农业农村主管部门"), _("监督抽查检验报告"))
CONTRADICTED = Poster("import", _("农业农村主管部门"), _("监督抽查检验报告"))
MONITORING = Poster("import.tests", _("检测机构"), _("风险监测报告"))
RAPID = Poster("import.tests", _("乡镇监管站"), _("快速检测记录"))
LEAD = Poster("import", _("乡镇监管员"), _("问题线索处置单"))
MARKET = Poster("import", _("批发市场"), _("合格证查验记录"))
RECALL = Poster("import", _("农业农村主管部门"), _("召回报告"))
PENALTY = Poster("import.penalties", _("农业行政执法机构"), _("行政处罚决定书"))
INTERVIEW = Poster("rating.interviews", _("农业农村主管部门"), _("责任约谈记录"))
REPAIR = Poster("services.repair", _("农业农村主管部门"), _("信用修复决定"))
COMPLAINT = Poster("import", _("农业农村主管部门"), _("投诉举报办结单"))
OPINION = Poster("import", _("农业农村主管部门"), _("舆情核实单"))
HONOUR = Poster("register:honour", _("授予机关"), _("认定或表彰文件"))
CERTIFICATION = Poster("import", _("认证机构"), _("认证证书"))
LISTING = Poster("rating.listings", _("农业农村主管部门"), _("列入决定书"))
JUDGMENT = Poster("import", _("人民法院"), _("生效判决"))
AGENCY = Poster("import.public_credit", _("其他部门"), _("部门共享数据"))
SHARED = Poster("import", _("其他部门"), _("部门共享数据"))
