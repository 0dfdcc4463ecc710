"""What a scheme needs to know of the ledger, so that nothing else is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from .scheme import Measure, Measuring, Outcome, Scheme, Span

ALL_OUTCOMES = frozenset(Outcome)
DECIDED = frozenset({Outcome.passed, Outcome.failed})

_DATED = frozenset({Measuring.latest, Measuring.latest_outcome, Measuring.age, Measuring.months})
_VALUED = frozenset({Measuring.sum, Measuring.mean, Measuring.median, Measuring.best})

Place = tuple[Span, int]
Wanted = dict[Place, frozenset[Outcome]]


@dataclass(frozen=True)
class Needs:
    """Per window and kind the outcomes that matter: for tallies, measures of days, measures of incidents.

    `valued` are the tallied places whose values matter.
    """

    tally: Wanted
    dated: Wanted
    incidents: Wanted
    valued: frozenset[Place]

    @property
    def places(self) -> Wanted:
        """Everything wanted, by window and kind."""
        found: Wanted = {}
        for group in (self.tally, self.dated, self.incidents):
            for place, outcomes in group.items():
                found[place] = found.get(place, frozenset()) | outcomes
        return found


def measures(scheme: Scheme) -> Iterator[Measure]:
    """Every measure that the scheme takes, parts of ratios one by one."""
    taken = [column.measure for column in scheme.columns]
    taken += [condition.measure for veto in scheme.vetoes for condition in veto.conditions]
    taken += [gate.condition.measure for grade in scheme.grades for gate in grade.gates if gate.condition]
    taken += [scheme.pause.measure] if scheme.pause else []
    for measure in taken:
        yield from measure.leaves()


@lru_cache(maxsize=64)
def _of(measures_taken: tuple[Measure, ...], deductions: tuple[Measure, ...]) -> Needs:
    needs = Needs({}, {}, {}, frozenset())
    valued: set[Place] = set()
    for measure in measures_taken:
        group = needs.tally
        if measure.op in _DATED:
            group = needs.dated
        elif measure.op is Measuring.incidents:
            group = needs.incidents
        places = _add(group, measure)
        if measure.op in _VALUED:
            valued.update(places)
    for measure in deductions:
        _add(needs.incidents, measure)
    return Needs(needs.tally, needs.dated, needs.incidents, frozenset(valued))


def _add(group: Wanted, measure: Measure) -> list[Place]:
    selection = measure.selected
    outcomes = ALL_OUTCOMES if selection.outcome is None else frozenset({selection.outcome})
    if measure.op in (Measuring.share, Measuring.latest_outcome):
        outcomes = DECIDED
    places = [(selection.span, kind) for kind in selection.kinds]
    for place in places:
        group[place] = group.get(place, frozenset()) | outcomes
    return places


def needs_of(scheme: Scheme) -> Needs:
    """The needs of a scheme."""
    return _of(tuple(measures(scheme)), tuple(column.measure for column in scheme.deductions))
