"""Taking in a phone's queue: once, in order, by its own user, and nothing overwritten."""

import datetime
import uuid

import pytest

from agricredit.foundation.audit.models import AuditLine
from archives.models import CreditEvent, Harvest, InputPurchase, InputUse, Membership, QueuedItem
from archives.services.records import NOUNS
from tests.archives.offline.parcels import item, later, send
from tests.archives.portal.farm import make_farm
from tests.factories.accounts import UserFactory
from tests.factories.archives import MembershipFactory, PlotFactory, ProducerProductFactory, ProductFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("noun", ["purchase", "use", "pest", "harvest", "self_test", "sale"])
def test_every_noun_is_taken(farm, moment, noun):
    sent = item(farm, noun, now=moment.now)
    [result] = send(farm, [sent], now=moment.now)
    assert (result["status"], result["uid"]) == ("sent", sent["uid"]), result
    row = NOUNS[noun].model.objects.get()
    assert str(row.uid) == sent["uid"]
    assert row.recorded_by == farm.user
    assert farm.get(result["url"])
    kept = QueuedItem.objects.get()
    assert (kept.outcome, kept.made_by, kept.sent_by, kept.on_behalf) == ("sent", farm.user, farm.user, False)


def test_what_must_be_known_now_is_said_with_the_answer(farm, moment):
    [result] = send(farm, [item(farm, "use", now=moment.now)], now=moment.now)
    assert result["said"] == "3号地的长豇豆 11月28日起可采收"


def test_an_old_queue_replayed_changes_nothing(farm, moment):
    items = [item(farm, noun, now=moment.now) for noun in ("purchase", "use", "harvest")]
    items[2]["answers"]["reason"] = "台风前抢收"
    first = send(farm, items, now=moment.now)
    events = CreditEvent.objects.count()
    moment.forward(days=40)
    again = send(farm, items, now=moment.now)
    assert [result["status"] for result in again] == ["sent"] * 3
    assert [result["url"] for result in again] == [result["url"] for result in first]
    assert CreditEvent.objects.count() == events
    assert (InputPurchase.objects.count(), InputUse.objects.count(), Harvest.objects.count()) == (1, 1, 1)


def test_replayed_after_its_plot_has_gone_it_is_still_the_same(farm, moment):
    sent = item(farm, "harvest", now=moment.now)
    plot = PlotFactory(producer=farm.producer, name="后山")
    sent["answers"]["plot"] = "none"
    send(farm, [sent], now=moment.now)
    plot.delete()
    farm.plot.delete()
    [result] = send(farm, [sent], now=moment.now)
    assert result["status"] == "sent"
    assert Harvest.objects.count() == 1


def test_a_use_of_a_purchase_bought_in_the_same_field(farm, moment):
    bought = item(farm, "purchase", now=moment.now)
    used = item(farm, "use", {"what": bought["uid"]}, now=moment.now, needs=[bought["uid"]])
    assert [result["status"] for result in send(farm, [bought, used], now=moment.now)] == ["sent", "sent"]
    assert str(InputUse.objects.get().purchase.uid) == bought["uid"]


def test_a_batch_that_newer_ones_have_pushed_out_is_still_found(farm, moment):
    first = item(farm, "harvest", now=moment.now)
    send(farm, [first, *(item(farm, "harvest", now=moment.now) for _more in range(8))], now=moment.now)
    sale = item(farm, "sale", {"harvest": first["uid"]}, now=moment.now)
    [result] = send(farm, [sale], now=moment.now)
    assert result["status"] == "sent", result


@pytest.mark.parametrize(
    ("noun", "answers", "field", "sentence"),
    [
        ("purchase", {"name": "甲胺磷"}, "name", "禁止使用"),
        ("use", {"name": ""}, "name", "请写下用了什么"),
        ("use", {"interval_days": ""}, "interval_days", ""),
        ("harvest", {"quantity": "0"}, "quantity", "大于"),
        ("harvest", {"quantity": "多"}, "quantity", ""),
        ("harvest", {"product": "99999999"}, "plot", ""),
        ("harvest", {"plot": "99999999"}, "plot", ""),
        ("harvest", {"occurred_on": "2027-01-01"}, "occurred_on", "不能晚于今天"),
        ("harvest", {"occurred_on": "2026-02-29"}, "occurred_on", "有效"),
        ("self_test", {"method": "entrusted"}, "laboratory", "检测机构"),
    ],
)
def test_a_rule_refuses_one_item_in_words_and_nothing_is_kept(farm, moment, noun, answers, field, sentence):
    if "product" in answers:
        ProducerProductFactory(producer=farm.producer, product=ProductFactory(code="2"))
        field = "product"
    good = item(farm, "pest", now=moment.now)
    bad = item(farm, noun, answers, now=moment.now)
    results = send(farm, [bad, good], now=moment.now)
    assert [result["status"] for result in results] == ["refused", "sent"]
    fault = results[0]["faults"][0]
    assert fault["field"] == field
    assert sentence in results[0]["sentence"]
    assert results[0]["sentence"]
    assert {question["slug"] for question in results[0]["questions"]} >= {fault["question"]}
    assert NOUNS[noun].model.objects.count() == 0
    assert QueuedItem.objects.get(uid=bad["uid"]).outcome == "refused"


