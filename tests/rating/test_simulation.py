"""What-if: a draft over a past run gives what a full run by it would give, and leaks to nobody."""

import copy
import io
import json
from datetime import date

import numpy as np
import polars as pl
import pytest
import yaml
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.urls import reverse

from agricredit.foundation.accounts.roles import OFFICERS, Role
from agricredit.foundation.jobs.testing import run_all_jobs
from archives.models import Producer
from archives.services.ledger import post
from rating.engine.parsing import SchemeError
from rating.engine.retrial import Retrial
from rating.models import Rating, RatingRun, Scheme, Simulation
from rating.schemes import document as shipped_document
from rating.services import runs, schemes, simulation, trials
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import MembershipFactory
from tests.factories.ledger import draft as event
from tests.factories.rating import shipped
from tests.rating import examples

pytestmark = pytest.mark.django_db


def computed(scheme="gd-r1", **more):
    run = runs.start(scheme=scheme, region="44", year=2024, actor=None, **more)
    run_all_jobs()
    run.refresh_from_db()
    assert run.state == "computed"
    return run


@pytest.fixture
def run():
    shipped()
    examples.load()
    return computed(shard_producers=7)


def drafted(base="gd-r1", **changes):
    """The shipped document as version 2 with other lines, bands, weights and without one veto."""
    document = copy.deepcopy(shipped_document(base))
    document |= {"version": "2", **changes}
    return document


def lowered():
    document = drafted()
    for grade, cut in zip(document["grades"], ("80", "70", "60", "50", "30", "0"), strict=True):
        grade["cut"] = cut
    criteria = {row["code"]: row for row in document["criteria"]}
    criteria["GD101"]["rule"] = {"scale": "4"}
    criteria["GD201"]["rule"]["bands"][0]["at_least"] = "0.90"
    criteria["GD203"]["points"], criteria["GD203"]["rule"] = "3", {"scale": "3"}
    criteria["GD204"]["points"], criteria["GD204"]["rule"] = "4", {"scale": "4"}
    document["vetoes"] = [veto for veto in document["vetoes"] if veto["code"] != "GD-V6"]
    return document


def parsed(document):
    from rating.engine import parsing

    return parsing.parse(document, schemes.kind_numbers())


def beyond():
    """Reads what no run of gd-r1 measured."""
    document = drafted()
    document["criteria"][0]["measure"] = {"best": "profile.completed"}
    return document


def dearer():
    """Charges a deduction otherwise, which only the events tell."""
    document = drafted()
    document["deductions"][0]["rule"] = {"per": "20"}
    return document


@pytest.mark.parametrize(
    ("make", "held"), [(drafted, True), (lowered, True), (beyond, False), (dearer, False)]
)
def test_a_trial_equals_a_full_run_by_the_draft(run, make, held):
    document = make()
    tried = trials.run_trial(run, parsed(document))
    assert tried.held is held
    again = trials.run_trial(run, parsed(document), from_ledger=True)
    for name in ("producer", "before", "score_before", "after", "score_after"):
        assert np.array_equal(getattr(tried, name), getattr(again, name))
    RatingRun.objects.filter(pk=run.pk).update(state="superseded")
    row = schemes.bring_into_force(scheme=schemes.load(document=document), valid_from=date(2025, 1, 1))
    full = computed(seal=run.seal_size)
    grades = [grade.code for grade in schemes.parsed(row).grades] + [""]
    stored = Rating.objects.filter(run=full).order_by("producer_id")
    assert [
        (producer, grades[grade], score)
        for producer, grade, score in zip(
            tried.producer.tolist(), tried.after.tolist(), tried.score_after.tolist(), strict=True
        )
    ] == list(stored.values_list("producer_id", "grade", "score"))


def small_changes():
    """Drafts that a run's totals answer: each part that they leave to be made anew is touched by one."""
    rows = {"lines": drafted()}
    rows["lines"]["grades"][0]["cut"] = "92"
    rows["gates"] = gates = drafted()
    gates["grades"][0]["gates"] += [
        {"name": "培训", "reading_of": "GD701"},
        {"name": "检查", "reading_of": "GD601"},
    ]
    rows["criteria"] = criteria = drafted()
    by_code = {row["code"]: row for row in criteria["criteria"]}
    by_code["GD104"]["rule"]["bands"][0]["at_most"] = "90"
    by_code["GD402"]["none"] = "zero"
    by_code["GD701"]["applies"] = "all"
    rows["gone"] = gone = drafted()
    gone["criteria"] = [row for row in gone["criteria"] if row["code"] not in ("GD702", "GD103")]
    indicators = {row["code"]: row for row in gone["indicators"]}
    for code in ("GD7", "GD1"):
        indicators[code]["points"] = str(int(indicators[code]["points"]) - 2)
    gone["points"] = str(int(gone["points"]) - 4)
    rows["bonus"] = bonus = drafted(bonus_cap="5")
    bonus["bonus"] = bonus["bonus"][1:]
    rows["vetoes"] = vetoes = drafted(year_weight="0.70")
    vetoes["vetoes"] = vetoes["vetoes"][1:]
    rows["evidence"] = evidence = drafted()
    evidence["evidence"] |= {"able_at_least": "75", "registered_days": 400}
    return rows


