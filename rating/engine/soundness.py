"""Whether a scheme that reads well also makes sense: sums, references, grades in order and in reach."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise

from .document import shown
from .scheme import Comparison, Condition, Grade, Measuring, Scheme

_UPWARDS = (Comparison.at_least, Comparison.above)
_DOWNWARDS = (Comparison.at_most, Comparison.below)


def faults(scheme: Scheme) -> list[str]:
    """Every fault that only the whole shows."""
    return [
        *_duplicates(scheme),
        *_sums(scheme),
        *_grades(scheme),
        *_vetoes(scheme),
        *_groups(scheme),
        *_supervision(scheme),
        *_top_grade(scheme),
    ]


def _twice(codes: Iterable[str]) -> Iterator[str]:
    return (code for code, times in Counter(codes).items() if code and times > 1)


def _duplicates(scheme: Scheme) -> Iterator[str]:
    for what, codes in (
        ("指标与评分标准", [column.code for column in scheme.columns]),
        ("一级、二级指标", [indicator.code for indicator in scheme.indicators]),
        ("等级", [grade.code for grade in scheme.grades]),
        ("一票否决", [veto.code for veto in scheme.vetoes]),
    ):
        for code in _twice(codes):
            yield f"{code}：{what}的编号重复"


def _sums(scheme: Scheme) -> Iterator[str]:
    known = {indicator.code: indicator for indicator in scheme.indicators}
    held: Counter[str] = Counter()
    for criterion in scheme.criteria:
        held[criterion.indicator] += criterion.points
        if criterion.indicator not in known:
            yield f"{criterion.code}：指标“{criterion.indicator}”不存在，应为 {'、'.join(known)} 之一"
    parents = {indicator.parent for indicator in scheme.indicators if indicator.parent}
    for code in sorted(parents - set(known)):
        yield f"{code}：上级指标不存在"
    for indicator in scheme.indicators:
        children = sum(child.points for child in scheme.indicators if child.parent == indicator.code)
        below = held[indicator.code] + children
        if below != indicator.points:
            yield f"{indicator.code}：各项分值合计 {shown(below)}，应等于指标分值 {shown(indicator.points)}"
    total = sum(indicator.points for indicator in scheme.indicators if not indicator.parent)
    if total != scheme.points:
        yield f"方案：各指标分值合计 {shown(total)}，应等于总分 {shown(scheme.points)}"


def _grades(scheme: Scheme) -> Iterator[str]:
    for higher, lower in pairwise(scheme.grades):
        if higher.cut <= lower.cut:
            yield f"{lower.code}：分数线 {shown(lower.cut)} 应低于上一等级的 {shown(higher.cut)}"
    if scheme.grades and (scheme.lowest.cut != 0 or scheme.lowest.gates):
        yield f"{scheme.lowest.code}：最低等级的分数线应为 0，且不设门槛"
    columns = {column.code for column in scheme.criteria}
    for grade in scheme.grades:
        for gate in grade.gates:
            if gate.reading_of and gate.reading_of not in columns:
                yield f"{grade.code}：门槛引用的评分标准“{gate.reading_of}”不存在"


def _vetoes(scheme: Scheme) -> Iterator[str]:
    codes = [grade.code for grade in scheme.grades]
    for veto in scheme.vetoes:
        if veto.grade not in codes:
            yield f"{veto.code}：否决等级“{veto.grade}”不存在，应为 {'、'.join(codes)} 之一"
    if len(scheme.vetoes) > 30:
        yield "方案：一票否决至多 30 项"


def _groups(scheme: Scheme) -> Iterator[str]:
    codes = {criterion.code for criterion in scheme.criteria}
    for name, group in (
        ("record_group", scheme.evidence.record_group),
        ("check_group", scheme.evidence.check_group),
    ):
        for code in group:
            if code not in codes:
                yield f"{code}：{name} 引用的评分标准不存在"
    if scheme.evidence.able_at_least > scheme.points:
        yield "方案：able_at_least 不应高于总分"


def _supervision(scheme: Scheme) -> Iterator[str]:
    wanted = [*(grade.code for grade in scheme.grades), "not_rated"]
    given = Counter(row.grade for row in scheme.supervision)
    for code in wanted:
        if given[code] != 1:
            yield f"{code}：supervision 应恰有一行，现有 {given[code]} 行"
    for code in sorted(set(given) - set(wanted)):
        yield f"{code}：supervision 的等级不存在"


def _top_grade(scheme: Scheme) -> Iterator[str]:
    if not scheme.grades:
        return
    top = scheme.grades[0]
    if top.cut > 10000:
        yield f"{top.code}：分数线 {shown(top.cut)} 高于 100，最高等级永远达不到"
    for gate in top.gates:
        if gate.condition and _impossible(gate.condition, top, scheme):
            yield f"{top.code}：门槛“{gate.name}”永远不能满足，最高等级永远达不到"


def _impossible(wanted: Condition, top: Grade, scheme: Scheme) -> bool:
    """Beyond the measure's range, against another gate, or a veto by itself."""
    if wanted.comparison is Comparison.below and wanted.threshold <= 0:
        return True
    if wanted.comparison not in _UPWARDS:
        return False
    past = wanted.comparison is Comparison.above
    if wanted.measure.op in (Measuring.share, Measuring.latest_outcome) and wanted.threshold + past > 100:
        return True
    others = [gate.condition for gate in top.gates if gate.condition]
    if any(_excludes(other, wanted) for other in others if other.measure == wanted.measure):
        return True
    alone = [veto.conditions[0] for veto in scheme.vetoes if len(veto.conditions) == 1]
    return any(
        veto.measure == wanted.measure
        and veto.comparison in _UPWARDS
        and (veto.threshold, veto.comparison is Comparison.above) <= (wanted.threshold, past)
        for veto in alone
    )


def _excludes(other: Condition, wanted: Condition) -> bool:
    if other.comparison not in _DOWNWARDS:
        return False
    strict = Comparison.above is wanted.comparison or other.comparison is Comparison.below
    return other.threshold < wanted.threshold or (strict and other.threshold == wanted.threshold)