def test_corrected_after_a_refusal_it_is_taken_under_the_same_uid(farm, moment):
    bad = item(farm, "harvest", {"quantity": "0"}, now=moment.now)
    send(farm, [bad], now=moment.now)
    bad["answers"]["quantity"] = "12"
    assert send(farm, [bad], now=moment.now)[0]["status"] == "sent"
    assert QueuedItem.objects.get().outcome == "sent"


def test_what_needs_a_refused_item_is_held_and_the_rest_goes_on(farm, moment):
    bought = item(farm, "purchase", {"name": "甲胺磷"}, now=moment.now)
    used = item(farm, "use", {"what": bought["uid"]}, now=moment.now, needs=[bought["uid"]])
    after = item(farm, "sale", now=moment.now, needs=[used["uid"]])
    free = item(farm, "pest", now=moment.now)
    results = send(farm, [bought, used, after, free], now=moment.now)
    assert [result["status"] for result in results] == ["refused", "held", "held", "sent"]
    assert InputUse.objects.count() == 0


def test_the_same_uid_with_other_content_is_shown_beside_what_stands(farm, moment):
    mine = item(farm, "harvest", now=moment.now)
    send(farm, [mine], now=moment.now)
    other = {**mine, "answers": {**mine["answers"], "quantity": "999"}}
    [result] = send(farm, [other], now=moment.now, device=str(uuid.uuid4()))
    assert result["status"] == "conflict"
    assert ["数量", "120 公斤"] in result["theirs"]["facts"]
    assert Harvest.objects.get().quantity == 120
    assert QueuedItem.objects.get().content["answers"]["quantity"] == "999"
    assert QueuedItem.objects.get().outcome == "sent"


def test_a_second_correction_from_another_phone_is_decided_by_a_person(farm, moment):
    first = item(farm, "harvest", now=moment.now)
    send(farm, [first], now=moment.now)
    here = item(farm, "harvest", {"quantity": "100"}, now=moment.now, replaces=first["uid"])
    there = item(farm, "harvest", {"quantity": "90"}, now=moment.now, replaces=first["uid"])
    assert send(farm, [here], now=moment.now)[0]["status"] == "sent"
    [result] = send(farm, [there], now=moment.now)
    assert result["status"] == "conflict"
    assert result["theirs"]["uid"] == here["uid"]
    assert sorted(Harvest.objects.values_list("quantity", "status")) == [(100, "active"), (120, "reversed")]
    decided = {**there, "uid": str(uuid.uuid4()), "replaces": result["theirs"]["uid"]}
    assert send(farm, [decided], now=moment.now)[0]["status"] == "sent"
    assert list(Harvest.objects.active().values_list("quantity", flat=True)) == [90]


def test_a_correction_replayed_is_one_correction(farm, moment):
    first = item(farm, "harvest", now=moment.now)
    here = item(farm, "harvest", {"quantity": "100"}, now=moment.now, replaces=first["uid"])
    send(farm, [first, here], now=moment.now)
    assert [result["status"] for result in send(farm, [first, here], now=moment.now)] == ["sent", "sent"]
    assert Harvest.objects.count() == 2


def test_a_correction_of_what_others_build_on_is_refused_and_nothing_changes(farm, moment):
    batch = item(farm, "harvest", now=moment.now)
    sale = item(farm, "sale", {"harvest": batch["uid"]}, now=moment.now)
    send(farm, [batch, sale], now=moment.now)
    mend = item(farm, "harvest", {"quantity": "100"}, now=moment.now, replaces=batch["uid"])
    [result] = send(farm, [mend], now=moment.now)
    assert (result["status"], "请先撤销它们" in result["sentence"]) == ("refused", True)
    assert Harvest.objects.get().status == "active"


def test_only_the_user_who_is_logged_in_sends(farm, moment):
    sent = item(farm, now=moment.now)
    said = send(farm, [sent], now=moment.now, status=409, user=farm.user.pk + 1)
    assert "另一个账号" in said["sentence"]
    assert Harvest.objects.count() == 0


def test_an_expired_login_is_said_and_keeps_everything_outside(farm, moment, client):
    said = send(farm, [item(farm, now=moment.now)], now=moment.now, status=401, client=client)
    assert "还在手机上" in said["sentence"]
    assert Harvest.objects.count() == 0