def test_out_of_totals_comes_what_scoring_everything_anew_finds(run, monkeypatch):
    drafts = {name: parsed(document) for name, document in small_changes().items()}
    used = []
    judged = Retrial.judged
    monkeypatch.setattr(Retrial, "judged", lambda self: used.append(self.scheme) or judged(self))
    quick = {name: trials.run_trial(run, draft) for name, draft in drafts.items()}
    assert used == list(drafts.values())
    moved = {name: int((one.score_before != one.score_after).sum()) for name, one in quick.items()}
    assert all(moved[name] for name in ("criteria", "gone", "bonus")), moved
    for name, draft in drafts.items():
        slow = trials.run_trial(run, draft, from_ledger=True)
        assert np.array_equal(quick[name].after, slow.after), name
        assert np.array_equal(quick[name].score_after, slow.score_after), name


def test_another_family_of_grades_over_the_same_year(run):
    tried = trials.run_trial(run, parsed(drafted("hz-r1")))
    assert not tried.held
    RatingRun.objects.filter(pk=run.pk).update(state="superseded")
    full = computed("hz-r1", seal=run.seal_size)
    scores = Rating.objects.filter(run=full).order_by("producer_id").values_list("score", flat=True)
    assert tried.score_after.tolist() == list(scores)
    result = simulation.tables(schemes.parsed(run.scheme), parsed(drafted("hz-r1")), tried)
    assert (result["up"], result["changed"]) == (None, None)
    assert sum(map(sum, result["matrix"])) == len(scores)


def test_late_facts_stay_out_of_a_trial(run):
    before = trials.run_trial(run, parsed(beyond()))
    producer = Producer.objects.get(key="P4242-000002")
    post([event(producer=producer, kind="banned.found", occurred_on=date(2024, 6, 1))])
    after = trials.run_trial(run, parsed(beyond()))
    assert np.array_equal(before.after, after.after)


def test_a_run_whose_measures_lack_something_is_read_from_the_ledger(run):
    with default_storage.open(run.measures_path) as file:
        rows = pl.read_parquet(io.BytesIO(file.read()))
    stream = io.BytesIO()
    rows.drop("score", "grade", *(name for name in rows.columns if "@" in name)).write_parquet(stream)
    default_storage.delete(run.measures_path)
    default_storage.save(run.measures_path, ContentFile(stream.getvalue()))
    tried = trials.run_trial(run, parsed(drafted()))
    assert not tried.held
    assert np.array_equal(tried.before, tried.after)
    assert np.array_equal(tried.score_before, tried.score_after)


def test_the_same_scheme_moves_nobody_and_costs_the_same(run):
    row = simulation.answer(simulation.ask(document=drafted(), run=run, actor=None).pk)
    assert (row.result["changed"], row.result["up"], row.result["down"]) == (0, 0, 0)
    assert row.result["visits"][0] == row.result["visits"][1]
    assert row.result["movers"] == []
    assert row.result["producers"] == run.producers


def test_matrix_counties_kinds_and_cost_count_the_same_producers(run):
    document = lowered()
    row = simulation.answer(simulation.ask(document=document, run=run, actor=None).pk)
    result = row.result
    matrix = np.array(result["matrix"])
    stored = Rating.objects.filter(run=run)
    assert matrix.sum(axis=1).tolist() == [stored.filter(grade=label).count() for label in result["before"]]
    for part in ("counties", "kinds"):
        assert np.sum([one["after"] for one in result[part]], axis=0).tolist() == matrix.sum(axis=0).tolist()
    assert result["changed"] == len(result["movers"]) == matrix.sum() - np.trace(matrix)
    assert result["up"] + result["down"] <= result["changed"]
    visits = {row["grade"]: row["visits"] for row in document["supervision"]}
    counts = zip(result["after"], matrix.sum(axis=0).tolist(), strict=True)
    assert result["visits"][1] == sum(visits[label or "not_rated"] * count for label, count in counts)


def test_one_county_of_a_run(run):
    regions = Rating.objects.filter(run=run).values_list("region_id", flat=True)
    county = sorted({region[:6] for region in regions})[0]
    tried = trials.run_trial(run, parsed(lowered()), county)
    whole = trials.run_trial(run, parsed(lowered()))
    chosen = np.array([region.startswith(county) for region in whole.region.to_list()])
    assert 0 < len(tried.producer) == chosen.sum()
    assert np.array_equal(tried.after, whole.after[chosen])
    assert np.array_equal(tried.before, whole.before[chosen])
    ledger = trials.run_trial(run, parsed(lowered()), county, from_ledger=True)
    assert np.array_equal(ledger.score_after, tried.score_after)


