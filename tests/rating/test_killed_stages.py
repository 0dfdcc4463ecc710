"""SIGKILL at every stage of a run and of a reissue: exactly recovered, nothing lost, nothing doubled."""

from datetime import date

import pytest

from agricredit.foundation.jobs.models import Job, State
from archives.services import ledger
from rating.models import Rating, RatingRun, RunShard, Standing
from rating.services import reissue, standings, verifying
from tests.factories.ledger import draft
from tests.rating.test_killed import (
    assert_whole,
    computed,
    gate,
    let_go,
    revive_silent,
    run,
    start_hanging,
    waiting_backends,
    workers,
)
from tests.workers import kill

__all__ = ["gate", "run", "workers"]


@pytest.mark.engines
@pytest.mark.parametrize(
    ("stage", "done_before"), [("claimed", 0), ("read", 0), ("close", None)], ids=lambda value: str(value)
)
def test_a_worker_killed_at_each_stage_of_a_run(run, gate, workers, tmp_path, stage, done_before):
    victim = start_hanging(workers, stage)
    victims = workers.await_until(waiting_backends)
    if done_before is None:
        assert not run.shards.undone().exists()
    else:
        assert RunShard.objects.filter(run=run, state="done").count() == done_before
    run.refresh_from_db()
    assert run.state == RatingRun.State.COMPUTING
    kill(victim)
    let_go(workers, gate, victims)
    revive_silent()
    workers.start()
    workers.await_until(lambda: computed(run))
    assert_whole(run, tmp_path)
    assert verifying.verify(run).identical


@pytest.mark.engines
def test_a_worker_killed_while_a_result_is_issued_anew(run, gate, workers):
    gate()
    workers.start()
    workers.await_until(lambda: computed(run))
    RatingRun.objects.filter(pk=run.pk).update(state="effective", effective_on=date(2025, 3, 1))
    run.refresh_from_db()
    standings.apply_run(run)
    rating = Rating.objects.filter(run=run, status="rated", deductions=0).select_related("producer").first()
    ledger.post([draft(uid="late", producer=rating.producer, kind="sampling.exceeded", outcome="none")])
    gate.close()
    for process in workers.started:
        kill(process)
    victim = start_hanging(workers, "reissue")
    reissue.request(producer=rating.producer, cause="objection:1", actor=None)
    victims = workers.await_until(waiting_backends)
    assert Rating.objects.filter(run=run, producer=rating.producer).count() == 1
    kill(victim)
    let_go(workers, gate, victims)
    revive_silent()
    workers.start()
    workers.await_until(lambda: not Job.objects.exclude(state=State.DONE).filter(kind=reissue.JOB).exists())
    versions = Rating.objects.filter(run=run, producer=rating.producer).order_by("version")
    assert list(versions.values_list("version", "deductions")) == [(1, 0), (2, 1000)]
    assert Standing.objects.get(producer=rating.producer).official_version == 2
    assert verifying.verify(run).later == {"reissue": 1}


@pytest.mark.django_db
def test_a_step_that_fails_in_the_middle_leaves_the_run_where_it_was(monkeypatch):
    from rating.services import steps
    from tests.factories.rating import make_rating, make_run

    run = make_run(state="public_notice", notice_until=date(2025, 3, 10))
    rating = make_rating(run=run)
    monkeypatch.setattr(steps, "today", lambda: date(2025, 3, 11))

    def die(*_arguments):
        raise SystemExit("killed")

    monkeypatch.setattr(steps.standings, "apply_run", die)
    with pytest.raises(SystemExit):
        steps.take_effect(run=run, actor=None)
    run.refresh_from_db()
    assert (run.state, run.effective_on) == ("public_notice", None)
    assert not Standing.objects.filter(producer=rating.producer).exists()
    monkeypatch.undo()
    monkeypatch.setattr(steps, "today", lambda: date(2025, 3, 11))
    assert steps.take_effect(run=run, actor=None).state == "effective"
    assert Standing.objects.get(producer=rating.producer).official_grade == "AAA"
