"""Measures, conditions and rules as they stand in a document: the small, closed vocabulary of schemes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise

from .document import Node, shown
from .scheme import (
    Band,
    Bands,
    Comparison,
    Condition,
    Flag,
    Lose,
    Measure,
    Measuring,
    Outcome,
    Per,
    Rule,
    Scale,
    Selection,
    Span,
)

NEVER_NONE = frozenset({Measuring.count, Measuring.sum, Measuring.months, Measuring.incidents})
WHOLE_NUMBERS = frozenset({Measuring.count, Measuring.months, Measuring.incidents})
OF_THE_LAST = frozenset({Measuring.latest, Measuring.latest_outcome, Measuring.age})
WITHOUT_OUTCOME = frozenset({Measuring.share, Measuring.ratio}) | OF_THE_LAST
TRUE_OR_FALSE = frozenset({Measuring.count, Measuring.incidents, Measuring.latest_outcome})

_OUTCOMES = {"pass": Outcome.passed, "fail": Outcome.failed}
_RULES = ("scale", "bands", "flag", "lose", "per")
_IN_BANDS = (Comparison.at_least, Comparison.above, Comparison.at_most)

_NOTHING = Measure(Measuring.count, Selection((), (), None, Span.year))


def window(node: Node) -> Span:
    """The window of a criterion or a veto."""
    return Span[node.choice("window", [span.name for span in Span])]


def measure(node: Node, span: Span, kinds: Mapping[str, int]) -> Measure:
    """`{share: harvest.recorded}`, `{count: visit.made, outcome: fail}`, `{ratio: [{…}, {…}]}`."""
    known = [key for key in node if key in Measuring.__members__]
    if len(known) != 1:
        node.fault(f"度量应恰为 {'、'.join(Measuring.__members__)} 之一，现为 {'、'.join(node) or '空'}")
        return _NOTHING
    op = Measuring(known[0])
    if op is Measuring.ratio:
        return _ratio(node, span, kinds)
    found = Measure(op, _selection(node, op, span, kinds))
    node.close()
    return found


def _ratio(node: Node, span: Span, kinds: Mapping[str, int]) -> Measure:
    parts = node.nodes("ratio")
    node.close()
    if len(parts) != 2:
        node.fault("ratio 应有两个度量")
        return _NOTHING
    found = tuple(measure(part, span, kinds) for part in parts)
    if any(part.op not in NEVER_NONE for part in found):
        node.fault("ratio 的两个度量应为 count、sum、months、incidents")
        return _NOTHING
    return Measure(Measuring.ratio, None, found)


def _selection(node: Node, op: Measuring, span: Span, kinds: Mapping[str, int]) -> Selection:
    names = node.words(op.value)
    for name in names:
        if name not in kinds:
            node.fault(f"信用信息种类“{name}”没有登记，应为登记簿中的种类")
    if len(set(names)) != len(names):
        node.fault("同一种类写了两次")
    if op in OF_THE_LAST and len(names) > 1:
        node.fault(f"{op.value} 只能读取一个种类")
    outcome = None
    if node.has("outcome"):
        outcome = _OUTCOMES[node.choice("outcome", list(_OUTCOMES))]
        if op in WITHOUT_OUTCOME:
            node.fault(f"{op.value} 不能指定 outcome")
    return Selection(tuple(kinds.get(name, 0) for name in names), names, outcome, span)


def comparison(node: Node) -> tuple[Comparison, int]:
    """The one comparison of a condition, with its threshold in hundredths."""
    given = [word for word in Comparison if node.has(word.value)]
    if len(given) != 1:
        node.fault(f"应恰有 {'、'.join(Comparison)} 之一")
        for word in given:
            node.raw(word.value)
        return Comparison.at_least, 0
    return given[0], node.number(given[0].value, least=-100)


def condition(node: Node, kinds: Mapping[str, int], span: Span | None = None) -> Condition:
    """`{measure: …, window: year, at_least: 1}`; the window may be given once outside."""
    where = window(node) if span is None else span
    read = measure(node.node("measure"), where, kinds)
    compared, threshold = comparison(node)
    node.close()
    return Condition(read, compared, threshold)


def rule(node: Node, op: Measuring) -> Rule:
    """A rule, checked against the measure that it scores."""
    known = [word for word in _RULES if node.has(word)]
    if len(known) != 1:
        node.fault(f"计分规则应恰为 {'、'.join(_RULES)} 之一，现为 {'、'.join(node) or '空'}")
        return Flag(0)
    found = _BUILDERS[known[0]](node)
    if isinstance(found, Flag) and op not in TRUE_OR_FALSE:
        node.fault("flag 只能用于 count、incidents、latest_outcome")
    if isinstance(found, Lose) and op not in WHOLE_NUMBERS:
        node.fault("lose 只能用于 count、incidents、months")
    node.close()
    return found


def _scale(node: Node) -> Scale:
    below = node.number("zero_below") if node.has("zero_below") else None
    return Scale(node.number("scale"), below)


def _flag(node: Node) -> Flag:
    return Flag(node.number("flag"))


def _lose(node: Node) -> Lose:
    return Lose(node.number("lose"), node.number("each", least=1))


def _per(node: Node) -> Per:
    return Per(node.number("per", least=1), node.number("cap", least=1) if node.has("cap") else None)


def _bands(node: Node) -> Bands:
    bands = tuple(_band(item) for item in node.nodes("bands"))
    _check_order(node, bands)
    return Bands(bands, node.number("else"))


def _band(node: Node) -> Band:
    compared, threshold = comparison(node)
    if compared not in _IN_BANDS:
        node.fault("分段只能用 at_least、above、at_most")
    points = node.number("points")
    node.close()
    return Band(compared, threshold, points)


def _check_order(node: Node, bands: tuple[Band, ...]) -> None:
    """Each band must leave something to the next: downwards for ≥ and >, upwards for ≤, never mixed."""
    if len({band.comparison is Comparison.at_most for band in bands}) > 1:
        node.fault("分段不能混用“不小于”与“不大于”")
        return
    for before, after in pairwise(bands):
        if before.threshold == after.threshold:
            opens = before.comparison is Comparison.above and after.comparison is Comparison.at_least
            if not opens:
                node.fault(f"分段重叠：界限 {shown(after.threshold)} 出现两次")
        elif (before.threshold < after.threshold) != (before.comparison is Comparison.at_most):
            order = "从小到大" if before.comparison is Comparison.at_most else "从大到小"
            node.fault(f"分段次序不对：{shown(before.threshold)} 之后是 {shown(after.threshold)}，应{order}")


_BUILDERS: dict[str, Callable[[Node], Rule]] = {
    "scale": _scale,
    "bands": _bands,
    "flag": _flag,
    "lose": _lose,
    "per": _per,
}


def most_points(found: Rule) -> int | None:
    """The most a rule can give, in hundredths; None when it has no limit."""
    if isinstance(found, Bands):
        return max([found.otherwise, *(band.points for band in found.bands)])
    if isinstance(found, Per):
        return found.cap
    return found.points
