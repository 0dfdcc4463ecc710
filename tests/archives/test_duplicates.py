"""Two files of one producer: found over the whole register, merged with what each knows best, undone."""

import itertools

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from agricredit.foundation.accounts.roles import Role
from agricredit.foundation.audit.models import AuditLine
from agricredit.foundation.common import clock
from agricredit.foundation.jobs.models import Job
from agricredit.foundation.jobs.testing import run_all_jobs
from archives.models import DuplicatePair, Licence, Producer, number_key
from archives.services import duplicates, status
from archives.services.producers import change, register
from archives.tasks import DUPLICATES_JOB
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import DuplicatePairFactory, ProducerFactory, RegionFactory

pytestmark = pytest.mark.django_db
CODE = "93440823MA4W1A2B3"
TOWN, OTHER_TOWN = "440823100", "440823101"


def found(**fields):
    return {
        (pair.low.name, pair.high.name): (pair.reasons, pair.score)
        for pair in DuplicatePair.objects.filter(**fields)
    }


def farm(name, **fields):
    return ProducerFactory(name=name, **{"region": TOWN, **fields})


def farmer(name, **fields):
    return ProducerFactory(natural=True, name=name, **{"region": TOWN, **fields})


@pytest.fixture
def officer():
    return UserFactory()


@pytest.fixture
def desk(client, officer):
    return enter(client, officer)


@pytest.fixture
def pair():
    low = farm("甲合作社", contact_name="", address="城月镇家寮村12号")
    high = farm("甲种植合作社", contact_name="陈五", address="")
    return DuplicatePairFactory(low=low, high=high)


def page(pair):
    return reverse("admin:archives_duplicatepair_change", args=[pair.pk])


def test_a_code_is_found_again_behind_a_merged_file():
    old, other, end = farm("老社"), farm("另一社", credit_code=None), farm("新社", region=OTHER_TOWN)
    code = old.credit_code
    status.merge(producer=old, into=end, reason="重复")
    Producer.objects.filter(pk=other.pk).update(credit_code=code)
    assert duplicates.find() == 1
    assert found() == {("另一社", "新社"): (["credit_code"], 100)}


def test_an_identity_number_is_found_again_behind_a_merged_file():
    farmer("李一", identity_hash="h")
    gone = farmer("李二", identity_hash="g")
    status.merge(producer=gone, into=farmer("李三"), reason="重复")
    Producer.objects.filter(pk=gone.pk).update(identity_hash="h")
    duplicates.find()
    assert found() == {("李一", "李三"): (["identity"], 100)}


def test_a_phone_is_a_sign_unless_many_share_it():
    for index in range(2):
        farm(f"{'金银'[index]}果园", phone_hash="few")
    for index in range(duplicates.SHARED_AT_MOST + 1):
        farm(chr(0x4E00 + 2 * index) * 4 + chr(0x5E00 + 3 * index) * 4, phone_hash="many")
    duplicates.find()
    assert found() == {("金果园", "银果园"): (["phone"], 70)}


def test_similar_names_are_found_within_a_township_only():
    farm("遂溪县绿源蔬菜种植专业合作社")
    farm("遂溪县绿源蔬菜种植专业合作")
    farm("遂溪县绿源蔬菜种植专业合作社", region=OTHER_TOWN)
    farm("湛江市红土水产养殖有限公司")
    duplicates.find()
    names = ("遂溪县绿源蔬菜种植专业合作社", "遂溪县绿源蔬菜种植专业合作")
    assert found() == {names: (["name"], 73)}  # 12 of 13 fragments are shared


def test_a_similar_name_is_found_where_every_part_of_it_is_common(monkeypatch):
    monkeypatch.setattr(duplicates, "SHARED_AT_MOST", 4)
    for place, crop in itertools.product("金银铜铁锡", "稻麦豆瓜茶"):
        farm(f"遂{place}源农{crop}园")
    farm("遂银源农瓜园场")
    duplicates.find()
    assert found() == {("遂银源农瓜园", "遂银源农瓜园场"): (["name"], 66)}


def test_persons_of_one_name_need_one_address_too():
    farmer("陈伟", address="家寮村 １２号院")
    farmer("陈伟", address="家寮村12号院")
    farmer("陈伟", address="家寮村98号院")
    duplicates.find()
    assert found() == {("陈伟", "陈伟"): (["address", "name"], 90)}


def test_closed_files_are_left_alone():
    farm("遂溪县绿源蔬菜合作社")
    farm("遂溪县绿源蔬菜合作社", status="closed")
    assert duplicates.find() == 0


