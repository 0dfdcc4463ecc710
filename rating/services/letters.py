"""The procedure on paper: notice of intent, decision, hearing and interview notices, receipts of service."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from agricredit.foundation.common import pdf
from agricredit.foundation.common.clock import today
from agricredit.foundation.common.templatetags.formats import full_date
from archives.models import Producer, Region
from rating.models import Decision, Interview
from rating.services import decisions, hearings, schemes

TEMPLATE = Path(__file__).resolve().parent.parent / "documents" / "letter.typ"
#: A county's bureau signs; its code has six digits.
COUNTY = 6


def of_decision(decision: Decision, name: str) -> bytes:
    """The PDF of one letter: ``notice``, ``decision``, ``hearing``, or a receipt form for either document.

    ValidationError for one that there is not (yet).
    """
    makers = {
        "notice": _notice,
        "decision": _decision,
        "hearing": _hearing,
        "notice-receipt": _notice_receipt,
        "decision-receipt": _decision_receipt,
    }
    maker = makers.get(name)
    if maker is None or name not in letters_of(decision):
        raise ValidationError(_("现在没有这份文书。"), code="no_letter")
    return pdf.compiled(TEMPLATE, maker(decision))


def letters_of(decision: Decision) -> dict[str, str]:
    """The letters there are of a decision, by name, with their titles."""
    found = {"notice": _("拟认定告知书"), "notice-receipt": _("告知书送达回证")}
    hearing = hearings.of(decision)
    if hearing is not None and hearing.scheduled_on is not None:
        found["hearing"] = _("听证通知书")
    if decision.state in (Decision.State.CONFIRMED, Decision.State.EFFECTIVE, Decision.State.LIFTED):
        found |= {"decision": _("认定决定书"), "decision-receipt": _("决定书送达回证")}
    return found


def of_interview(interview: Interview) -> bytes:
    """The PDF of the notice that calls to an interview."""
    return pdf.compiled(
        TEMPLATE,
        {
            **_head(
                interview.producer, _("责任约谈通知书"), _number("约", interview.called_on, interview.pk)
            ),
            "lines": [
                ("", _("请你单位法定代表人（负责人）按时接受责任约谈。")),
                (_("事由"), interview.reason),
                (_("依据"), interview.basis),
                (_("时间"), full_date(interview.scheduled_on)),
                (_("地点"), interview.place),
            ],
            "on": full_date(interview.called_on),
        },
    )


def office_of(producer: Producer) -> str:
    """The bureau that signs: of the producer's county, named by the division."""
    name = Region.objects.filter(pk=producer.region_id[:COUNTY]).values_list("name", flat=True).first()
    return _("%(place)s农业农村局") % {"place": name or ""}


def intent(decision: Decision) -> str:
    """What is intended or decided, in words."""
    words = {"grade": decision.grade, "year": decision.run.year}
    if decision.ground == Decision.Ground.SUSPENDED:
        return _("暂停你单位%(year)s年度农安信用等级%(grade)s") % words
    if decision.ground == Decision.Ground.LOWERED:
        return _("将你单位%(year)s年度农安信用等级下调为%(grade)s") % words
    return _("将你单位%(year)s年度农安信用等级认定为%(grade)s") % words


def _head(producer: Producer, title: str, number: str) -> dict[str, Any]:
    return {
        "title": title,
        "number": number,
        "office": office_of(producer),
        "addressee": producer.name,
        "lines": [],
        "rows": [],
        "seal": _("盖章"),
        "on": full_date(today()),
        "footer": _("本文书由农安信用平台生成，加盖印章后有效"),
    }


def _number(word: str, day: date, pk: int) -> str:
    return f"农安信{word}〔{day.year}〕{pk}号"


