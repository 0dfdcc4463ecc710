"""For whom one acts; lists, single records, reversing, disposal; foreign rows are unknown."""

import datetime
import uuid
from decimal import Decimal

import pytest

from agricredit.foundation.audit.models import AuditLine
from archives.models import InputUse, Producer
from archives.portal import timeline
from archives.services.records import record_harvest, record_self_test, record_use
from tests.archives.portal.farm import make_farm
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import MembershipFactory, ProducerFactory, RegionFactory
from tests.factories.records import HarvestFactory, InputPurchaseFactory, InputUseFactory

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 11, 20)


def harvest(farm, **changes):
    facts = {"product": farm.product, "plot": farm.plot, "quantity": Decimal("120"), "unit": "公斤"}
    return record_harvest(producer=farm.producer, occurred_on=DAY, actor=farm.user, **{**facts, **changes})


PAGES = ["/my/", "/my/score/", "/my/records/", "/my/records/new/use/", "/my/certificates/", "/my/choose/"]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_asks_a_visitor_to_log_in(client, path):
    response = client.get(path)
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/?next=/my/")


@pytest.mark.parametrize("path", [path for path in PAGES if path != "/my/choose/"])
def test_an_account_without_a_producer_is_told_whom_to_ask(client, path):
    client.force_login(UserFactory(role="producer"))
    response = client.get(path)
    assert response.status_code == 403
    assert "还没有可办理的主体" in response.content.decode()


def test_an_ended_membership_opens_nothing(client):
    user = UserFactory(role="producer")
    MembershipFactory(user=user, valid_to=datetime.date(2026, 11, 21))
    client.force_login(user)
    assert client.get("/my/").status_code == 403


def test_who_acts_for_several_chooses_once(farm):
    other = ProducerFactory(name="另一家农场")
    MembershipFactory(user=farm.user, producer=other)
    response = farm.client.get("/my/records/")
    assert response["Location"] == "/my/choose/?next=%2Fmy%2Frecords%2F"
    assert "另一家农场" in farm.get(response["Location"])
    response = farm.client.post("/my/choose/", {"producer": other.pk, "next": "/my/records/"})
    assert response["Location"] == "/my/records/"
    assert "另一家农场" in farm.get("/my/records/")


def test_a_producer_that_is_not_ones_own_cannot_be_chosen(farm):
    stranger = ProducerFactory()
    assert farm.client.post("/my/choose/", {"producer": stranger.pk}).status_code == 404
    assert farm.client.post("/my/choose/", {"producer": "x"}).status_code == 404


def test_choosing_leads_to_no_other_site(farm):
    response = farm.client.post(
        "/my/choose/", {"producer": farm.producer.pk, "next": "https://evil.example/"}
    )
    assert response["Location"] == "/my/"


def test_a_helper_is_told_and_the_audit_keeps_for_whom():
    farm = make_farm(role="helper", member="helper", name="陈阿婆")
    MembershipFactory(user=farm.user, producer=ProducerFactory(), role="helper")
    farm.client.post("/my/choose/", {"producer": farm.producer.pk})
    line = AuditLine.objects.get(verb="membership.acted")
    assert (line.actor, line.target_name) == (farm.user, "陈阿婆")
    assert "正在代<strong>陈阿婆</strong>办理" in farm.get("/my/")


def test_a_village_assistant_helps_a_smallholder_of_its_village_and_issues_nothing(client):
    producer = ProducerFactory(natural=True, region=RegionFactory(code="440823100201"))
    user = UserFactory(role="village_assistant")
    MembershipFactory(user=user, producer=producer, role="helper")
    enter(client, user)
    html = client.get("/my/").content.decode()
    assert "正在代<strong>" in html
    assert "② 卖货开证" not in html
    assert client.get("/my/certificates/").status_code == 403
    Producer.objects.filter(pk=producer.pk).update(region=RegionFactory(code="440825"))
    assert client.get("/my/").status_code == 302  # moved out of its village: nobody to choose


def test_a_member_of_a_merged_producer_acts_for_what_it_became(farm):
    target = ProducerFactory(name="合并后的合作社")
    Producer.objects.filter(pk=farm.producer.pk).update(status="merged", merged_into=target)
    assert "合并后的合作社" in farm.get("/my/")


def test_records_of_all_kinds_stand_in_one_list_newest_first(farm):
    InputPurchaseFactory(producer=farm.producer, occurred_on=DAY, name="买的药")
    use = InputUseFactory(producer=farm.producer, product=farm.product, occurred_on=DAY, name="用的药")
    HarvestFactory(producer=farm.producer, product=farm.product, occurred_on=DAY - datetime.timedelta(days=1))
    HarvestFactory(product=farm.product, occurred_on=DAY, batch="外人的批次")
    html = farm.get("/my/records/")
    assert html.index("买的药") < html.index("用的药") < html.index("11月19日")
    assert "外人的批次" not in html
    assert "买的药" not in farm.get("/my/records/", kind="use")
    assert f"/my/records/use/{use.uid}/again/" in html