def test_searching_again_keeps_decisions_and_drops_what_no_longer_fits(officer):
    first, second = farm("金果园", phone_hash="x"), farm("银果园", phone_hash="x")
    farm("铜果园", phone_hash="y"), farm("铁果园", phone_hash="y")
    assert duplicates.find() == 2
    pair = DuplicatePair.objects.get(low=first)
    duplicates.mark_distinct(pair=pair, reason="父子二人", actor=officer)
    Producer.objects.filter(name="铁果园").update(phone_hash=None)
    assert duplicates.find() == 0
    assert found() == {("金果园", "银果园"): (["phone"], 70)}
    pair.refresh_from_db()
    assert (pair.state, pair.decision, pair.decided_by) == ("distinct", "父子二人", officer)
    assert AuditLine.objects.get(verb="duplicate.distinct").facts["other"] == second.name


def test_the_search_of_a_division_leaves_others_pairs():
    RegionFactory(code="440825100")
    farm("金果园", phone_hash="x"), farm("银果园", phone_hash="x")
    assert duplicates.find() == 1
    Producer.objects.update(phone_hash=None)
    duplicates.find(region="440825")
    assert DuplicatePair.objects.count() == 1
    duplicates.find(region="440823")
    assert DuplicatePair.objects.count() == 0


def test_merging_takes_the_picked_fields_and_can_be_undone(officer, pair):
    low, high = pair.low, pair.high
    codes = low.credit_code, high.credit_code
    duplicates.merge_pair(
        pair=pair, keep=low, picks=["contact_name", "credit_code"], reason="同一家", actor=officer
    )
    low.refresh_from_db(), high.refresh_from_db(), pair.refresh_from_db()
    assert (high.status, high.merged_into, pair.state, pair.kept) == ("merged", low, "merged", low)
    assert (low.contact_name, low.credit_code, low.address) == ("陈五", codes[1], "城月镇家寮村12号")
    duplicates.undo_merge(pair=pair, reason="弄错", actor=officer)
    low.refresh_from_db(), high.refresh_from_db(), pair.refresh_from_db()
    assert (high.status, high.merged_into, pair.state, pair.kept) == ("active", None, "open", None)
    assert (low.contact_name, low.credit_code, high.credit_code) == ("", *codes)
    verbs = [line.verb for line in AuditLine.objects.order_by("pk") if line.verb.startswith("producer.")]
    assert verbs == ["producer.merged", "producer.changed", "producer.changed", "producer.unmerged"]


def test_undoing_keeps_what_was_written_since(officer, pair):
    duplicates.merge_pair(pair=pair, keep=pair.low, picks=["contact_name"], reason="同一家", actor=officer)
    change(producer=pair.low, contact_name="陈六", actor=officer)
    duplicates.undo_merge(pair=pair, reason="弄错", actor=officer)
    assert Producer.objects.get(pk=pair.low_id).contact_name == "陈六"


def test_merging_without_picks_changes_nothing_of_the_kept_file(officer, pair):
    duplicates.merge_pair(pair=pair, keep=pair.high, reason="同一家", actor=officer)
    kept = Producer.objects.get(pk=pair.high_id)
    assert (kept.name, kept.contact_name, kept.address) == ("甲种植合作社", "陈五", "")
    assert Producer.objects.get(pk=pair.low_id).merged_into == kept


@pytest.mark.parametrize("act", ["merge_pair", "mark_distinct"])
def test_a_decided_pair_is_refused_with_who_decided(officer, pair, act):
    duplicates.mark_distinct(pair=pair, reason="父子", actor=officer)
    given = {"keep": pair.low} if act == "merge_pair" else {}
    with pytest.raises(ValidationError, match=f"{officer.name}已处理这一对主体：不是同一主体"):
        getattr(duplicates, act)(pair=pair, reason="x", actor=officer, **given)
    assert Producer.objects.filter(status="merged").count() == 0


def test_refusals_change_nothing(officer, pair):
    stranger = ProducerFactory()
    acts = {
        "请填写理由": lambda: duplicates.merge_pair(pair=pair, keep=pair.low, reason=" ", actor=officer),
        "应是这两个之一": lambda: duplicates.merge_pair(pair=pair, keep=stranger, reason="x", actor=officer),
        "不能选取：key": lambda: duplicates.merge_pair(
            pair=pair, keep=pair.low, picks=["key"], reason="x", actor=officer
        ),
        "没有合并": lambda: duplicates.undo_merge(pair=pair, reason="x", actor=officer),
        "可以重新处理": lambda: duplicates.reopen(pair=pair, reason="x", actor=officer),
        "不能是自然人": lambda: duplicates.merge_pair(
            pair=DuplicatePairFactory(low=pair.low, high=farmer("陈伟")), keep=pair.low, picks=["nature"],
            reason="x", actor=officer,
        ),
    }  # fmt: skip
    for sentence, act in acts.items():
        with pytest.raises(ValidationError, match=sentence):
            act()
    assert Producer.objects.filter(status="merged").count() == 0
    assert not DuplicatePair.objects.exclude(state="open").exists()


def test_not_the_same_can_be_taken_back(officer, pair):
    duplicates.mark_distinct(pair=pair, reason="父子", actor=officer)
    assert duplicates.reopen(pair=pair, reason="弄错", actor=officer).state == "open"


