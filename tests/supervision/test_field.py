"""The field pages as officers use them: today's work first, refusals at their field, no foreign tasks."""

import datetime
import uuid

import pytest
from django.conf import settings
from django.urls import reverse

from supervision.models import GuidanceVisit, Inspection, Task
from supervision.services import checklist
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import ProducerFactory
from tests.factories.supervision import EnforcementCertificateFactory, TaskFactory

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2026, 11, 21)


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    for module in ("portal.views", "portal.forms", "services.visits"):
        monkeypatch.setattr(f"supervision.{module}.today", lambda: TODAY)


@pytest.fixture
def officer(client):
    """A certified county officer of 440823, logged in with the second factor."""
    user = EnforcementCertificateFactory().user
    enter(client, user)
    return user


def posted(task, **changes):
    items = {f"item_{item.code}": "ok" for item in checklist.items()}
    facts = {
        "uid": uuid.uuid4(),
        "inspected_on": "2026-11-20",
        "second_officer": EnforcementCertificateFactory().user.pk,
        "notice_number": "遂农检〔2026〕9号",
        "reason": "plan",
        "result": "pass",
        "signature": "signed",
    }
    return {**items, **facts, **changes}


def test_overdue_stands_before_what_is_due_this_month(client, officer):
    TaskFactory(producer__name="本月社")
    TaskFactory(producer__name="逾期社", due_on=datetime.date(2026, 10, 31), month=10)
    page = client.get("/field/").content.decode()
    assert "逾期 1 项，本月待办 1 项" in page
    assert page.index("逾期社") < page.index("本月社")


def test_other_counties_tasks_are_not_there(client, officer):
    foreign = TaskFactory(producer=ProducerFactory(region="440825", name="徐闻社"))
    assert "徐闻社" not in client.get("/field/").content.decode()
    assert client.get(f"/field/tasks/{foreign.pk}/inspection/").status_code == 404


def test_many_tasks_can_be_seen_by_township(client, officer):
    TaskFactory(producer=ProducerFactory(region="440823100201", name="遂城社"))
    TaskFactory(producer__name="县属社")
    page = client.get("/field/?township=440823100").content.decode()
    assert "遂城镇 1" in page
    assert "遂城社" in page
    assert "县属社" not in page


@pytest.mark.parametrize("count", [1, 12])
def test_the_list_asks_the_same_number_of_queries_at_one_row_and_at_many(
    client, officer, count, django_assert_max_num_queries
):
    for _ in range(count):
        TaskFactory()
    client.get("/field/")
    with django_assert_max_num_queries(14):
        client.get("/field/")


def test_an_inspection_is_saved_and_closes_the_task(client, officer):
    task = TaskFactory()
    answer = client.post(f"/field/tasks/{task.pk}/inspection/", posted(task), follow=True)
    assert f"已保存对“{task.producer.name}”的行政检查。" in answer.content.decode()
    inspection = Inspection.objects.get()
    assert inspection.officer == officer
    assert Task.objects.get().state == "done"
    page = client.get(reverse("admin:supervision_inspection_change", args=[inspection.pk])).content.decode()
    assert "投入品使用与安全间隔期：符合" in page
    assert "&quot;answer&quot;" not in page
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = client.get(reverse("admin:supervision_inspection_change", args=[inspection.pk])).content.decode()
    assert checklist.items()[0].name not in page


def test_a_refusal_stands_beside_its_field_and_nothing_is_lost(client, officer):
    task = TaskFactory()
    answer = client.post(
        f"/field/tasks/{task.pk}/inspection/",
        posted(task, result="finding", finding="", notice_number="甲1号"),
    )
    page = answer.content.decode()
    assert "请写明发现的问题或拒绝检查的情形。" in page
    assert "甲1号" in page
    assert Inspection.objects.count() == 0


def test_guidance_is_saved_by_a_township_supervisor(client):
    task = TaskFactory(kind="guidance", producer=ProducerFactory(region="440823100201"))
    enter(client, UserFactory(role="township_supervisor"))
    facts = {"uid": uuid.uuid4(), "visited_on": "2026-11-20", "observations": "记录齐全"}
    client.post(f"/field/tasks/{task.pk}/guidance/", facts)
    assert GuidanceVisit.objects.get().observations == "记录齐全"


def test_a_producer_may_not_enter(client):
    client.force_login(UserFactory(role="producer"))
    assert client.get("/field/").status_code == 403
