"""However a batch is cut and shuffled, and however often it is handed over, the ledger says the same."""

from __future__ import annotations

import random

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archives.models import CreditEvent
from archives.services.ledger import post, post_in_chunks
from tests.archives.ledger.test_corrections import complaint, granted
from tests.factories.ledger import draft

pytestmark = pytest.mark.django_db


def drafts(farm):
    pause = {"producer": farm, "kind": "production.paused", "outcome": "none"}
    yield from (draft(uid=f"e{n}", producer=farm, note=f"备注{n % 2}") for n in range(6))
    yield draft(uid="undo", producer=farm, reverses="e3")
    yield complaint(farm, "bad", incident="I")
    yield granted(farm)
    yield draft(uid="unfix", producer=farm, kind="repair.granted", outcome="none", reverses="fix")
    yield granted(farm, uid="fix-2")
    yield draft(uid="p", **pause, value=30000)
    yield draft(uid="p-undo", **pause, value=30000, reverses="p")
    yield draft(uid="p-2", **pause, value=36600)


def content():
    columns = ("uid", "kind", "outcome", "value", "occurred_on", "incident", "reverses__uid", "repairs__uid")
    return set(CreditEvent.objects.values_list(*columns, "note_row__note"))


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    database=None,
)
@given(order=st.randoms(use_true_random=False), size=st.integers(1, 15), times=st.integers(1, 3))
def test_order_chunks_and_repetition_do_not_matter(farm, order: random.Random, size, times):
    rows = list(drafts(farm))
    with transaction.atomic():
        post(rows)
        expected = content()
        transaction.set_rollback(True)
    order.shuffle(rows)
    with rolled_back():
        assert len(post_or_chunks(rows, size).new) == len(rows)
        assert content() == expected
        for _ in range(times):
            order.shuffle(rows)
            again = post_or_chunks(rows, size)
            assert (again.new, again.existing) == ([], len(rows))
        transaction.set_rollback(True)


def post_or_chunks(rows, size):
    return post_in_chunks(rows, size=size) if size < len(rows) else post(rows)


def rolled_back():
    """A transaction that chunks may commit inside, as they may inside the test's own."""
    block = transaction.atomic()
    block._from_testcase = True
    return block