def test_pages_of_the_list_neither_skip_nor_repeat(farm):
    for days in range(9):
        day = DAY - datetime.timedelta(days=days // 3)
        InputPurchaseFactory(producer=farm.producer, occurred_on=day)
        HarvestFactory(producer=farm.producer, product=farm.product, occurred_on=day)
    seen, cursor = [], ""
    while True:
        page = timeline.page(farm.producer, farm.user, cursor=cursor, size=5)
        seen += [entry.key for entry in page.entries]
        cursor = page.next_cursor
        if not cursor:
            break
    assert len(seen) == len(set(seen)) == 18
    assert seen == sorted(seen, reverse=True)


def test_a_foreign_cursor_or_kind_is_unknown(farm):
    farm.get("/my/records/", status=404, after="forged")
    farm.get("/my/records/", status=404, kind="forged")


def test_a_record_says_what_it_holds_and_offers_to_sell_its_batch(farm):
    row = harvest(farm)
    html = farm.get(f"/my/records/harvest/{row.uid}/")
    assert row.batch in html
    assert "120 公斤" in html
    assert f"/my/certificates/sell/{row.uid}/" in html


@pytest.mark.parametrize("page", ["", "again/", "reverse/"])
def test_a_foreign_record_is_unknown(farm, page):
    row = InputUseFactory()
    farm.get(f"/my/records/use/{row.uid}/{page}", status=404)
    farm.get(f"/my/records/use/{uuid.uuid4()}/{page}", status=404)
    farm.get(f"/my/records/harvest/{row.uid}/{page}", status=404)


def test_a_record_is_taken_back_with_a_reason_and_stays_readable(farm):
    row = harvest(farm)
    path = f"/my/records/harvest/{row.uid}/reverse/"
    response = farm.client.post(path, {"reason": "数量写错了"})
    assert response["Location"] == f"/my/records/harvest/{row.uid}/"
    row.refresh_from_db()
    assert (row.status, row.reverse_reason, row.reversed_by) == ("reversed", "数量写错了", farm.user)
    html = farm.get(response["Location"])
    assert "已撤销，原记录仍保留备查。" in html
    assert "原因：数量写错了" in html
    assert "再记一次" not in html
    response = farm.client.post(path, {"reason": "再撤一次"})
    assert "该记录已经撤销。" in response.content.decode()


def test_taking_back_asks_for_a_reason(farm):
    row = harvest(farm)
    response = farm.client.post(f"/my/records/harvest/{row.uid}/reverse/", {"reason": ""})
    assert "reason" in response.context["form"].errors
    row.refresh_from_db()
    assert row.status == "active"


def test_what_others_build_on_is_not_taken_back(farm):
    row = harvest(farm)
    record_self_test(
        producer=farm.producer,
        occurred_on=DAY,
        product=farm.product,
        harvest=row,
        method="rapid",
        passed=True,
    )
    response = farm.client.post(f"/my/records/harvest/{row.uid}/reverse/", {"reason": "错了"})
    assert "这个批次已有销售或检测记录" in response.content.decode()


def test_a_failed_test_is_due_for_disposal_until_it_is_written_down(farm):
    test = record_self_test(
        producer=farm.producer, occurred_on=DAY, product=farm.product, method="rapid", passed=False
    )
    assert "自检不合格的长豇豆，12月5日前登记怎么处置的" in farm.get("/my/")
    path = f"/my/records/self_test/{test.uid}/disposal/"
    assert path in farm.get(f"/my/records/self_test/{test.uid}/")
    response = farm.client.post(path, {"disposal": "整批销毁", "on": "2026-11-19"})
    assert "处置日期应在检测日期与今天之间。" in response.content.decode()
    farm.client.post(path, {"disposal": "整批销毁", "on": "2026-11-21"})
    test.refresh_from_db()
    assert (test.disposal, test.disposed_on) == ("整批销毁", datetime.date(2026, 11, 21))
    assert "登记怎么处置的" not in farm.get("/my/")


def test_a_reversed_use_no_longer_stands_in_the_way(farm):
    use = record_use(
        producer=farm.producer,
        occurred_on=DAY,
        product=farm.product,
        plot=farm.plot,
        kind="pesticide",
        name="阿维菌素",
        quantity=Decimal(1),
        unit="瓶",
        interval_days=30,
    )
    assert "12月20日起 3号地长豇豆可采收" in farm.get("/my/")
    farm.client.post(f"/my/records/use/{use.uid}/reverse/", {"reason": "记错地块"})
    assert InputUse.objects.get().status == "reversed"
    assert "12月20日起" not in farm.get("/my/")


def test_the_list_costs_a_known_number_of_queries(farm, django_assert_num_queries):
    for _number in range(3):
        InputUseFactory(producer=farm.producer, product=farm.product)
        HarvestFactory(producer=farm.producer, product=farm.product)
    farm.get("/my/records/")
    with django_assert_num_queries(17):  # session, user, 2 whom for, 11 kinds of records, 2 permissions
        farm.get("/my/records/")
