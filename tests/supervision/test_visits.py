"""Visits: what each posts to the ledger, and everything the law or common sense refuses."""

import datetime
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from archives.models import CreditEvent
from supervision.models import GuidanceVisit, Inspection, Task
from supervision.services import visits
from tests.factories.accounts import UserFactory
from tests.factories.archives import ProducerFactory
from tests.factories.supervision import EnforcementCertificateFactory, PlanFactory, TaskFactory

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 11, 20)


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    for module in ("supervision.services.visits",):
        monkeypatch.setattr(f"{module}.today", lambda: datetime.date(2026, 11, 21))


@pytest.fixture
def pair():
    """Two certified officers of one county."""
    return EnforcementCertificateFactory().user, EnforcementCertificateFactory().user


def inspect(pair, producer=None, **changes):
    facts = {
        "uid": uuid.uuid4(),
        "producer": producer or ProducerFactory(),
        "inspected_on": DAY,
        "second_officer": pair[1],
        "notice_number": "遂农检〔2026〕7号",
        "items": {"records": "ok", "use": "ok"},
        "result": "pass",
        "signature": "signed",
        "actor": pair[0],
    }
    return visits.record_inspection(**{**facts, **changes})


def posted():
    return list(CreditEvent.objects.order_by("id").values_list("uid", "outcome", "occurred_on"))


def refused(field, act):
    with pytest.raises(ValidationError) as caught, transaction.atomic():
        act()
    assert field in caught.value.message_dict
    assert Inspection.objects.count() + GuidanceVisit.objects.count() + CreditEvent.objects.count() == 0
    return caught.value.message_dict[field][0]


class TestGuidance:
    def test_weighs_nothing_and_closes_its_task(self):
        task = TaskFactory(kind="guidance")
        visit = visits.record_guidance(
            uid=uuid.uuid4(),
            producer=task.producer,
            visited_on=DAY,
            observations="记录齐全",
            task=task,
            actor=UserFactory(),
        )
        task.refresh_from_db()
        assert (task.state, task.done_on) == ("done", DAY)
        assert posted() == [(f"guidance:{visit.uid}", 0, DAY)]

    def test_sent_twice_is_recorded_once(self):
        facts = {"uid": uuid.uuid4(), "producer": ProducerFactory(), "visited_on": DAY, "observations": "好"}
        officer = UserFactory()
        first = visits.record_guidance(**facts, actor=officer)
        assert visits.record_guidance(**facts, actor=officer) == first
        assert len(posted()) == 1

    def test_the_same_uid_with_other_words_is_refused(self):
        facts = {
            "uid": uuid.uuid4(),
            "producer": ProducerFactory(),
            "visited_on": DAY,
            "actor": UserFactory(),
        }
        visits.record_guidance(**facts, observations="好")
        with pytest.raises(ValidationError, match="内容不同"):
            visits.record_guidance(**facts, observations="不好")
        assert GuidanceVisit.objects.get().observations == "好"

    def test_a_producer_outside_ones_division_is_refused(self):
        sentence = refused(
            "producer",
            lambda: visits.record_guidance(
                uid=uuid.uuid4(),
                producer=ProducerFactory(region="440825"),
                visited_on=DAY,
                observations="好",
                actor=UserFactory(role="township_supervisor", region_code="440823100"),
            ),
        )
        assert sentence == "该主体不在您的辖区内，不能登记检查。"

    @pytest.mark.parametrize(
        ("day", "words"),
        [(datetime.date(2026, 11, 22), "不能晚于今天"), (datetime.date(26, 11, 20), "核对年份")],
    )
    def test_a_day_that_cannot_be_is_refused(self, day, words):
        officer, producer = UserFactory(), ProducerFactory()
        visit = {"uid": uuid.uuid4(), "producer": producer, "observations": "齐全", "actor": officer}
        assert words in refused("visited_on", lambda: visits.record_guidance(visited_on=day, **visit))

    def test_nothing_seen_is_refused(self):
        sentence = refused(
            "observations",
            lambda: visits.record_guidance(
                uid=uuid.uuid4(),
                producer=ProducerFactory(),
                visited_on=DAY,
                observations=" ",
                actor=UserFactory(),
            ),
        )
        assert sentence == "请写下巡查时看到的情况。"

    def test_an_inspection_task_is_not_done_by_guidance(self):
        task = TaskFactory(kind="inspection")
        refused(
            "task",
            lambda: visits.record_guidance(
                uid=uuid.uuid4(),
                producer=task.producer,
                visited_on=DAY,
                observations="好",
                task=task,
                actor=UserFactory(),
            ),
        )
        assert Task.objects.get().state == "open"