def test_what_cannot_be_asked(run):
    county = UserFactory(role="county_officer", region_code="440823")
    with pytest.raises(PermissionDenied):
        simulation.ask(document=drafted(), run=run, actor=county)
    with pytest.raises(PermissionDenied):
        simulation.ask(document=drafted(), run=run, actor=UserFactory(role="agency"))
    with pytest.raises(ValidationError, match="应在该次评价的地区之内"):
        simulation.ask(document=drafted(), run=run, region="33", actor=None)
    with pytest.raises(SchemeError):
        simulation.ask(document=drafted(points="99"), run=run, actor=None)
    RatingRun.objects.filter(pk=run.pk).update(state="cancelled")
    run.refresh_from_db()
    with pytest.raises(ValidationError, match="已有结果"):
        simulation.ask(document=drafted(), run=run, actor=None)
    assert not Simulation.objects.exists()


def test_the_command_reads_a_file_or_a_code(run, tmp_path):
    file = tmp_path / "draft.yaml"
    file.write_text(yaml.safe_dump(lowered(), allow_unicode=True), encoding="utf-8")
    out = io.StringIO()
    call_command("simulate", "--scheme", str(file), "--run", str(run.pk), "--title", "降线", stdout=out)
    said = json.loads(out.getvalue())
    row = Simulation.objects.get(pk=said.pop("simulation"))
    assert (row.title, row.result) == ("降线", said)
    assert not Scheme.objects.filter(version="2").exists()
    call_command("simulate", "--scheme", "gd-r1:1", "--run", str(run.pk), stdout=io.StringIO())
    broken = tmp_path / "broken.yaml"
    broken.write_text(yaml.safe_dump(drafted(points="99")), encoding="utf-8")
    for scheme, sentence in (
        (str(broken), "应等于总分 99"),
        (str(tmp_path / "no.yaml"), "No such file"),
        ("xx", "there is no scheme xx"),
    ):
        with pytest.raises(CommandError, match=sentence):
            call_command("simulate", "--scheme", scheme, "--run", str(run.pk))
    with pytest.raises(CommandError, match="there is no run 999999"):
        call_command("simulate", "--scheme", "gd-r1", "--run", "999999")


def test_an_officer_asks_on_the_page_and_a_colleague_reads_it(client, run):
    schemes.load(document=lowered())
    asker = UserFactory(role="city_officer", region_code="4408")
    enter(client, asker)
    address = reverse("admin:rating_simulation_add")
    assert "试算" in client.get(address).content.decode()
    draft = Scheme.objects.get(version="2")
    response = client.post(
        address, {"scheme": draft.pk, "run": run.pk, "region": "4408", "title": "降线看看"}
    )
    row = Simulation.objects.get()
    assert response.headers["Location"] == reverse("admin:rating_simulation_change", args=[row.pk])
    assert "正在计算" in client.get(response.headers["Location"]).content.decode()
    run_all_jobs()
    enter(client, UserFactory(role="city_officer", region_code="4408"))
    html = client.get(response.headers["Location"]).content.decode()
    row.refresh_from_db()
    assert "降线看看" in html
    assert "等级迁移" in html
    assert all(Producer.objects.get(pk=mover["producer"]).name in html for mover in row.result["movers"][:20])
    refused = client.post(address, {"scheme": draft.pk, "run": run.pk, "region": "33", "title": ""})
    assert "应在该次评价的地区之内" in refused.content.decode() or refused.status_code == 403


@pytest.mark.parametrize("role", [role for role in Role if role not in OFFICERS])
def test_drafts_and_trials_leak_to_nobody(client, run, role):
    document = lowered()
    schemes.load(document=document)
    simulation.answer(simulation.ask(document=document, run=run, region="44", actor=None).pk)
    user = UserFactory(role=role)
    if role in ("producer", "helper"):
        MembershipFactory(user=user, producer=Producer.objects.first(), role="owner")
    assert not Simulation.objects.visible_to(user).exists()
    assert not Scheme.objects.visible_to(user).filter(state="draft").exists()
    enter(client, user)
    address = reverse("admin:rating_simulation_change", args=[Simulation.objects.get().pk])
    assert client.get(address).status_code != 200


def test_a_trial_is_seen_within_its_region_only(run):
    simulation.ask(document=drafted(), run=run, region="44", actor=None)
    simulation.ask(document=drafted(), run=run, region="440823", actor=None)
    seen = {
        role: Simulation.objects.visible_to(UserFactory(role=role, region_code=code)).count()
        for role, code in (
            ("province_officer", "44"),
            ("city_officer", "4408"),
            ("county_officer", "440825"),
        )
    }
    assert seen == {"province_officer": 2, "city_officer": 1, "county_officer": 0}
