"""Two officers at one pair: one decides, the other is told who did."""

import pytest
from django.core.exceptions import ValidationError

from archives.models import DuplicatePair, Producer
from archives.services import duplicates
from tests.archives.test_register_races import together
from tests.factories.accounts import UserFactory
from tests.factories.archives import DuplicatePairFactory

pytestmark = pytest.mark.django_db(transaction=True)


def outcomes(results):
    return sorted("refused" if isinstance(result, ValidationError) else "done" for result in results)


def test_two_officers_merging_one_pair_in_opposite_directions():
    pair, officers = DuplicatePairFactory(), (UserFactory(), UserFactory())

    def merging(keep, officer):
        return lambda: duplicates.merge_pair(pair=pair, keep=keep, reason="同一家", actor=officer)

    results = together(merging(pair.low, officers[0]), merging(pair.high, officers[1]))
    assert outcomes(results) == ["done", "refused"]
    refusal = next(result for result in results if isinstance(result, ValidationError))
    winner = DuplicatePair.objects.get().decided_by
    assert refusal.messages == [f"{winner.name}已处理这一对主体：已合并。"]
    assert Producer.objects.filter(status="merged").count() == 1


def test_merging_and_telling_apart_at_once():
    pair, officer = DuplicatePairFactory(), UserFactory()
    results = together(
        lambda: duplicates.merge_pair(pair=pair, keep=pair.low, reason="同一家", actor=officer),
        lambda: duplicates.mark_distinct(pair=pair, reason="两家", actor=officer),
    )
    assert outcomes(results) == ["done", "refused"]
    merged = Producer.objects.filter(status="merged").count()
    assert (DuplicatePair.objects.get().state, merged) in {("merged", 1), ("distinct", 0)}