class TestInspection:
    def test_without_a_finding_posts_a_pass(self, pair):
        inspection = inspect(pair)
        assert posted() == [(f"visit:{inspection.uid}", 1, DAY)]
        assert (inspection.authority, inspection.officer_certificate) == (
            "遂溪县农业农村局",
            pair[0].enforcement_certificate.number,
        )

    def test_a_minor_fault_put_right_on_the_spot_is_a_pass(self, pair):
        inspect(pair, items={"labels": "corrected"}, result="corrected", finding="标签缺日期，当场补上")
        assert [outcome for _, outcome, _ in posted()] == [1]

    def test_a_finding_posts_a_fail_with_its_incident(self, pair):
        inspection = inspect(pair, items={"records": "fault"}, result="finding", finding="三天没有记录")
        event = CreditEvent.objects.get()
        assert (event.outcome, event.incident) == (2, f"inspection:{inspection.uid}")

    def test_refusal_and_lack_of_cooperation_post_their_own_kinds(self, pair):
        refusal = inspect(pair, result="refused", finding="锁门", signature="absent", witness="村委会 王某")
        grudging = inspect(pair, cooperation_lacked=True)
        assert [uid for uid, _, _ in posted()] == [
            f"refused:{refusal.uid}",
            f"visit:{grudging.uid}",
            f"cooperation:{grudging.uid}",
        ]

    @pytest.mark.parametrize(
        ("changes", "field", "words"),
        [
            ({"notice_number": " "}, "notice_number", "通知书文号"),
            ({"items": {}}, "items", "至少要填写"),
            ({"items": {"wallpaper": "ok"}}, "items", "不在检查项目清单内"),
            ({"items": {"records": "fault"}}, "result", "不符合项"),
            ({"result": "finding", "finding": "有问题"}, "items", "不符合的检查项目"),
            ({"result": "finding", "items": {"records": "fault"}}, "finding", "写明"),
            ({"signature": "declined"}, "witness", "见证人"),
            ({"inspected_on": datetime.date(2026, 11, 22)}, "inspected_on", "晚于今天"),
        ],
    )
    def test_refuses_what_is_missing_or_contradicts_itself(self, pair, changes, field, words):
        producer = ProducerFactory()
        assert words in refused(field, lambda: inspect(pair, producer, **changes))

    def test_one_officer_twice_is_refused(self, pair):
        assert "两名" in refused("second_officer", lambda: inspect(pair, second_officer=pair[0]))

    def test_an_officer_without_a_valid_certificate_is_refused(self, pair):
        expired = EnforcementCertificateFactory(valid_until=DAY - datetime.timedelta(days=1)).user
        assert "行政执法证" in refused("second_officer", lambda: inspect(pair, second_officer=expired))

    def test_the_database_itself_refuses_one_officer_twice(self, pair):
        inspection = inspect(pair)
        with pytest.raises(IntegrityError, match="inspection_by_two_officers"), transaction.atomic():
            Inspection.objects.filter(pk=inspection.pk).update(second_officer=pair[0])

    def test_the_yearly_cap_holds_for_planned_inspections_only(self, pair):
        PlanFactory(inspection_cap=1)
        producer = ProducerFactory()
        inspect(pair, producer)
        with pytest.raises(ValidationError, match="上限 1 次"), transaction.atomic():
            inspect(pair, producer)
        inspect(pair, producer, reason="complaint")
        assert Inspection.objects.count() == 2

    def test_a_closed_producer_is_not_inspected(self, pair):
        producer = ProducerFactory(status="closed")
        assert "已注销" in refused("producer", lambda: inspect(pair, producer))