def _notice(decision: Decision) -> dict[str, Any]:
    scheme = schemes.parsed(decision.run.scheme)
    lines = [
        ("", _("经查，本机关拟%(intent)s。现将事实、理由、依据和你单位的权利告知如下。") % _intent(decision)),
        (_("事实与理由"), decision.reasons),
        (_("依据"), decision.basis),
        (_("评价方案"), f"{scheme.name}（{scheme.code} {scheme.version}）"),
    ]
    if decision.evidence_uids:
        lines.append((_("所据信息编号"), "；".join(decision.evidence_uids)))
    days = {"days": decisions.STATEMENT_WORKING_DAYS}
    lines.append(
        (
            _("陈述申辩"),
            _(
                "自收到本告知书之日起%(days)s个工作日内，可以在平台上或书面陈述申辩并提交材料；"
                "逾期未提出的，视为放弃。作出决定前，原等级不变，本事项不公开。"
            )
            % days,
        )
    )
    if decision.hearing_offered:
        lines.append((_("听证"), _("自收到本告知书之日起%(days)s个工作日内，可以要求听证。") % days))
    head = _head(decision.producer, _("拟认定告知书"), _number("告", decision.noticed_on, decision.pk))
    return {**head, "lines": lines, "on": full_date(decision.noticed_on)}


def _intent(decision: Decision) -> dict[str, str]:
    return {"intent": intent(decision)}


def _decision(decision: Decision) -> dict[str, Any]:
    heard = hearings.of(decision)
    lines = [
        (_("事实与理由"), decision.reasons),
        (_("依据"), decision.basis),
        (_("陈述申辩"), decision.statement or _("在期限内没有陈述申辩。")),
    ]
    if heard is not None:
        lines.append((_("听证"), heard.minutes or heard.get_state_display()))
    lines += [
        (_("对陈述申辩和听证意见的答复"), decision.outcome_reason or "—"),
        (_("决定"), _("本机关决定%(intent)s，自送达之日起生效。") % _intent(decision)),
        (
            _("救济途径"),
            _(
                "对本决定有异议的，可以自送达之日起二十个工作日内在平台上或书面提出异议；"
                "也可以依法申请行政复议或者提起行政诉讼。改正后可以申请信用修复，不收取任何费用。"
            ),
        ),
    ]
    day = decision.decided_on or today()
    head = _head(decision.producer, _("认定决定书"), _number("决", day, decision.pk))
    return {**head, "lines": lines, "on": full_date(day)}


def _hearing(decision: Decision) -> dict[str, Any]:
    hearing = hearings.of(decision)
    if hearing is None or hearing.scheduled_on is None or hearing.notified_on is None:
        raise ValidationError(_("现在没有这份文书。"), code="no_letter")
    lines = [
        ("", _("你单位就拟认定事项要求听证，现通知如下。")),
        (_("时间"), full_date(hearing.scheduled_on)),
        (_("地点"), hearing.place),
        (_("主持人"), str(hearing.chair or "")),
        ("", _("无正当理由不出席的，视为放弃听证权利。")),
    ]
    head = _head(decision.producer, _("听证通知书"), _number("听", hearing.notified_on, decision.pk))
    return {**head, "lines": lines, "on": full_date(hearing.notified_on)}


def _notice_receipt(decision: Decision) -> dict[str, Any]:
    return _receipt(decision, "notice", _("拟认定告知书"), _number("告", decision.noticed_on, decision.pk))


def _decision_receipt(decision: Decision) -> dict[str, Any]:
    number = _number("决", decision.decided_on or today(), decision.pk)
    return _receipt(decision, "decision", _("认定决定书"), number)


def _receipt(decision: Decision, document: str, title: str, number: str) -> dict[str, Any]:
    """What is on record of the service; empty cells to fill in by hand where it is not yet."""
    row = decision.receipts.filter(document=document).first()
    rows = [
        (_("送达文书"), f"{title} {number}"),
        (_("受送达人"), decision.producer.name),
        (_("送达地点"), ""),
        (_("送达方式"), row.get_method_display() if row else ""),
        (_("收件人签名（盖章）"), row.recipient if row else ""),
        (_("收件人与受送达人的关系"), row.relation if row else ""),
        (_("送达日期"), full_date(row.served_on) if row else ""),
        (_("拒收情况、见证人"), row.witness if row else ""),
        (_("送达人"), str(row.recorded_by or _("平台")) if row else ""),
        (_("备注"), row.note if row else ""),
    ]
    head = _head(decision.producer, _("送达回证"), number)
    return {**head, "addressee": "", "rows": rows}
