"""The sidebar: grouped by work, and of each group only what the account may open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.accounts.roles import ADMINISTRATORS


@dataclass(frozen=True)
class Entry:
    """A list of the back office: the model's label, its words and the icon beside them."""

    model: str
    title: str | Promise
    icon: str


RECORDS = _("生产记录")
KEPT = _("档案资料")
GROUPS: tuple[tuple[str | Promise, tuple[Entry, ...]], ...] = (
    (
        _("信用档案"),
        (
            Entry("archives.producer", _("生产主体"), "agriculture"),
            Entry("archives.duplicatepair", _("疑似重复主体"), "join_inner"),
            Entry("rating.reregistration", _("疑似重新登记"), "published_with_changes"),
            Entry("archives.idlefinding", _("在册不运行主体"), "event_busy"),
            Entry("archives.membership", _("成员与代办"), "group"),
            Entry("archives.base", _("基地"), "landscape"),
            Entry("archives.plot", _("地块"), "grid_on"),
            Entry("archives.producerproduct", _("主体产品"), "eco"),
            Entry("archives.product", _("农产品目录"), "category"),
            Entry("archives.importbatch", _("批量导入"), "upload_file"),
            Entry("archives.handedqueue", _("手机交接文件"), "phonelink_ring"),
            Entry("archives.platformrun", _("平台对接"), "sync_alt"),
            Entry("archives.externalid", _("外部平台编号"), "link"),
            Entry("archives.inputitem", _("投入品目录"), "inventory_2"),
            Entry("archives.substancerule", _("禁限用规定"), "block"),
            Entry("archives.officialtest", _("官方检测结果"), "labs"),
            Entry("archives.penaltydecision", _("行政处罚"), "gavel"),
            Entry("archives.publiccredititem", _("公共信用信息"), "domain_verification"),
            Entry("archives.creditevent", _("信用信息账本"), "menu_book"),
            Entry("archives.seal", _("账本封存"), "lock"),
            Entry("archives.region", _("行政区划"), "map"),
            Entry("archives.regionchange", _("区划变更"), "alt_route"),
        ),
    ),
    (
        KEPT,
        (
            Entry("archives.licence", _("证照"), "badge"),
            Entry("archives.staffmember", _("内控与技术人员"), "engineering"),
            Entry("archives.honour", _("荣誉"), "military_tech"),
            Entry("archives.filing", _("制度与预案"), "rule_folder"),
            Entry("archives.procedure", _("操作规程"), "menu_book"),
            Entry("archives.greencontrol", _("绿色防控"), "psychiatry"),
            Entry("archives.noticetext", _("承诺与告知文本"), "description"),
            Entry("archives.pledge", _("信用承诺"), "draw"),
            Entry("archives.delivery", _("送达记录"), "mark_email_read"),
            Entry("archives.trainingsession", _("培训"), "school"),
            Entry("archives.trainingattendance", _("参训记录"), "how_to_reg"),
            Entry("archives.document", _("档案文件"), "folder"),
        ),
    ),
    (
        RECORDS,
        (
            Entry("archives.productionbatch", _("生产批次"), "calendar_view_week"),
            Entry("archives.inputpurchase", _("购进投入品"), "shopping_bag"),
            Entry("archives.inputuse", _("使用投入品"), "science"),
            Entry("archives.pestobservation", _("病虫害与疫病"), "bug_report"),
            Entry("archives.immunisation", _("防疫免疫"), "vaccines"),
            Entry("archives.harvest", _("采收"), "grass"),
            Entry("archives.packing", _("加工包装"), "package_2"),
            Entry("archives.harmlessdisposal", _("无害化处理"), "recycling"),
            Entry("archives.packagingreturn", _("包装废弃物交回"), "restore_from_trash"),
            Entry("archives.selftest", _("自检"), "biotech"),
            Entry("archives.sale", _("销售"), "storefront"),
        ),
    ),
    (
        _("农资经营"),
        (
            Entry("archives.shoppurchase", _("采购台账"), "inventory_2"),
            Entry("archives.shopsale", _("销售台账"), "point_of_sale"),
        ),
    ),
    (
        _("记录核实"),
        (
            Entry("archives.recordreview", _("待核实记录"), "fact_check"),
            Entry("archives.reviewsample", _("随机抽样"), "casino"),
            Entry("archives.reviewsetting", _("抽样设置"), "tune"),
            Entry("archives.reviewsubstitute", _("代核安排"), "swap_horiz"),
        ),
    ),
    (
        _("信用评价"),
        (
            Entry("rating.ratingrun", _("年度评价"), "leaderboard"),
            Entry("rating.decision", _("等级认定"), "gavel"),
            Entry("rating.interview", _("责任约谈"), "forum"),
            Entry("rating.objection", _("异议"), "record_voice_over"),
            Entry("rating.repair", _("信用修复"), "healing"),
            Entry("rating.attachment", _("异议和申辩材料"), "attach_file"),
            Entry("rating.dishonestylisting", _("严重失信名单"), "gpp_bad"),
            Entry("rating.watchentry", _("重点监管名单（内部）"), "visibility"),
            Entry("rating.standing", _("信用现状"), "verified"),
            Entry("rating.rating", _("评价结果"), "fact_check"),
            Entry("rating.scheme", _("评价方案"), "rule"),
            Entry("rating.simulation", _("方案试算"), "science"),
            Entry("rating.regionscheme", _("地区适用方案"), "pin_drop"),
            Entry("rating.scoperule", _("应评范围"), "checklist"),
            Entry("rating.consequencetable", _("联合使用规则表"), "table_rows"),
            Entry("rating.creditchecklog", _("信用核查记录"), "manage_search"),
        ),
    ),
    (
        _("监督检查"),
        (
            Entry("supervision.task", _("检查任务"), "task_alt"),
            Entry("supervision.plan", _("检查计划"), "calendar_month"),
            Entry("supervision.frequencyassignment", _("检查频次"), "update"),
            Entry("supervision.guidancevisit", _("巡查指导"), "support_agent"),
            Entry("supervision.inspection", _("行政检查"), "policy"),
            Entry("supervision.watchreport", _("监管自查"), "monitoring"),
            Entry("supervision.enforcementcertificate", _("行政执法证"), "badge"),
        ),
    ),
    (
        _("合格证"),
        (
            Entry("certificates.certificate", _("承诺达标合格证"), "qr_code_2"),
            Entry("certificates.foreigncertificate", _("其他平台的合格证"), "qr_code"),
        ),
    ),
    (
        _("系统"),
        (
            Entry("accounts.user", _("账号"), "manage_accounts"),
            Entry("accounts.apikey", _("接口密钥"), "key"),
            Entry("audit.auditline", _("操作日志"), "history"),
            Entry("jobs.exportfile", _("导出文件"), "download"),
            Entry("jobs.job", _("后台任务"), "pending_actions"),
            Entry("calendar.calendarday", _("工作日历"), "event"),
            Entry("django_celery_beat.periodictask", _("定时任务"), "schedule"),
        ),
    ),
)


