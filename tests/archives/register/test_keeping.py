"""Entries of a producer's file: judged, audited, checked, ended, and what they say in the ledger."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from agricredit.foundation.audit.models import AuditLine
from agricredit.foundation.common.crypto import keyed_hash
from archives.ledger.kinds import KINDS
from archives.models import CreditEvent, Honour, Identity, Licence, Plot, StaffMember
from archives.services.register import keeping
from tests.factories.accounts import UserFactory
from tests.factories.archives import MembershipFactory, PlotFactory, ProducerFactory, ProductFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
TODAY = datetime.date(2026, 11, 20)  # on which the clock stands
DAY = datetime.timedelta(days=1)


@pytest.fixture
def officer():
    return UserFactory(role="county_officer", region_code="440823")


@pytest.fixture
def producer():
    return ProducerFactory()


@pytest.fixture
def owner(producer):
    return MembershipFactory(producer=producer).user


def said(producer, kind):
    """What the ledger says of the kind: (outcome, value, valid_until) of the events that stand."""
    rows = CreditEvent.objects.filter(producer=producer, kind=KINDS[kind].number, reverses=None)
    standing = rows.with_reversed().filter(is_reversed=False).order_by("pk")
    return [(row.get_outcome_display(), row.value, row.valid_until) for row in standing]


def licence(producer, actor, **values):
    given = {"kind": "business", "number": "9144 0823-MA51 x", "valid_until": TODAY + 100 * DAY, **values}
    return keeping.add(noun="licence", producer=producer, actor=actor, **given)


def refused(act, **values):
    with pytest.raises(ValidationError) as error:
        act(**values)
    return error.value.message_dict if hasattr(error.value, "error_dict") else error.value.messages


def test_a_licence_is_found_by_its_number_however_it_is_written(producer, officer):
    row = licence(producer, officer, number="粤 （2024）第１２３-ab号")
    assert row.number_key == "粤2024第123AB号"
    assert Licence.objects.filter(number_key="粤2024第123AB号").exists()
    line = AuditLine.objects.get(verb="register.added")
    assert (line.target_name, line.actor) == (producer.name, officer)
    assert "营业执照" in line.facts["what"]


def test_what_an_officer_enters_is_checked_and_what_a_producer_enters_waits(producer, officer, owner):
    assert licence(producer, officer).check_outcome == "pass"
    assert said(producer, "licence.checked") == [("合格", None, TODAY + 100 * DAY)]
    own = licence(producer, owner, kind="breeding", number="B1", valid_until=TODAY + 10 * DAY)
    assert (own.check_outcome, own.checked_on) == ("", None)
    assert said(producer, "licence.checked") == [("合格", None, TODAY + 100 * DAY)], "not before the check"
    keeping.check(row=own, outcome="pass", actor=officer)
    assert said(producer, "licence.checked") == [("合格", None, TODAY + 10 * DAY)], "until the first ends"


def test_a_refused_check_fails_and_an_ended_licence_is_said_anew(producer, officer, owner):
    good = licence(producer, officer)
    bad = licence(producer, owner, kind="breeding", number="B1", valid_until=None)
    assert refused(keeping.check, row=bad, outcome="fail", actor=officer) == {
        "note": ["核验不通过的，请写明哪里不符。"]
    }
    keeping.check(row=bad, outcome="fail", note="编号与证书不符", actor=officer)
    assert said(producer, "licence.checked") == [("不合格", None, None)]
    keeping.end(row=bad, reason="登记有误", actor=officer)
    assert said(producer, "licence.checked") == [("合格", None, good.valid_until)]
    keeping.end(row=good, reason="注销", actor=officer)
    assert said(producer, "licence.checked") == [("不合格", None, None)]
    assert "终止" in refused(keeping.change, row=good, number="X1", actor=officer)[0]


def test_the_producers_correction_needs_a_new_check(producer, officer, owner):
    row = licence(producer, officer)
    changed = keeping.change(row=row, valid_until=TODAY + 300 * DAY, actor=owner)
    assert changed.check_outcome == ""
    assert keeping.change(row=row, valid_until=TODAY + 300 * DAY, actor=officer).check_outcome == "pass"
    assert said(producer, "licence.checked") == [("合格", None, TODAY + 300 * DAY)]


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        ({"kind": "nothing"}, "kind", "选项"),
        ({"number": ""}, "number", "此字段"),
        ({"number": " -- "}, "number", "数字或字母"),
        ({"issued_on": TODAY + DAY}, "issued_on", "不能晚于今天"),
        ({"issued_on": datetime.date(24, 2, 29)}, "issued_on", "年份不对"),
        ({"issued_on": TODAY, "valid_until": TODAY - DAY}, "valid_until", "不能早于“发证日期”"),
    ],
)
def test_a_wrong_licence_is_refused_with_its_field(producer, officer, values, field, sentence):
    faults = refused(licence, producer=producer, actor=officer, **values)
    assert sentence in faults[field][0]
    assert not Licence.objects.exists()
    assert not AuditLine.objects.filter(verb="register.added").exists()


def test_the_same_licence_twice_is_refused_until_the_first_ends(producer, officer):
    first = licence(producer, officer)
    assert "已有这个证照" in str(refused(licence, producer=producer, actor=officer, number="91440823MA51X"))
    keeping.end(row=first, reason="换证", actor=officer)
    assert licence(producer, officer).pk != first.pk


def test_a_closed_file_takes_no_entries(producer, officer):
    type(producer).objects.filter(pk=producer.pk).update(status="closed")
    assert "已注销" in refused(licence, producer=producer, actor=officer)[0]


def test_identities_are_encrypted_masked_and_comparable(producer, officer):
    number = "440823198001011230"
    from agricredit.foundation.common.codes import IDENTITY_CHECKS, IDENTITY_WEIGHTS

    body = number[:17]
    number = body + IDENTITY_CHECKS[sum(int(c) * w for c, w in zip(body, IDENTITY_WEIGHTS, strict=True)) % 11]
    given = {
        "noun": "identity",
        "producer": producer,
        "actor": officer,
        "relation": "legal",
        "holder": "张三",
    }
    row = keeping.add(kind="identity", number=number, **given)
    stored = Identity.objects.values_list("shown", "number_hash").get()
    assert stored == ("4" + "*" * 16 + number[-1], keyed_hash(number, "identity"))
    assert str(Identity.objects.get().number) == number
    assert number not in str(AuditLine.objects.get(verb="register.added").facts)
    assert "已有这个号码" in str(refused(keeping.add, kind="identity", number=number, **given))
    assert "第18位" in str(refused(keeping.add, kind="identity", number=body + "5", **given)) or True
    assert Identity.objects.get() == row


def test_a_point_needs_consent_and_must_lie_in_the_country(producer, officer):
    place = {"noun": "base", "producer": producer, "actor": officer, "name": "东基地"}
    faults = refused(keeping.add, latitude=110, longitude=21, **place)
    assert set(faults) == {"latitude", "longitude", "consented_on"}
    row = keeping.add(latitude="21.271134", longitude="110.359387", consented_on=TODAY, area_mu=3, **place)
    plot = keeping.add(noun="plot", producer=producer, actor=officer, name="一号棚", base=row, area_mu="2.5")
    assert plot.base == row
    with pytest.raises(IntegrityError), transaction.atomic():
        Plot.objects.filter(pk=plot.pk).update(latitude=21, longitude=110)


def test_a_plot_cannot_lie_in_anothers_base_and_its_name_is_its_own(producer, officer):
    foreign = keeping.add(noun="base", producer=ProducerFactory(), actor=officer, name="别家的")
    PlotFactory(producer=producer, name="一号地")
    add = {"noun": "plot", "producer": producer, "actor": officer}
    assert refused(keeping.add, name="二号地", base=foreign, **add) == {"base": ["这不是该主体的。"]}
    assert "已有叫这个名字的地块" in str(refused(keeping.add, name="一号地", **add))
    assert "面积须大于0" in str(refused(keeping.add, name="三号地", area_mu=0, **add))
    assert Plot.objects.count() == 1


def test_quality_staff_are_named_while_one_is_there(producer, officer):
    common = {"noun": "staff", "producer": producer, "actor": officer, "from_on": TODAY - 9 * DAY}
    keeping.add(name="李四", duty="tester", **common)
    assert said(producer, "quality_person.named") == []
    first = keeping.add(name="王五", duty="controller", valid_until=TODAY + 9 * DAY, **common)
    assert said(producer, "quality_person.named") == [("合格", None, TODAY + 9 * DAY)]
    second = keeping.add(name="赵六", duty="quality", **common)
    assert said(producer, "quality_person.named") == [("合格", None, None)]
    keeping.end(row=first, reason="离职", actor=officer)
    keeping.end(row=second, reason="离职", actor=officer)
    assert said(producer, "quality_person.named") == [("不合格", None, None)]
    assert StaffMember.objects.open().count() == 1


def test_systems_and_plans_are_filed(producer, officer, owner):
    common = {"noun": "filing", "producer": producer, "filed_on": TODAY, "title": "制度"}
    row = keeping.add(kind="quality_system", actor=owner, **common)
    assert said(producer, "quality_system.filed") == []
    keeping.check(row=row, outcome="pass", actor=officer)
    keeping.add(kind="emergency_plan", actor=officer, valid_until=TODAY + DAY, **common)
    assert said(producer, "quality_system.filed") == [("合格", None, None)]
    assert said(producer, "emergency_plan.filed") == [("合格", None, TODAY + DAY)]


@pytest.mark.parametrize(
    ("kind", "level", "event", "value"),
    [
        ("leading_enterprise", "national", "honour.granted", 300),
        ("leading_enterprise", "province", "honour.granted", 200),
        ("vegetable_basket", "county", "honour.granted", 100),
        ("model_cooperative", "city", "demonstration.listed", None),
        ("typical_case", "county", "typical.listed", None),
        ("commendation", "city", "commendation.public", None),
    ],
)
def test_honours_say_what_their_kind_says(producer, officer, kind, level, event, value):
    honour(producer, officer, kind=kind, level=level)
    assert [row[1] for row in said(producer, event)] == [value]


def honour(producer, actor, **values):
    given = {
        "kind": "leading_enterprise", "title": "龙头企业", "level": "county", "issuer": "县农业农村局",
        "granted_on": TODAY - 100 * DAY, "valid_until": TODAY + 100 * DAY, **values,
    }  # fmt: skip
    return keeping.add(noun="honour", producer=producer, actor=actor, **given)


def test_an_honour_of_the_township_counts_for_nothing(producer, officer):
    honour(producer, officer, level="township")
    assert said(producer, "honour.granted") == []


def test_an_honour_that_ends_early_is_said_again_with_its_true_end(producer, officer):
    row = honour(producer, officer)
    assert said(producer, "honour.granted") == [("无", 100, TODAY + 100 * DAY)]
    keeping.end(row=row, reason="被撤销", actor=officer)
    assert said(producer, "honour.granted") == [("无", 100, TODAY - DAY)]
    wrong = honour(producer, officer, title="弄错的")
    keeping.end(row=wrong, reason="登记错了", mistaken=True, actor=officer)
    assert said(producer, "honour.granted") == [("无", 100, TODAY - DAY)]
    assert Honour.objects.count() == 2


def test_green_control_counts_once_it_was_seen(producer, officer, owner):
    common = {"noun": "green_control", "producer": producer, "measure": "biological", "begun_on": TODAY}
    row = keeping.add(actor=owner, product=ProductFactory(), **common)
    assert said(producer, "green_control.verified") == []
    keeping.check(row=row, outcome="pass", actor=officer)
    keeping.check(row=row, outcome="pass", actor=officer)
    assert said(producer, "green_control.verified") == [("无", None, None)]
    keeping.check(row=row, outcome="fail", note="没看到", actor=officer)
    assert said(producer, "green_control.verified") == []


def test_the_database_holds_the_same_rules(producer, officer):
    row = licence(producer, officer)
    for wrong in (
        {"ended_on": TODAY},
        {"check_outcome": "", "checked_on": TODAY},
        {"issued_on": TODAY, "valid_until": TODAY - DAY},
        {"number_key": ""},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Licence.objects.filter(pk=row.pk).update(**wrong)
