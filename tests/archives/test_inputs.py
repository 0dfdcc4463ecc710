"""The list of forbidden inputs: judged by the day of use, and by the whole name."""

import datetime

import pytest

from archives.inputs import BANNED, Rule, Rulebook, banned_on, restricted_on, shipped_rules
from archives.models import SubstanceRule

pytestmark = pytest.mark.django_db

BEFORE, AFTER = datetime.date(2026, 5, 31), datetime.date(2026, 6, 1)


@pytest.mark.parametrize("name", ["克百威", "3%克百威颗粒剂", " 氧乐果 ", "灭多威", "涕灭威"])
def test_a_ban_begins_on_its_day(name):
    assert banned_on(name, BEFORE) is None
    assert banned_on(name, AFTER).basis == "2023年12月25日公告"


@pytest.mark.parametrize(
    "name", ["乙酰甲胺磷", "丁硫克百威", "乐果", "阿维菌素", "三氯杀螨砜", "硫双灭多威", ""]
)
def test_a_name_that_contains_a_banned_one_is_not_it(name):
    assert banned_on(name, AFTER) is None


@pytest.mark.parametrize(
    "name", ["甲胺磷", "对硫磷", "甲基对硫磷", "2,4-滴丁酯", "２,４-滴丁酯乳油", "砷酸钙", "百草枯"]
)
def test_old_bans_hold(name):
    assert banned_on(name, AFTER) is not None


def test_before_its_ban_a_poison_is_restricted_on_vegetables():
    rule = restricted_on("克百威", BEFORE, category="蔬菜", product="长豇豆")
    assert (rule.name, rule.basis) == ("克百威", "农药管理条例第三十四条")
    assert restricted_on("克百威", BEFORE, category="粮食", product="水稻") is None


def test_a_restriction_may_name_a_product():
    assert restricted_on("丁酰肼", AFTER, category="油料", product="花生").name == "丁酰肼"
    assert restricted_on("丁酰肼", AFTER, category="油料", product="芝麻") is None


def test_veterinary_drugs_have_a_list_of_their_own():
    assert banned_on("氯霉素", AFTER, "veterinary_drug").name == "氯霉素"
    assert banned_on("氯霉素", AFTER, "pesticide") is None
    assert banned_on("左氧氟沙星", AFTER, "veterinary_drug") is None
    assert banned_on("氧氟沙星注射液", AFTER, "veterinary_drug").name == "氧氟沙星"
    assert banned_on("克百威", AFTER, "feed") is None


def test_fifty_four_entries_of_the_ministrys_list_are_there():
    banned = {rule.name for rule in shipped_rules() if (rule.sort, rule.kind) == (BANNED, "pesticide")}
    assert len(banned) == 54


def test_a_rule_that_ended_no_longer_holds_from_its_last_day_on():
    ended = Rule(BANNED, "pesticide", "某磷", "公告", datetime.date(2020, 1, 1), datetime.date(2024, 1, 1))
    book = Rulebook([ended])
    assert book.banned_on("某磷乳油", datetime.date(2023, 12, 31)) == ended
    assert book.banned_on("某磷乳油", datetime.date(2024, 1, 1)) is None
    assert book.banned_on("某磷乳油", datetime.date(2019, 12, 31)) is None


def test_fipronil_is_forbidden_on_all_but_what_is_excepted():
    assert restricted_on("氟虫腈", AFTER, category="水果", product="荔枝").basis == "农业部公告第1157号"
    assert restricted_on("氟虫腈", AFTER, category="粮食", product="水稻") is not None
    assert restricted_on("氟虫腈", AFTER, category="粮食", product="玉米") is None


def test_the_shipped_rules_answer_where_none_are_loaded():
    assert SubstanceRule.objects.exists()  # every migrate loads them
    SubstanceRule.objects.all().delete()
    assert banned_on("甲胺磷", AFTER).basis == "农业部公告第322号"


def test_an_officers_rule_holds_at_once():
    SubstanceRule.objects.create(sort="banned", kind="pesticide", name="新禁药", basis="公告X", begins=AFTER)
    assert banned_on("50%新禁药水剂", AFTER).basis == "公告X"
    assert banned_on("50%新禁药水剂", BEFORE) is None
