"""Real connections at once: writers against writers, writers against the seal, and a killed backend."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection, transaction

from agricredit.foundation.common.db import Lock
from archives.models import CreditEvent, Seal
from archives.services import sealing
from archives.services.ledger import LedgerRefusal, post
from archives.services.sealing import LedgerBusyError, seal
from archives.services.verification import verify
from tests.archives.ledger.test_corrections import complaint, granted
from tests.factories.ledger import draft

pytestmark = pytest.mark.django_db(transaction=True)
LONG = 180  # seconds; costs nothing when things go well


@pytest.fixture
def pool():
    with ThreadPoolExecutor(8) as threads:
        yield threads


def in_thread(pool, act):
    """Run ``act`` on a connection of its own."""

    def run():
        try:
            return act()
        finally:
            connection.close()

    return pool.submit(run)


class Writer:
    """Posts in a transaction that stays open until told to commit or roll back."""

    def __init__(self, pool, *drafts):
        self.posted, self.go = threading.Event(), threading.Event()
        self.rolls_back = False
        self.drafts = drafts
        self.future = in_thread(pool, self._write)
        assert self.posted.wait(LONG)

    def _write(self):
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                self.pid = cursor.fetchone()[0]
            result = post(self.drafts)
            self.posted.set()
            assert self.go.wait(LONG)
            if self.rolls_back:
                transaction.set_rollback(True)
        return result

    def commit(self):
        self.go.set()
        return self.future.result(LONG)

    def roll_back(self):
        self.rolls_back = True
        return self.commit()


def wait_until_blocked(count: int = 1) -> None:
    """Until ``count`` connections to this database wait for a lock."""
    pause = threading.Event()
    for _ in range(LONG * 100):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
                " WHERE NOT l.granted AND a.datname = current_database()"
            )
            if cursor.fetchone()[0] >= count:
                return
        pause.wait(0.01)
    raise AssertionError("nobody waits")


def test_a_seal_waits_for_writers_that_have_drawn_ids(farm, pool):
    slow = Writer(pool, draft(uid="slow", producer=farm))
    sealed = in_thread(pool, seal)
    wait_until_blocked()
    slow.commit()
    made = sealed.result(LONG)
    assert (made.size, CreditEvent.objects.get().pk) == (1, made.last_id)


def test_nothing_slips_in_behind_a_seal(farm, pool, monkeypatch):
    monkeypatch.setattr(sealing, "PATIENCE", f"{LONG}s")  # one try: who comes later stands behind it
    post([draft(uid="first", producer=farm)])
    slow = Writer(pool, draft(uid="slow", producer=farm))
    sealed = in_thread(pool, seal)
    wait_until_blocked()
    late = in_thread(pool, lambda: post([draft(uid="late", producer=farm)]))
    wait_until_blocked(2)
    slow.roll_back()
    made = sealed.result(LONG)
    late.result(LONG)
    assert made.size == 1
    assert set(CreditEvent.objects.as_of(made).values_list("uid", flat=True)) == {"first"}
    assert CreditEvent.objects.get(uid="late").pk > made.last_id
    assert (seal().size, verify().faults) == (2, [])


def test_the_ledger_is_free_while_the_tree_is_built(farm, pool, monkeypatch):
    post([draft(uid="first", producer=farm)])
    grow, later = sealing.grow, []

    def post_meanwhile(last_id):
        later.append(in_thread(pool, lambda: post([draft(uid="meanwhile", producer=farm)])).result(LONG))
        return grow(last_id)

    monkeypatch.setattr(sealing, "grow", post_meanwhile)
    assert seal().size == 1
    assert len(later[0].new) == 1


def test_a_seal_gives_up_with_a_sentence_and_writers_pass_between_its_tries(farm, pool, monkeypatch):
    monkeypatch.setattr(sealing, "PATIENCE", "50ms")
    monkeypatch.setattr(sealing, "ATTEMPTS", 3)
    slow = Writer(pool, draft(uid="slow", producer=farm))
    with pytest.raises(LedgerBusyError, match="封存"):
        seal()
    assert len(in_thread(pool, lambda: post([draft(producer=farm)])).result(LONG).new) == 1
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)
    slow.commit()
    assert seal().size == 2


def test_two_seals_at_once_make_one(farm, pool):
    post([draft(producer=farm)])
    made = [in_thread(pool, seal) for _ in range(4)]
    assert {future.result(LONG).size for future in made} == {1}
    assert Seal.objects.count() == 1


def test_a_seal_keeps_no_lock_inside_a_callers_transaction(farm, pool):
    with transaction.atomic():
        seal()
        assert len(in_thread(pool, lambda: post([draft(producer=farm)])).result(LONG).new) == 1


def test_a_killed_writer_leaves_a_gap_and_a_sound_ledger(farm, pool):
    doomed = Writer(pool, *[draft(producer=farm) for _ in range(3)])
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [doomed.pid])
    with pytest.raises(OperationalError):
        doomed.commit()
    assert seal().size == 0
    after = post([draft(uid="after", producer=farm)]).new
    made = seal()
    assert (made.size, made.last_id, verify().faults) == (1, after[0], [])
    assert after[0] > 3
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
            " WHERE l.locktype = 'advisory' AND l.classid = %s AND d.datname = current_database()",
            [Lock.LEDGER],
        )
        assert cursor.fetchone() == (0,)


class TestSameUid:
    def test_the_second_writer_finds_it_there(self, farm, pool):
        first = Writer(pool, draft(uid="u", producer=farm, note="备注"))
        second = in_thread(pool, lambda: post([draft(uid="u", producer=farm, note="备注")]))
        wait_until_blocked()
        first.commit()
        assert (second.result(LONG).new, second.result(LONG).existing) == ([], 1)

    def test_the_second_writer_with_other_content_is_refused(self, farm, pool):
        first = Writer(pool, draft(uid="u", producer=farm))
        second = in_thread(pool, lambda: post([draft(uid="u", producer=farm, outcome="fail")]))
        wait_until_blocked()
        first.commit()
        with pytest.raises(LedgerRefusal) as refusal:
            second.result(LONG)
        assert [fault.column for fault in refusal.value.faults] == ["outcome"]

    def test_the_second_writer_posts_it_when_the_first_rolls_back(self, farm, pool):
        first = Writer(pool, draft(uid="u", producer=farm))
        second = in_thread(pool, lambda: post([draft(uid="u", producer=farm)]))
        wait_until_blocked()
        first.roll_back()
        assert len(second.result(LONG).new) == 1
        assert CreditEvent.objects.count() == 1


@pytest.mark.parametrize("what", ["reverses", "repairs", "pause"])
def test_of_two_corrections_of_one_event_one_wins(farm, pool, what):
    post([complaint(farm)])
    pause = {"producer": farm, "kind": "production.paused", "outcome": "none", "value": 20000}
    both = {
        "reverses": [complaint(farm, uid, reverses="bad") for uid in "ab"],
        "repairs": [granted(farm, uid) for uid in "ab"],
        "pause": [draft(uid=uid, **pause) for uid in "ab"],
    }[what]
    first = Writer(pool, both[0])
    second = in_thread(pool, lambda: post([both[1]]))
    wait_until_blocked()
    first.commit()
    with pytest.raises(LedgerRefusal) as refusal:
        second.result(LONG)
    assert [fault.column for fault in refusal.value.faults] == ["value" if what == "pause" else what]
    assert set(CreditEvent.objects.values_list("uid", flat=True)) == {"bad", "a"}


def test_writers_and_seals_at_full_speed(farm, pool, monkeypatch):
    monkeypatch.setattr("archives.services.tiles.WIDTH", 4)
    monkeypatch.setattr("archives.services.verification.WIDTH", 4)

    def write(writer):
        for n in range(30):
            with transaction.atomic():
                post([draft(uid=f"{writer}-{n}-{i}", producer=farm) for i in range(3)])
                transaction.set_rollback(n % 5 == writer)

    writers = [in_thread(pool, lambda w=w: write(w)) for w in range(4)]
    seals = []
    while not all(writer.done() for writer in writers):
        seals.append(seal())
    for writer in writers:
        writer.result(LONG)
    last = seal()
    assert last.size == CreditEvent.objects.count() == 4 * 24 * 3
    for made in seals:
        assert CreditEvent.objects.as_of(made).count() == made.size
    assert verify().faults == []
