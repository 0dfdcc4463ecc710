"""A producer told that its file will be closed has a word in it; an officer looks before deciding."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from agricredit.foundation.audit.models import AuditLine
from agricredit.foundation.common import clock
from agricredit.foundation.common.sms import RecordingSms
from agricredit.foundation.jobs.testing import run_all_jobs
from archives.models import IdleFinding, Producer
from archives.services import idle, ledger, producers
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import IdleFindingFactory, MembershipFactory, ProducerFactory
from tests.factories.ledger import draft

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)
ADDRESS = "/my/file/idle/"


@pytest.fixture
def officer():
    return UserFactory()


@pytest.fixture
def finding():
    return IdleFindingFactory(producer=ProducerFactory(name="静社"))


@pytest.fixture
def phone(finding):
    return enter(Client(), MembershipFactory(producer=finding.producer).user)


def told(finding, officer, days=30):
    return idle.give_notice(finding=finding, reason="一年没有记录", days=days, actor=officer)


def over(finding):
    IdleFinding.objects.update(notice_until=clock.today() - DAY)
    finding.refresh_from_db()


def test_the_notice_stands_on_the_home_and_is_answered(phone, finding, officer):
    assert phone.get(ADDRESS).status_code == 404
    told(finding, officer)
    assert "档案拟注销：还在生产的，请在" in phone.get("/my/").content.decode()
    page = phone.get(ADDRESS).content.decode()
    assert "一年没有记录" in page
    assert "我还在生产" in page
    refused = phone.post(ADDRESS, {"text": "  "})
    assert refused.status_code == 200
    assert not IdleFinding.objects.exclude(answer="").exists()
    assert phone.post(ADDRESS, {"text": "种了3亩豇豆"}).status_code == 302
    finding.refresh_from_db()
    assert (finding.answer, finding.state) == ("种了3亩豇豆", "noticed")
    assert "您已说明还在生产" in phone.get("/my/").content.decode()
    assert AuditLine.objects.filter(verb="idle.answered").count() == 1
    stranger = enter(Client(), MembershipFactory().user)
    assert stranger.post(ADDRESS, {"text": "x"}).status_code == 404


def test_who_has_spoken_is_visited_before_the_file_is_closed(finding, officer):
    told(finding, officer)
    idle.ask_visit(finding=finding, actor=officer)
    idle.answer(finding=finding, text="在种", actor=officer)
    over(finding)
    IdleFinding.objects.update(visit_asked_on=clock.today() - DAY)
    with pytest.raises(ValidationError, match="请先派巡查到现场核实"):
        idle.delist(finding=finding, reason="期满", actor=officer)
    assert Producer.objects.get().status == "active"
    idle.ask_visit(finding=finding, actor=officer)
    idle.delist(finding=finding, reason="现场已撂荒", actor=officer)
    assert Producer.objects.get().status == "closed"


def test_a_closed_file_is_asked_back_on_the_phone_and_put_back_by_an_officer(phone, finding, officer):
    told(finding, officer)
    over(finding)
    idle.delist(finding=finding, reason="期满无记录", actor=officer)
    assert "可以申请恢复" in phone.get("/my/").content.decode()
    assert "申请恢复档案" in phone.get(ADDRESS).content.decode()
    phone.post(ADDRESS, {"text": "今年又种了"})
    desk = enter(Client(), officer)
    tiles = {str(tile.title): tile for tile in desk.get("/admin/").context["todos"]}
    rows = desk.get(tiles["不运行主体说明仍在生产"].link).context["cl"].result_list
    assert [row.answer for row in rows] == ["今年又种了"]
    opened = desk.get(reverse("admin:archives_idlefinding_change", args=[finding.pk])).content.decode()
    assert officer.name in opened
    assert "/admin/accounts/user/" not in opened
    history = desk.get(reverse("admin:archives_idlefinding_history", args=[finding.pk])).content.decode()
    assert "告知 静社 拟注销其档案" in history
    assert "静社 说明仍在生产经营：今年又种了" in history
    away = enter(Client(), UserFactory(region_code="440825"))
    assert away.get(reverse("admin:archives_idlefinding_history", args=[finding.pk])).status_code == 404
    act = reverse("admin:archives_idlefinding_act", args=[finding.pk, "relist"])
    assert desk.post(act, {"reason": "现场属实"}).status_code == 302
    assert Producer.objects.get().status == "active"
    assert phone.get(ADDRESS).status_code == 404


def test_both_notice_and_closure_are_sent_as_short_messages(settings, finding, officer):
    settings.SMS_BACKEND = "agricredit.foundation.common.sms.RecordingSms"
    RecordingSms.sent.clear()
    producers.change(producer=finding.producer, phone="13800138111", actor=officer)
    told(finding, officer)
    run_all_jobs()
    over(finding)
    idle.delist(finding=finding, reason="期满", actor=officer)
    run_all_jobs()
    assert [number for number, _text in RecordingSms.sent] == ["13800138111", "13800138111"]
    notice, closure = (text for _number, text in RecordingSms.sent)
    assert "请在" in notice
    assert "前说明情况" in notice
    assert "已注销" in closure


def test_notice_to_many_leaves_out_who_is_past_it_and_each_has_its_line(officer):
    rows = [IdleFindingFactory() for _ in range(3)]
    away = IdleFindingFactory(producer=ProducerFactory(region="440825"))
    told(rows[0], officer)
    desk = enter(Client(), officer)
    listing = reverse("admin:archives_idlefinding_changelist")
    chosen = [row.pk for row in [*rows, away]]
    asked = desk.post(listing, {"action": "notice_chosen", "_selected_action": chosen})
    page = desk.get(asked["Location"])
    assert "将告知2个主体" in page.content.decode()
    assert "另有1个已办理" in page.content.decode()
    form = {"ids": ",".join(map(str, chosen)), "reason": "一年没有记录"}
    address = reverse("admin:archives_idlefinding_notice")
    assert desk.post(address, {**form, "days": 14}).status_code == 200
    assert IdleFinding.objects.filter(state="noticed").count() == 1
    assert desk.post(address, {**form, "days": 30}).status_code == 302
    assert IdleFinding.objects.filter(state="noticed").count() == 3
    assert IdleFinding.objects.get(pk=away.pk).state == "found"
    assert AuditLine.objects.filter(verb="idle.noticed").count() == 3
    with pytest.raises(ValidationError, match="没有需要告知的"):
        idle.give_notices(findings=rows, reason="x", days=30, actor=officer)


def test_a_stricter_search_is_not_forgotten_at_night_while_it_holds(officer):
    finding = IdleFindingFactory(since=idle.months_before(clock.today(), 6))
    merged = ProducerFactory(status="merged", merged_into=finding.producer)
    ledger.post([draft(producer=merged, kind="harvest.recorded", occurred_on=clock.today() - 200 * DAY)])
    told(finding, officer)
    assert idle.find(months=12) == 0
    assert IdleFinding.objects.get().state == "noticed"
    ledger.post([draft(producer=merged, kind="harvest.recorded", occurred_on=clock.today())])
    idle.find(months=12)
    assert not IdleFinding.objects.exists()


def test_what_an_officer_found_by_a_shorter_time_is_there_in_the_morning():
    IdleFindingFactory(since=idle.months_before(clock.today(), 6))
    idle.request(region="", months=12, actor=None)
    run_all_jobs()
    assert IdleFinding.objects.count() == 1
    idle.find(months=36)
    assert IdleFinding.objects.get().since == idle.months_before(clock.today(), 36)


def test_an_answer_has_its_time(finding):
    with pytest.raises(IntegrityError), transaction.atomic():
        IdleFinding.objects.update(answer="x")