def test_for_a_producer_one_may_not_act_for_nothing_is_taken(farm, moment):
    stranger = make_farm(name="别家")
    sent = {**item(farm, now=moment.now), "producer": stranger.producer.pk}
    [result] = send(farm, [sent], now=moment.now)
    assert result["status"] == "refused"
    Membership.objects.filter(user=farm.user).update(valid_to=moment.now.date())
    [result] = send(farm, [item(farm, now=moment.now)], now=moment.now)
    assert (result["status"], "授权" in result["sentence"]) == ("refused", True)
    assert Harvest.objects.count() == 0


def test_a_helper_sends_for_a_household_and_it_is_written_down(farm, moment):
    helper = UserFactory(role="helper")
    MembershipFactory(user=helper, producer=farm.producer, role="helper")
    farm.client.force_login(helper)
    sent = item(farm, now=moment.now)  # made by the owner, handed over as a file
    assert send(farm, [sent], now=moment.now, user=helper.pk)[0]["status"] == "sent"
    kept = QueuedItem.objects.get()
    assert (kept.made_by, kept.sent_by, kept.on_behalf) == (farm.user, helper, True)
    lines = dict(AuditLine.objects.filter(verb__startswith="offline.").values_list("verb", "actor"))
    assert lines == {"offline.sent": helper.pk, "offline.handed_over": helper.pk}


def test_a_uid_of_another_producers_item_is_no_way_in(farm, moment):
    stranger = make_farm(name="别家")
    theirs = item(stranger, now=moment.now)
    send(stranger, [theirs], now=moment.now)
    mine = {**item(farm, now=moment.now), "uid": theirs["uid"]}
    [result] = send(farm, [mine], now=moment.now)
    assert result["status"] == "refused"
    assert "theirs" not in result
    assert Harvest.objects.count() == 1


def test_a_phone_whose_clock_is_days_off_has_the_day_looked_at(farm, moment):
    slow = later(moment.now, days=-2)
    sent = item(farm, now=slow)
    [result] = send(farm, [sent], now=slow)
    assert result["status"] == "clock"
    assert "慢了约 2 天" in result["sentence"]
    assert Harvest.objects.count() == 0
    [result] = send(farm, [{**sent, "sure": True}], now=slow)
    assert result["status"] == "sent"
    assert QueuedItem.objects.get().skew_seconds == 2 * 86400


def test_a_clock_that_is_off_within_the_day_is_stored_but_stops_nothing(farm, moment):
    fast = later(moment.now, minutes=30)
    assert send(farm, [item(farm, now=fast)], now=fast)[0]["status"] == "sent"
    assert QueuedItem.objects.get().skew_seconds == -1800
    assert Harvest.objects.get().entered_at <= moment.now


def test_days_without_reception_are_not_lateness_weeks_are(farm, moment):
    early, old = item(farm, "pest", now=moment.now), item(farm, "harvest", now=moment.now)
    made = moment.now
    moment.forward(days=3)
    send(farm, [early], now=moment.now)
    row = NOUNS["pest"].model.objects.get()
    assert row.entered_at == made
    moment.forward(days=30)
    send(farm, [old], now=moment.now)
    assert Harvest.objects.get().entered_at == moment.now


@pytest.mark.parametrize(
    "change",
    [
        {"items": "x"},
        {"items": [{}]},
        {"device": "x"},
        {"sent_at": "gestern"},
        {"sent_at": "2026-11-21T10:00:00"},
        {"items": [{"uid": "1"}]},
        {"user": None},
        {"items": [None]},
    ],
)
def test_what_no_phone_would_send_is_refused_whole(farm, moment, change):
    said = send(farm, [], now=moment.now, status=400, **change)
    assert "还在手机上" in said["sentence"]


@pytest.mark.parametrize("answers", [{"quantity": 5}, {"quantity": "1\0"}, {"remark": "长" * 401}, ["x"]])
def test_answers_are_texts_of_bounded_length(farm, moment, answers):
    sent = item(farm, now=moment.now)
    sent["answers"] = answers
    send(farm, [sent], now=moment.now, status=400)


def test_a_role_that_does_not_record_sends_nothing(farm, moment):
    farm.client.force_login(UserFactory(role="market"))
    send(farm, [item(farm, now=moment.now)], now=moment.now, status=403)


def test_an_unknown_noun_of_a_newer_app_stays_on_the_phone(farm, moment):
    [result] = send(farm, [item(farm, now=moment.now) | {"noun": "moonwalk"}], now=moment.now)
    assert result["status"] == "refused"


def test_the_last_page_is_told_what_the_platform_would_warn_of(farm, moment):
    send(farm, [item(farm, "use", now=moment.now)], now=moment.now)
    answers = item(farm, "harvest", now=moment.now)["answers"]
    response = farm.client.post(
        "/my/sync/check/",
        {"producer": farm.producer.pk, "noun": "harvest", "answers": answers},
        content_type="application/json",
    )
    assert "11月28日起才可采收" in response.json()["warnings"][0]
    assert Harvest.objects.count() == 0
    assert datetime.date(2026, 11, 28) == InputUse.objects.get().harvest_from
