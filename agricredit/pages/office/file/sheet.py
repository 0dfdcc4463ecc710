"""The archive sheet (信用档案表) on A4: facts, what is kept, the grade, the newest of all else; by Typst."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn
import typst
from django.utils.translation import gettext as _

from agricredit.foundation.common.clock import now
from agricredit.foundation.common.templatetags.formats import (
    full_date,
    kilograms,
    moment,
    mu,
    plain_number,
    points,
)
from agricredit.pages.office.file.archive import facts_of
from agricredit.pages.office.file.credit import official_word
from agricredit.pages.office.file.registry import File, open_to
from rating.services.histories import history

DOCUMENTS = Path(__file__).resolve().parents[3] / "documents"
ROWS = 15


@lru_cache
def _fonts() -> typst.Fonts:
    folder = Path(pylopdf_fonts_zh_cn.__file__).parent
    return typst.Fonts(include_system_fonts=False, font_paths=[str(folder)])


def pdf(file: File) -> bytes:
    """The sheet as a PDF, with what this reader may read and no more."""
    return typst.compile(
        str(DOCUMENTS / "archive.typ"),
        root=str(DOCUMENTS),
        font_paths=_fonts(),
        sys_inputs={"data": json.dumps(content_of(file), ensure_ascii=False)},
    )


def content_of(file: File) -> dict[str, Any]:
    """What the sheet says: texts only."""
    loaded = {one.key: one.load(file, "", ROWS) for one in open_to(file.user) if one.key in _PARTS}
    printed = {"name": file.user.name, "moment": moment(now())}
    facts = facts_of(file)
    return {
        "title": _("农产品生产主体信用档案表"),
        "name": file.producer.name,
        "facts": facts + [("", "")] * (len(facts) % 2),
        "parts": [_PARTS[key](file, part) for key, part in loaded.items()],
        "footer": _("%(name)s 于 %(moment)s 打印。含个人信息，仅供履行监管职责使用。") % printed,
        "signs": [_("主体负责人（签字）："), _("核对人（签字）：")],
    }


def _table(title: str, head: list[str], rows: list[list[str]]) -> dict[str, Any]:
    return {"title": title, "head": head, "rows": rows, "empty": _("无")}


def _holdings(file: File, part: dict[str, Any]) -> dict[str, Any]:
    rows = [
        [_("产品"), row.product.name, mu(row.area_mu), str(row.product.get_risk_display())]
        for row in part["products"]
    ]
    rows += [
        [_("地块"), row.name, mu(row.area_mu), row.crop.name if row.crop else ""] for row in part["plots"]
    ]
    return _table(_("产品与地块"), [_("类别"), _("名称"), _("面积"), _("风险类别、种养品种")], rows)


def _kept(file: File, part: dict[str, Any]) -> dict[str, Any]:
    rows = [
        [str(group["label"]), one["text"], _until(one), one["check"]]
        for group in part["groups"]
        for one in group["entries"]
    ]
    for row in part["trainings"]:
        said = _("%(title)s（%(hours)s学时）") % {
            "title": row.session.title,
            "hours": plain_number(row.hours),
        }
        rows.append([_("参加培训"), said, full_date(row.session.held_on), row.attendee])
    return _table(
        _("证照、人员、制度、荣誉与培训"), [_("类别"), _("内容"), _("有效期或日期"), _("核验、参加人")], rows
    )


def _until(entry: dict[str, Any]) -> str:
    """The last day of an entry; that it is past is said."""
    day = full_date(entry["until"])
    return _("%(day)s（已过期）") % {"day": day} if entry["expired"] else day


def _remedies(file: File, part: dict[str, Any]) -> dict[str, Any]:
    rows = [
        [_("等级认定"), str(row.get_ground_display()), str(row.get_state_display())]
        for row in part["decisions"]
    ]
    rows += [[_("异议"), row.reasons, str(row.get_state_display())] for row, _left in part["objections"]]
    rows += [[_("信用修复"), label, str(row.get_state_display())] for row, label, _left in part["repairs"]]
    return _table(_("认定、异议与信用修复"), [_("事项"), _("内容"), _("状态")], rows)


def _documents(file: File, part: dict[str, Any]) -> dict[str, Any]:
    rows = [[row.title, noun, moment(row.entered_at)] for row, noun in part["rows"]]
    return _table(_("档案文件"), [_("文件"), _("所属资料"), _("存入时间")], rows)


def _grades(file: File, part: dict[str, Any]) -> dict[str, Any]:
    standing, rows = file.standing, []
    if standing is not None and standing.official_grade:
        score = points(standing.official_score)
        word = f"{standing.official_grade} {official_word(standing)}"
        rows.append([_("现行等级"), word, score, full_date(standing.since)])
    for year in history(file.producer)[:ROWS]:
        score = points(year.score) if year.grade else ""
        said = _("%(year)s年度") % {"year": year.year}
        rows.append([said, year.grade or _("未评价"), score, full_date(year.since)])
    return _table(_("信用等级"), [_("年度"), _("等级"), _("得分"), _("生效日")], rows)


def _records(file: File, part: dict[str, Any]) -> dict[str, Any]:
    rows = [[full_date(one["row"].occurred_on), one["act"], one["line"]] for one in part["rows"]]
    return _table(_("最近的生产记录"), [_("日期"), _("事项"), _("内容")], rows)


def _evidence(file: File, part: dict[str, Any]) -> dict[str, Any]:
    rows = [
        [
            full_date(one["event"].occurred_on),
            str(one["label"]),
            f"{one['outcome']} {one['value']}".strip(),
            one["state"],
        ]
        for one in part["rows"]
    ]
    return _table(_("最近的信用信息"), [_("日期"), _("信息"), _("结果"), _("效力")], rows)


def _visits(file: File, part: dict[str, Any]) -> dict[str, Any]:
    rows = [
        [full_date(row.inspected_on), _("行政检查"), str(row.get_result_display())]
        for row in part["inspections"]
    ]
    rows += [[full_date(row.visited_on), _("巡查指导"), row.observations] for row in part["guidance"]]
    return _table(_("巡查与检查"), [_("日期"), _("类别"), _("结果")], rows)


def _certificates(file: File, part: dict[str, Any]) -> dict[str, Any]:
    rows = [
        [full_date(row.issued_on), row.product.name, kilograms(row.quantity), str(row.get_status_display())]
        for row in part["rows"]
    ]
    return _table(_("最近的合格证"), [_("开具日期"), _("产品"), _("数量"), _("状态")], rows)


_PARTS = {
    "archive": _holdings,
    "kept": _kept,
    "credit": _grades,
    "records": _records,
    "evidence": _evidence,
    "visits": _visits,
    "certificates": _certificates,
    "remedies": _remedies,
    "documents": _documents,
}
