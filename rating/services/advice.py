"""For one producer: at most four reasons for what is missing to 100, and the cheapest honest way up.

An estimate over the rolling 365 days, as the live score is; nothing here is an act or changes a grade.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.cache import cache
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from agricredit.foundation.common.clock import today
from archives.models import Producer
from rating.engine import losses
from rating.engine.columns import Window, day_number
from rating.engine.explain import explain
from rating.engine.losses import Because, Part
from rating.engine.paths import Gain, Path, Search, Step
from rating.engine.scheme import Grade, Scheme
from rating.services import acts, explaining
from rating.services.explaining import Facts
from rating.services.exporting import decimal_text

#: So many single acts are shown beside the way up.
GAINS = 5
#: Hundredths; what is worth less is not worth a sentence.
LEAST_GAIN = 10
#: Month ends that the history of the estimate goes back.
MONTHS = 12
KEPT = 3600  # seconds; new evidence changes the key at once
#: With fewer days left most acts cannot be finished within the year.
SHORT = 15


@dataclass(frozen=True)
class Advised:
    """What a producer is told: amounts in hundredths, ``days_left`` until the rated year ends.

    ``path`` is None where no act leads up (``why_not`` says why).
    """

    score: int
    grade: Grade | None
    target: Grade | None
    reasons: tuple[Part, ...]
    path: Path | None
    gains: tuple[Gain, ...]
    days_left: int
    why_not: str


def advise(producer: Producer, day: date | None = None) -> Advised:
    """Reasons and the way up. ValidationError when the producer is not rated where it is.

    The search costs some tenths of a second; it is kept until the day or the producer's evidence changes.
    """
    day = day or today()
    facts = explaining.live_facts(producer, day)
    last = max((line.event for line in facts.lines), default=0)
    key = f"advice:{producer.pk}:{day}:{last}:{len(facts.lines)}:{facts.scheme.sha256}:{producer.kind}"
    key = f"{key}:{get_language()}"  # a scheme's words stand in the reader's language
    known = cache.get(key)
    if isinstance(known, Advised):
        return known
    found = of_facts(facts, day)
    cache.set(key, found, KEPT)
    return found


def of_facts(facts: Facts, day: date) -> Advised:
    """The same of facts at hand, computed."""
    days_left = (date(day.year, 12, 31) - day).days
    situation = acts.Situation(int(facts.roll.kind[0]), tuple(facts.lines), facts.window, days_left)
    search = Search(facts.scheme, facts.lines, facts.roll, facts.window, acts.possible(situation))
    explained = explain(facts.scheme, facts.lines, facts.roll, facts.window)
    path = search.cheapest()
    return Advised(
        score=explained.score,
        grade=explained.grade,
        target=facts.scheme.grades[path.grade] if path else None,
        reasons=tuple(losses.reasons(facts.scheme, explained)),
        path=path,
        gains=tuple(gain for gain in search.gains() if gain.gain >= LEAST_GAIN)[:GAINS],
        days_left=days_left,
        why_not="" if path else _why_not(facts.scheme, search, days_left),
    )


def _why_not(scheme: Scheme, search: Search, days_left: int) -> str:
    if int(search.now.vetoes[0]):
        return "veto"
    if search.grade == 0:
        return "highest"
    return "time" if days_left < SHORT else "others"


def why_not_text(advised: Advised) -> str:
    """Why nothing leads up, in words; "" where something does."""
    words = {
        "veto": _("有一票否决情形，须先经认定程序；做什么都不能抵消它。"),
        "highest": _("按现在的记录已经是最高一级的水平，保持就好。"),
        "time": _("本评价年度只剩 %(days)s 天，来不及办成足以升级的事。") % {"days": advised.days_left},
        "others": _("光靠自己做的事还到不了上一级：缺的是检查、抽样等由部门办的事，或者已有的扣分。"),
    }
    return words.get(advised.why_not, "")


def reason_text(part: Part) -> str:
    """One reason in words, without its points."""
    if part.because is Because.criterion and part.criterion is not None:
        return part.criterion.name
    if part.because is Because.deduction and part.criterion is not None:
        return _("扣分：%(name)s") % {"name": part.criterion.name}
    words = {
        Because.bonus: _("加分"),
        Because.limit: _("得分以0到100分为限"),
        Because.last_year: _("上一年度得分按权重计入"),
    }
    if part.because is not Because.others:
        return words[part.because]
    gains = [one for one in part.merged if one.points < 0]
    lost = len(part.merged) - len(gains)
    if not lost:
        return _("加分等%(count)s项合计") % {"count": len(gains)}
    if not gains:
        return _("其余%(count)s项合计") % {"count": lost}
    return _("其余%(count)s项合计，已抵去加分等%(gain)s分") % {
        "count": lost,
        "gain": decimal_text(-sum(one.points for one in gains), 2),
    }


def step_text(step: Step) -> str:
    """One step in words."""
    return acts.sentence(step.act.code, step.times)


def effort_text(minutes: int) -> str:
    """Roughly how long."""
    if minutes < 60:
        return _("约%(minutes)s分钟") % {"minutes": minutes}
    if minutes < 60 * 16:
        hours = decimal_text(round(minutes / 60 * 2) * 50, 2).removesuffix("0").removesuffix(".0")
        return _("约%(hours)s小时") % {"hours": hours}
    return _("约%(days)s个工作日") % {"days": -(-minutes // 480)}


def estimates(producer: Producer, day: date | None = None) -> list[tuple[date, int, str]]:
    """The estimate at each of the last month ends and today: (day, score, grade code), oldest first.

    Computed from what the ledger holds now, by the scheme of today: what it would have been had all that is
    known been known then. ValidationError as for :func:`advise`.
    """
    day = day or today()
    facts = explaining.live_facts(producer, day)
    found = []
    for end in [*_month_ends(day), day]:
        window = Window.rolling(end)
        if int(facts.roll.registered[0]) > day_number(end):
            continue
        lines = [line for line in facts.lines if line.occurred <= window.end]
        told = explain(facts.scheme, lines, facts.roll, window)
        found.append((end, told.score, told.grade.code if told.grade else ""))
    return found


def _month_ends(day: date) -> list[date]:
    """The last days of the months before, oldest first."""
    ends, first = [], day.replace(day=1)
    for _month in range(MONTHS):
        ends.append(first - timedelta(days=1))
        first = ends[-1].replace(day=1)
    return ends[::-1]


def in_words(advised: Advised) -> dict[str, Any]:
    """What pages show: reasons as bars, steps and single acts as sentences, and why nothing leads up."""
    path = advised.path
    return {
        "loss": 10000 - advised.score,
        "reasons": [
            {"label": reason_text(part), "value": part.points, "text": _signed(part.points)}
            for part in advised.reasons
        ],
        "steps": [_said(step) for step in path.steps] if path else [],
        "effort": effort_text(path.effort) if path else "",
        "gains": [_said(gain.step) | {"gain": gain.gain} for gain in advised.gains],
        "why_not": why_not_text(advised),
    }


def _signed(points: int) -> str:
    """Points lost; with a plus what was gained."""
    return decimal_text(points, 2) if points >= 0 else f"＋{decimal_text(-points, 2)}"


def _said(step: Step) -> dict[str, Any]:
    return {"act": step.act.code, "text": step_text(step), "effort": effort_text(step.effort)}


def as_document(advised: Advised) -> dict[str, Any]:
    """Everything as JSON for the API: points with two decimals as text, effort in minutes."""
    return {
        "score": decimal_text(advised.score, 2),
        "grade": advised.grade.code if advised.grade else "",
        "reasons": [
            {"reason": reason_text(part), "points": decimal_text(part.points, 2)} for part in advised.reasons
        ],
        "next": advised.target.code if advised.target else "",
        "steps": [_step(step) for step in advised.path.steps] if advised.path else [],
        "effort_minutes": advised.path.effort if advised.path else None,
        "score_then": decimal_text(advised.path.score, 2) if advised.path else None,
        "single": [_step(gain.step) | {"gain": decimal_text(gain.gain, 2)} for gain in advised.gains],
        "days_left": advised.days_left,
        "why_not": advised.why_not,
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "act": step.act.code,
        "times": step.times,
        "text": step_text(step),
        "effort_minutes": step.effort,
    }