def test_the_list_shows_pairs_of_the_own_jurisdiction_only(desk, pair):
    DuplicatePairFactory(low=farm("乙社"), high=farm("丙社", region="440825"))
    answer = desk.get(reverse("admin:archives_duplicatepair_changelist"))
    assert [row.pk for row in answer.context["cl"].result_list] == [pair.pk]
    assert "在本辖区查找重复" in answer.content.decode()


def test_officers_search_their_own_jurisdiction_in_the_background(desk, officer):
    farm("金果园", phone_hash="x"), farm("银果园", phone_hash="x")
    for _twice in range(2):
        desk.post(reverse("admin:archives_duplicatepair_find"), {"act": "find"})
    job = Job.objects.get(kind=DUPLICATES_JOB)
    assert (job.args, job.region_code, job.created_by) == ({"region": "440823"}, "440823", officer)
    run_all_jobs()
    assert found() == {("金果园", "银果园"): (["phone"], 70)}
    job.refresh_from_db()
    assert job.progress_done == job.progress_total == 2


def test_two_columns_a_preview_the_merge_and_its_undo(desk, pair):
    asked = desk.get(page(pair))
    assert "陈五" in asked.content.decode()
    assert asked.context["outcome"] is None
    chosen = {"keep": "low", "pick_contact_name": "high", "pick_name": "low", "reason": "同一家"}
    seen = desk.post(page(pair), {**chosen, "act": "preview"})
    outcome = {str(line["label"]): (line["text"], line["changed"]) for line in seen.context["outcome"]}
    assert outcome["联系人"] == ("陈五", True)
    assert outcome["名称"] == ("甲合作社", False)
    assert DuplicatePair.objects.get().state == "open"
    assert desk.post(page(pair), {**chosen, "act": "merge"}).status_code == 302
    assert Producer.objects.get(pk=pair.low_id).contact_name == "陈五"
    assert "撤销合并" in desk.get(page(pair)).content.decode()
    assert desk.post(page(pair), {"act": "undo", "reason": "弄错"}).status_code == 302
    assert Producer.objects.get(pk=pair.high_id).status == "active"


def test_who_comes_second_sees_who_decided_and_no_act_is_prepared(desk, officer, pair):
    chosen = {"keep": "low", "reason": "同一家"}
    desk.post(page(pair), {**chosen, "act": "preview"})
    duplicates.mark_distinct(pair=pair, reason="父子两家", actor=officer)
    late = desk.post(page(pair), {**chosen, "act": "merge"})
    assert f"{officer.name}已处理这一对主体" in late.content.decode()
    assert (late.context["outcome"], late.context["reason"]) == (None, "")
    assert Producer.objects.get(pk=pair.high_id).status == "active"


def test_a_refusal_stands_on_the_page_with_what_was_chosen(desk, pair):
    answer = desk.post(page(pair), {"act": "merge", "keep": "high", "pick_name": "low", "reason": ""})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "请填写理由" in text
    assert answer.context["keep_name"] == "甲种植合作社"
    assert DuplicatePair.objects.get().state == "open"


def test_personal_numbers_are_masked(desk):
    first = register(
        name="陈伟", kind="smallholder", nature="natural_person", region=RegionFactory(code=TOWN),
        phone="13800138000",
    )  # fmt: skip
    pair = DuplicatePairFactory(low=first, high=farmer("陈纬"))
    text = desk.get(page(pair)).content.decode()
    assert "138****8000" in text
    assert "13800138000" not in text


def test_those_who_may_only_look_and_those_elsewhere_decide_nothing(client, pair):
    province = enter(client, UserFactory(role=Role.PROVINCE_OFFICER))
    assert "不是同一主体" not in province.get(page(pair)).content.decode().split("<form method")[-1]
    assert province.post(page(pair), {"act": "distinct", "reason": "x"}).status_code == 403
    assert province.post(reverse("admin:archives_duplicatepair_find"), {"act": "find"}).status_code == 403
    away = enter(client, UserFactory(region_code="440825"))
    assert away.post(page(pair), {"act": "distinct", "reason": "x"}).status_code == 404
    farmer_account = enter(client, UserFactory(role=Role.PRODUCER))
    assert farmer_account.get(page(pair)).status_code in (302, 403, 404)
    assert DuplicatePair.objects.get().state == "open"


def test_one_licence_number_in_two_files_is_found_whatever_its_trimmings():
    one, two, ended = (ProducerFactory(name=name) for name in ("绿源", "海丰", "金穗"))
    for producer, number, more in (
        (one, "JY1 44-0823", {}),
        (two, "ＪＹ１４４0823", {}),
        (ended, "JY1440823", {"ended_on": clock.today(), "end_reason": "注销"}),
    ):
        Licence.objects.create(
            producer=producer, kind="business", number=number, number_key=number_key(number), **more
        )
    duplicates.find()
    pair = DuplicatePair.objects.get()
    assert ({pair.low_id, pair.high_id}, pair.reasons) == ({one.pk, two.pk}, ["licence"])
