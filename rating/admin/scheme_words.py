"""What a criterion reads and how that becomes points, in words, for whoever reads a scheme as a table."""

from __future__ import annotations

from django.utils.translation import gettext as _

from archives.ledger.kinds import KIND_BY_NUMBER
from rating.admin.scheme_builder import MEASURES, OUTCOMES, WINDOWS
from rating.admin.scheme_parts import CHOICES
from rating.engine.scheme import (
    Bands,
    Comparison,
    Criterion,
    Flag,
    Lose,
    Measure,
    Measuring,
    Outcome,
    Rule,
    Scale,
)
from rating.services.exporting import decimal_text

SIGNS = {
    Comparison.at_least: "≥",
    Comparison.above: ">",
    Comparison.at_most: "≤",
    Comparison.below: "<",
}

#: Measures that read 0 where there is nothing to measure.
_ALWAYS = (Measuring.count, Measuring.sum, Measuring.months, Measuring.incidents)


def reads(measure: Measure) -> str:
    """采收记录：合格的占比（本年度）; a ratio as one measure by another."""
    if measure.op is Measuring.ratio:
        return " ÷ ".join(reads(part) for part in measure.parts)
    chosen = measure.selected
    kinds = "、".join(str(KIND_BY_NUMBER[kind].label) for kind in chosen.kinds)
    limits = [str(WINDOWS[chosen.span.name])]
    if chosen.outcome in (Outcome.passed, Outcome.failed):
        limits.insert(0, str(OUTCOMES["pass" if chosen.outcome is Outcome.passed else "fail"]))
    told = {"kinds": kinds, "measure": MEASURES[measure.op.name], "limits": "，".join(limits)}
    return _("%(kinds)s：%(measure)s（%(limits)s）") % told


def counts(criterion: Criterion) -> str:
    """The rule, what holds without data and for whom, and the scheme's own explanation."""
    said = [_rule(criterion.rule)]
    if criterion.measure.op not in _ALWAYS:
        said.append(_("没有数据时%(none)s") % {"none": CHOICES["none"][criterion.when_none.value]})
    if criterion.organised_only:
        said.append(_("只评有组织的主体"))
    return "；".join([*said, criterion.explanation] if criterion.explanation else said)


def _rule(rule: Rule) -> str:
    if isinstance(rule, Scale):
        if rule.zero_below is None:
            return _("按比例得分，满分%(points)s") % {"points": number(rule.points)}
        told = {"points": number(rule.points), "least": number(rule.zero_below)}
        return _("按比例得分，满分%(points)s，低于%(least)s得零分") % told
    if isinstance(rule, Bands):
        steps = [
            _("%(sign)s%(line)s得%(points)s分")
            % {"sign": SIGNS[band.comparison], "line": number(band.threshold), "points": number(band.points)}
            for band in rule.bands
        ]
        return "，".join([*steps, _("其他得%(points)s分") % {"points": number(rule.otherwise)}])
    if isinstance(rule, Flag):
        return _("有则得%(points)s分") % {"points": number(rule.points)}
    if isinstance(rule, Lose):
        told = {"points": number(rule.points), "each": number(rule.each)}
        return _("%(points)s分，每次减%(each)s分，减完为止") % told
    each = _("每1计%(each)s分") % {"each": number(rule.each)}
    if rule.cap is None:
        return each
    return _("%(each)s，最多%(cap)s分") % {"each": each, "cap": number(rule.cap)}


def number(hundredths: int) -> str:
    """12, 0.5: hundredths without idle zeros."""
    return decimal_text(hundredths, 2).rstrip("0").rstrip(".")