def list_address(model: str, request: HttpRequest, query: str = "") -> str:
    """The address of a model's list for this account; empty where there is none or it may not be opened."""
    app, name = model.split(".")
    try:
        shown = admin.site._registry.get(apps.get_model(app, name))
    except LookupError:
        return ""
    if shown is None or not shown.has_view_or_change_permission(request):
        return ""
    address = reverse(f"admin:{app}_{name}_changelist")
    return f"{address}?{query}" if query else address


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Groups for Unfold's sidebar; groups without an entry are left out."""
    groups = [{"title": _("我的工作"), "items": _my_work(request)}]
    for title, entries in GROUPS:
        items = [item for entry in entries if (item := _item(entry, request))]
        if items:
            # A long group stays shut until one of its lists is open.
            folded = title in (RECORDS, KEPT)
            groups.append({"title": title, "separator": True, "collapsible": folded, "items": items})
    return groups


def _item(entry: Entry, request: HttpRequest) -> dict[str, Any] | None:
    address = list_address(entry.model, request)
    if not address:
        return None
    active = request.path.startswith(address)
    return {"title": entry.title, "icon": entry.icon, "link": address, "active": active}


def _my_work(request: HttpRequest) -> list[dict[str, Any]]:
    home = reverse("admin:index")
    items = [{"title": _("今日工作"), "icon": "home", "link": home, "active": request.path == home}]
    if request.user.has_perm("supervision.add_guidancevisit"):
        items.append({"title": _("现场任务"), "icon": "directions_walk", "link": "/field/", "active": False})
    if getattr(request.user, "role", "") not in ADMINISTRATORS:
        items.append({"title": _("公开查询"), "icon": "public", "link": reverse("home"), "active": False})
    return items
