"""Registered, not operating: found by the ledger's silence, told, taken off after the notice, and back."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from agricredit.foundation.accounts.roles import Role
from agricredit.foundation.audit.models import AuditLine
from agricredit.foundation.common import clock
from agricredit.foundation.jobs.models import Job, OutboxMessage
from agricredit.foundation.jobs.testing import run_all_jobs
from archives.models import IdleFinding, Producer
from archives.services import idle, ledger, status
from archives.tasks import IDLE_JOB
from tests.archives.test_register_races import together
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import IdleFindingFactory, ProducerFactory
from tests.factories.ledger import draft

pytestmark = pytest.mark.django_db
RECENT = datetime.timedelta(days=30)


def sells(producer, ago=RECENT, kind="harvest.recorded", outcome="pass"):
    day = clock.today() - ago
    ledger.post([draft(producer=producer, kind=kind, outcome=outcome, occurred_on=day)])


def listed():
    return set(IdleFinding.objects.filter(state="found").values_list("producer__name", flat=True))


@pytest.fixture
def officer():
    return UserFactory()


@pytest.fixture
def finding():
    return IdleFindingFactory(producer=ProducerFactory(name="静社"))


def expired(finding, officer):
    idle.give_notice(finding=finding, reason="无记录", days=30, actor=officer)
    IdleFinding.objects.update(notice_until=clock.today() - datetime.timedelta(days=1))
    return finding


def act(client, finding, name, **data):
    return client.post(reverse("admin:archives_idlefinding_act", args=[finding.pk, name]), data)


def test_those_without_a_sign_of_work_are_listed():
    ProducerFactory(name="静社")
    ProducerFactory(name="新社", registered_on=clock.today() - RECENT)
    ProducerFactory(name="停社", status="paused")
    sells(ProducerFactory(name="勤社"))
    sells(ProducerFactory(name="旧社"), ago=datetime.timedelta(days=800))
    sells(ProducerFactory(name="只受检"), kind="visit.made")
    assert idle.find(months=12) == 3
    assert listed() == {"静社", "旧社", "只受检"}
    assert idle.find(months=36) == 2
    assert listed() == {"静社", "只受检"}


def test_work_of_a_merged_file_is_work_of_its_end():
    end, alias = ProducerFactory(name="新社"), ProducerFactory(name="旧社")
    sells(alias)
    status.merge(producer=alias, into=end, reason="重复")
    assert idle.find(months=12) == 0


def test_a_division_is_searched_by_itself():
    ProducerFactory(name="静社")
    ProducerFactory(name="远社", region="440825")
    idle.find(months=12)
    sells(Producer.objects.get(name="远社"))
    sells(Producer.objects.get(name="静社"))
    idle.find(region="440823", months=12)
    assert listed() == {"远社"}


def test_notice_then_delisting_then_back(officer, finding):
    expired(finding, officer)
    idle.delist(finding=finding, reason="期满无记录", actor=officer)
    assert Producer.objects.get().status == "closed"
    idle.relist(finding=finding, reason="主体申诉属实", actor=officer)
    finding.refresh_from_db()
    assert (Producer.objects.get().status, finding.state, finding.notice_until) == ("active", "found", None)
    verbs = list(AuditLine.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["idle.noticed", "producer.status_changed", "producer.status_changed"]


def test_delisting_before_the_notice_ends_or_after_new_work_is_refused(officer, finding):
    idle.give_notice(finding=finding, reason="无记录", days=15, actor=officer)
    with pytest.raises(ValidationError, match="期满后才能注销"):
        idle.delist(finding=finding, reason="x", actor=officer)
    IdleFinding.objects.update(notice_until=clock.today() - datetime.timedelta(days=1))
    sells(finding.producer)
    with pytest.raises(ValidationError, match="已有新的生产经营记录"):
        idle.delist(finding=finding, reason="x", actor=officer)
    assert (Producer.objects.get().status, IdleFinding.objects.get().state) == ("active", "noticed")


def test_what_was_verified_is_listed_again_only_after_idling_since(officer, finding):
    idle.keep(finding=finding, reason="自产自用", actor=officer)
    assert idle.find(months=12) == 0
    IdleFinding.objects.update(decided_at=clock.now() - datetime.timedelta(days=400))
    assert idle.find(months=12) == 1
    assert listed() == {"静社"}


def test_refusals_change_nothing(officer, finding):
    acts = {
        "告知期不少于15天": lambda: idle.give_notice(finding=finding, reason="x", days=14, actor=officer),
        "请填写理由": lambda: idle.give_notice(finding=finding, reason=" ", days=15, actor=officer),
        "已办理，现为：待核实": lambda: idle.delist(finding=finding, reason="x", actor=officer),
        "无记录的时间": lambda: idle.request(region="440823", months=1, actor=officer),
    }
    for sentence, refused in acts.items():
        with pytest.raises(ValidationError, match=sentence):
            refused()
    assert (IdleFinding.objects.get().state, Job.objects.count()) == ("found", 0)


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        ((2026, 11, 22), 12, (2025, 11, 22)),
        ((2028, 2, 29), 12, (2027, 2, 28)),
        ((2026, 3, 31), 6, (2025, 9, 30)),
    ],
)
def test_months_before(day, months, before):
    assert idle.months_before(datetime.date(*day), months) == datetime.date(*before)


def test_the_page_searches_filters_and_acts(client, officer, finding):
    desk = enter(client, officer)
    ProducerFactory(name="镇社", region="440823100")
    desk.post(reverse("admin:archives_idlefinding_find"), {"months": "12"})
    assert Job.objects.get(kind=IDLE_JOB).args == {"region": "440823", "months": 12}
    run_all_jobs()
    assert listed() == {"静社", "镇社"}
    address = reverse("admin:archives_idlefinding_changelist")
    found = desk.get(address, {"township": "440823100"})
    assert [row.producer.name for row in found.context["cl"].result_list] == ["镇社"]
    assert act(desk, finding, "notice", days=30, reason="无记录").status_code == 302
    assert "告知期到" in act(desk, finding, "delist", reason="x").content.decode()
    opened = desk.get(reverse("admin:archives_idlefinding_change", args=[finding.pk]))
    assert [offer["label"] for offer in opened.context["acts"]] == [
        "看主体档案和巡查结果",
        "派巡查核实",
        "核实在产",
        "注销档案",
    ]


def test_those_elsewhere_and_those_who_only_look_do_nothing(client, finding):
    province = enter(client, UserFactory(role=Role.PROVINCE_OFFICER))
    assert act(province, finding, "keep", reason="x").status_code == 403
    assert province.post(reverse("admin:archives_idlefinding_find"), {"months": "12"}).status_code == 403
    assert (
        act(enter(client, UserFactory(region_code="440825")), finding, "keep", reason="x").status_code == 404
    )
    assert IdleFinding.objects.get().state == "found"


@pytest.mark.django_db(transaction=True)
def test_two_officers_at_one_finding():
    finding, officers = IdleFindingFactory(), (UserFactory(), UserFactory())
    results = together(
        *(lambda who=who: idle.keep(finding=finding, reason="在产", actor=who) for who in officers)
    )
    (refusal,) = [result for result in results if isinstance(result, ValidationError)]
    assert refusal.messages == [f"{IdleFinding.objects.get().decided_by.name}已办理，现为：核实在产。"]


def test_a_visit_is_asked_for_once_a_day_and_not_of_what_is_decided():
    found, kept = IdleFindingFactory(), IdleFindingFactory(state="kept")
    for _ in range(2):
        idle.ask_visits(findings=[found, kept])
    found.refresh_from_db()
    kept.refresh_from_db()
    assert (found.visit_asked_on, kept.visit_asked_on) == (clock.today(), None)
    asked = OutboxMessage.objects.filter(topic="idle.visit_asked")
    assert [message.keys["producer_ids"] for message in asked] == [[found.producer_id]]
    with pytest.raises(ValidationError, match="现为：核实在产"):
        idle.ask_visit(finding=kept)
