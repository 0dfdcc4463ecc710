"""The register's services: what they write, what they refuse, and that a refusal leaves nothing."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from agricredit.foundation.audit.models import AuditLine
from agricredit.foundation.common import clock
from agricredit.foundation.common.codes import make_credit_code, make_identity_number
from agricredit.foundation.jobs.models import OutboxMessage
from archives.models import CreditEvent, Membership, Producer
from archives.services.holdings import add_plot, add_product
from archives.services.memberships import grant_membership, revoke_membership
from archives.services.producers import change, confirm, register, register_many
from archives.services.status import change_status, merge, unmerge
from tests.factories.accounts import UserFactory
from tests.factories.archives import MembershipFactory, ProducerFactory, ProductFactory, RegionFactory

pytestmark = pytest.mark.django_db
CODE = make_credit_code("9344082312345678")
IDENTITY = make_identity_number("440823", datetime.date(1970, 5, 6), 123)


@pytest.fixture
def fields():
    return {
        "name": "遂溪县绿源蔬菜专业合作社",
        "kind": "cooperative",
        "nature": "legal_person",
        "sectors": ["crops"],
        "region": RegionFactory(code="440823101"),
        "credit_code": CODE.lower(),
        "contact_name": "陈大文",
        "phone": "13800138000",
        "address": "黄略镇1号",
    }


def faults(error):
    return dict(error.value.message_dict)


def test_registering_keeps_a_full_file_and_posts_its_profile(fields):
    officer = UserFactory()
    producer = register(actor=officer, **fields)
    producer.refresh_from_db()
    assert producer.key.startswith("P")
    assert len(producer.key) == 13
    assert (producer.credit_code, producer.initials, producer.phone) == (CODE, "sxxlysczyhzs", "13800138000")
    assert producer.registered_on == clock.today()
    events = {e.event_kind.name: e.value for e in CreditEvent.objects.filter(producer=producer)}
    assert events == {
        "profile.completed": 46,
        "profile.confirmed": None,
    }  # 6 of 13: no products, licence, staff
    line = AuditLine.objects.get(verb="producer.registered")
    assert (line.target_id, line.region_code, line.actor) == (str(producer.pk), "440823101", officer)
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone FROM archives_producer WHERE id = %s", [producer.pk])
        assert b"13800138000" not in bytes(cursor.fetchone()[0])


def test_a_natural_person_is_kept_by_a_keyed_hash_of_the_identity_number(fields):
    person = fields | {"kind": "smallholder", "nature": "natural_person", "credit_code": "", "name": "曾大文"}
    producer = register(identity_number=IDENTITY, **person)
    producer.refresh_from_db()
    assert producer.identity_number == IDENTITY
    assert len(producer.identity_hash) == 64
    assert producer.initials == "zdw"
    assert Producer.objects.with_identity(IDENTITY).get() == producer
    assert Producer.objects.with_phone("13800138000").get() == producer
    with pytest.raises(ValidationError) as error:
        register(identity_number=IDENTITY, **person | {"name": "另一人"})
    assert faults(error) == {"identity_number": ["已有主体使用这个公民身份号码。"]}


def test_every_fault_is_said_at_once_and_nothing_is_kept(fields):
    wrong = {
        "name": " ",
        "kind": "company",
        "nature": "natural_person",
        "sectors": ["mining"],
        "region": "999999",
        "credit_code": CODE[:-1] + ("0" if CODE[-1] != "0" else "1"),
        "identity_number": "123",
        "phone": "110",
        "registered_on": clock.today() + datetime.timedelta(days=1),
        "key": "has space",
    }
    with pytest.raises(ValidationError) as error:
        register(**fields | wrong)
    assert set(faults(error)) == set(wrong) - {"nature"}
    assert faults(error)["region"] == ["没有代码为“999999”的行政区划。"]
    assert not Producer.objects.exists()
    assert not CreditEvent.objects.exists()
    assert not AuditLine.objects.exists()


def test_a_natural_person_has_no_credit_code_and_is_no_cooperative(fields):
    with pytest.raises(ValidationError) as error:
        register(**fields | {"nature": "natural_person"})
    assert faults(error) == {
        "credit_code": ["自然人没有统一社会信用代码。"],
        "nature": ["企业、合作社、集体经济组织和社会化服务组织不能是自然人。"],
    }


def test_an_officer_registers_only_within_its_jurisdiction(fields):
    with pytest.raises(ValidationError) as error:
        register(actor=UserFactory(region_code="440825"), **fields)
    assert "不在您的辖区内" in faults(error)["region"][0]


def test_a_division_that_ended_takes_no_new_producer(fields):
    RegionFactory(code="440823100", valid_to=datetime.date(2024, 12, 31))
    with pytest.raises(ValidationError) as error:
        register(**fields | {"region": "440823100"})
    assert faults(error) == {"region": ["行政区划“遂城镇”已于2024年12月31日停用。"]}


def test_a_taken_credit_code_is_refused_before_and_in_a_race(fields):
    register(**fields)
    with pytest.raises(ValidationError) as error:
        register(**fields)
    assert faults(error) == {"credit_code": ["已有主体使用这个统一社会信用代码。"]}
    twins = [fields | {"credit_code": make_credit_code("9344082300000001"), "key": key} for key in ("A", "B")]
    with pytest.raises(ValidationError) as error:  # the database says no, in the same words
        register_many(rows=twins)
    assert faults(error) == {"credit_code": ["已有主体使用这个统一社会信用代码。"]}
    assert Producer.objects.count() == 1


def test_many_are_registered_in_a_handful_of_queries(fields, django_assert_max_num_queries):
    rows = [fields | {"credit_code": "", "key": f"K{n}", "name": f"测试{n}"} for n in range(50)]
    with django_assert_max_num_queries(28):
        producers = register_many(rows=rows)
    assert [producer.key for producer in producers] == [f"K{n}" for n in range(50)]
    assert CreditEvent.objects.count() == 100
    assert AuditLine.objects.count() == 1


def test_a_change_writes_only_what_differs_and_confirms_the_profile(fields):
    producer = register(**fields)
    before = CreditEvent.objects.count()
    changed = change(producer=producer, name="遂溪县绿源果蔬专业合作社", address=fields["address"])
    changed.refresh_from_db()
    assert changed.name_folded == "遂溪县绿源果蔬专业合作社"
    assert "果蔬" in changed.name_grams
    assert CreditEvent.objects.count() == before + 1, "confirmed; as complete as before"
    line = AuditLine.objects.get(verb="producer.changed")
    assert line.facts["fields"] == "名称"
    assert (
        OutboxMessage.objects.filter(topic="producers.changed", keys={"producer_ids": [producer.pk]}).count()
        == 1
    )
    change(producer=producer, name="遂溪县绿源果蔬专业合作社")
    assert AuditLine.objects.filter(verb="producer.changed").count() == 1


def test_old_values_are_kept_in_the_history_without_personal_numbers(fields):
    producer = register(**fields)
    change(producer=producer, name="新名字", phone="13900139000")
    from archives.models.producers import Producer as Tracked

    history = Tracked._meta.apps.get_model("archives", "ProducerEvent")
    row = history.objects.get(pgh_obj_id=producer.pk)
    assert row.name == "新名字"
    assert not hasattr(row, "phone")


def test_confirming_is_an_event_of_today(fields):
    producer = register(**fields)
    confirm(producer=producer)
    confirmed = [e for e in CreditEvent.objects.all() if e.event_kind.name == "profile.confirmed"]
    assert [e.occurred_on for e in confirmed] == [clock.today()] * 2


def test_the_status_changes_with_a_reason():
    producer = ProducerFactory()
    assert change_status(producer=producer, status="paused", reason="休耕").status == "paused"
    assert AuditLine.objects.get().facts == {"before": "正常", "after": "停产", "reason": "休耕"}
    with pytest.raises(ValidationError):
        change_status(producer=producer, status="closed", reason=" ")
    with pytest.raises(ValidationError) as error:
        change_status(producer=producer, status="merged", reason="x")
    assert faults(error) == {"status": ["状态只能改为正常、停产或注销；合并请用“合并主体”。"]}
    producer.refresh_from_db()
    assert producer.status == "paused"


def test_merging_is_an_alias_that_resolves_through_a_chain_and_can_be_undone():
    first, second, third = ProducerFactory(), ProducerFactory(), ProducerFactory()
    merge(producer=first, into=second, reason="重复建档")
    merge(producer=second, into=third, reason="重复建档")
    first.refresh_from_db()
    assert first.resolved == third
    resolved = Producer.objects.resolve([first.pk, third.pk])
    assert resolved == {first.pk: third, third.pk: third}
    assert unmerge(producer=first, reason="并错了").status == "active"
    assert Producer.objects.get(pk=first.pk).resolved == first


def test_a_merge_into_itself_or_in_a_circle_is_refused_with_a_sentence():
    first, second = ProducerFactory(), ProducerFactory()
    merge(producer=first, into=second, reason="重复")
    for pair in ((second, second), (second, first)):
        with pytest.raises(ValidationError) as error:
            merge(producer=pair[0], into=pair[1], reason="重复")
        assert faults(error) == {"into": ["不能合并到自己，或合并到已并入自己的主体。"]}
    with pytest.raises(ValidationError, match="已经合并"):
        merge(producer=first, into=second, reason="重复")
    second.refresh_from_db()
    assert second.status == "active"


@pytest.mark.django_db(transaction=True)
def test_the_database_itself_refuses_a_loop_at_commit():
    first, second, third = ProducerFactory(), ProducerFactory(), ProducerFactory()

    @transaction.atomic
    def close_the_loop():
        for row, target in ((first, second), (second, third), (third, first)):
            Producer.objects.filter(pk=row.pk).update(status="merged", merged_into=target)

    with pytest.raises(IntegrityError, match="merged into itself through others"):
        close_the_loop()
    assert Producer.objects.filter(status="merged").count() == 0


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"status": "merged"}, "producer_is_merged_if_and_only_if_it_names_where"),
        ({"nature": "natural_person", "kind": "smallholder"}, "producer_natural_person_has_no_credit_code"),
        ({"nature": "natural_person", "credit_code": None}, "producer_organised_kind_is_no_natural_person"),
        ({"kind": "shop"}, "producer_kind_is_known"),
        ({"nature": "ghost"}, "producer_nature_is_known"),
        ({"status": "gone"}, "producer_status_is_known"),
        ({"sectors": ["mining"]}, "producer_sectors_are_known"),
        ({"credit_code": "9I4408231234567890"}, "producer_credit_code_has_18_characters"),
        ({"identity_number": IDENTITY}, "producer_identity_number_has_its_hash"),
        ({"name": ""}, "producer_key_and_name_are_given"),
    ],
)
def test_the_database_holds_the_rules_by_name(values, rule):
    producer = ProducerFactory()
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        Producer.objects.filter(pk=producer.pk).update(**values)


def test_a_merged_producer_keeps_its_code_and_another_may_have_it():
    first, second = ProducerFactory(), ProducerFactory()
    merge(producer=first, into=second, reason="重复")
    second.credit_code = first.credit_code
    second.save()
    with pytest.raises(ValidationError) as error:
        unmerge(producer=first, reason="并错了")
    assert faults(error) == {"credit_code": ["已有主体使用这个统一社会信用代码。"]}


def test_a_membership_lets_in_and_no_longer():
    user, officer, producer = UserFactory(role="producer"), UserFactory(), ProducerFactory()
    membership = grant_membership(user=user, producer=producer, role="owner", actor=officer)
    assert grant_membership(user=user, producer=producer, role="owner", actor=officer) == membership
    assert list(Producer.objects.visible_to(user)) == [producer]
    revoke_membership(membership=membership, reason="换人", actor=officer)
    assert not Producer.objects.visible_to(user).exists()
    assert [line.verb for line in AuditLine.objects.order_by("pk")] == [
        "membership.granted",
        "membership.revoked",
    ]
    with pytest.raises(ValidationError, match="已经失效"):
        revoke_membership(membership=membership, reason="再来", actor=officer)
    assert grant_membership(user=user, producer=producer, role="helper", actor=officer).role == "helper"


def test_memberships_are_refused_to_the_wrong_people():
    producer = ProducerFactory()
    for user, role in (
        (UserFactory(), "owner"),
        (UserFactory(role="helper"), "owner"),
        (UserFactory(role="producer", is_active=False), "owner"),
    ):
        with pytest.raises(ValidationError) as error:
            grant_membership(user=user, producer=producer, role=role)
        assert set(faults(error)) == {"user"}
    owner = MembershipFactory(producer=producer).user
    with pytest.raises(ValidationError, match="已有办理此主体事务的权限"):
        grant_membership(user=owner, producer=producer, role="helper")
    assert Membership.objects.count() == 1


def test_a_member_of_an_alias_is_a_member_of_what_it_was_merged_into():
    membership = MembershipFactory()
    target = ProducerFactory()
    merge(producer=membership.producer, into=target, reason="重复")
    assert set(Producer.objects.visible_to(membership.user)) == {membership.producer, target}


def test_products_and_plots_are_added_once():
    producer, product = ProducerFactory(), ProductFactory()
    assert add_product(producer=producer, product=product) == add_product(producer=producer, product=product)
    assert add_plot(producer=producer, name="1号地") == add_plot(producer=producer, name=" 1号地 ")
    assert AuditLine.objects.count() == 2
    with pytest.raises(ValidationError, match="面积须大于0"):
        add_plot(producer=producer, name="2号地", area_mu=0)
