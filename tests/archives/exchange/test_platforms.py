"""Two-way exchange with another platform: nothing typed twice, nothing in circles, nothing lost."""

import datetime

import pytest
import yaml
from django.core.exceptions import ValidationError
from django.urls import reverse

from agricredit.foundation.accounts.roles import Role
from agricredit.foundation.audit.models import AuditLine
from agricredit.foundation.common import clock
from agricredit.foundation.jobs.models import Job
from agricredit.foundation.jobs.services import running as running_jobs
from agricredit.foundation.jobs.testing import run_all_jobs
from archives import tasks  # noqa: F401 - registers the jobs
from archives.models import CreditEvent, ExternalId, Harvest, Producer
from archives.services import platforms
from archives.services.producers import change
from archives.services.records import record_harvest
from certificates.models import Certificate, ForeignCertificate
from tests.archives.exchange.platform import (
    CERTIFICATES,
    CODE,
    PRODUCERS,
    PUBLIC,
    TESTS,
    exchange,
    last,
    subject,
)  # fmt: skip
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import ProducerFactory, ProducerProductFactory, ProductFactory
from tests.factories.certificates import issued

pytestmark = pytest.mark.django_db
BOTH_WAYS = {
    "directions": ["pull", "push"], "changed": "updateTime",
    "words": {"status": {"0": "issued", "9": "void"}},
    "fields": {"certCode": "code", "state": "status", "productName": "product", "weightKg": "quantity",
               "issueDate": "issued_on", "voidReason": "void_reason"},
}  # fmt: skip


def test_what_they_have_comes_in_once(other, configured):
    ProductFactory(name="长豇豆")
    other.items["/subjects"] = [subject(products=["长豇豆"]), subject(subjectId="S2", subjectName="陈户",
        subjectType="7", legalNature="D", creditCode="")]  # fmt: skip
    other.items["/harvests"] = [{"harvestId": "H1", "subjectId": "S1", "harvestDate": "2026-10-02",
        "productName": "长豇豆", "batchNo": "PC-1", "amount": 120.5, "unit": "公斤",
        "updateTime": "2026-10-02"}]  # fmt: skip
    exchange()
    assert set(Producer.objects.values_list("name", "kind")) == {
        ("绿源合作社", "cooperative"), ("陈户", "smallholder"),
    }  # fmt: skip
    harvest = Harvest.objects.get()
    assert (harvest.batch, harvest.entry, harvest.producer.name) == ("PC-1", "api", "绿源合作社")
    assert ExternalId.objects.get(noun="record_harvest").ours == str(harvest.uid)
    assert Producer.objects.get(name="陈户").key == "province-S2"
    run = last("producers", "pull")
    assert (run.state, run.written, run.faulty, run.cursor) == ("done", 2, 0, "2026-10-01T08:00:00")
    events = CreditEvent.objects.count()
    exchange()
    assert (last("producers", "pull").written, last("producers", "pull").unchanged) == (0, 2)
    assert CreditEvent.objects.count() == events
    assert other.sent == {}, "what came from there is not sent back"


def test_a_producer_we_have_is_recognised_by_its_code_and_updated(other, configured):
    producer = ProducerFactory(key="SX-1", name="旧名", credit_code=CODE)
    other.items["/subjects"] = [subject()]
    exchange()
    producer.refresh_from_db()
    assert (producer.name, ExternalId.objects.get().ours) == ("绿源合作社", "SX-1")


def test_what_we_have_goes_out_once_without_personal_numbers(other, configured):
    producer = ProducerFactory(key="SX-1", phone="13800138000")
    product = ProductFactory(name="长豇豆")
    ProducerProductFactory(producer=producer, product=product)
    record_harvest(
        producer=producer, occurred_on=datetime.date(2026, 10, 2), product=product, quantity=5, unit="公斤"
    )
    ProducerFactory(region="440825")
    exchange()
    (sent,) = other.sent["/subjects"]
    assert (sent["subjectName"], sent["subjectType"], sent["products"]) == (producer.name, "2", "长豇豆")
    assert "phone" not in sent
    assert "13800138000" not in str(other.sent)
    (harvest,) = other.sent["/harvests"]
    assert harvest["subjectId"] == ExternalId.objects.get(noun="producers").theirs
    exchange()
    assert len(other.sent["/subjects"]) == len(other.sent["/harvests"]) == 1


def test_a_change_here_goes_out_under_their_number_and_what_returns_is_known(other, configured):
    other.items["/subjects"] = [subject()]
    exchange()
    change(producer=Producer.objects.get(), address="新址")
    exchange()
    (sent,) = other.sent["/subjects"]
    assert (sent["subjectId"], sent["address"]) == ("S1", "新址")
    other.items["/subjects"] = [subject(address="新址", updateTime="2026-10-05")]
    exchange()
    assert (last("producers", "pull").written, last("producers", "pull").unchanged) == (0, 1)
    exchange()
    assert len(other.sent["/subjects"]) == 1


def test_a_faulty_item_is_named_and_comes_again_until_it_is_right(other, configured):
    other.items["/subjects"] = [
        subject(subjectId="S0", subjectName="", creditCode="", updateTime="2026-09-30"), subject(),
        subject(subjectId="S3", creditCode="", updateTime="2026-10-03", areaCode="999999"),
    ]  # fmt: skip
    exchange()
    run = last("producers", "pull")
    assert (run.state, run.written, run.faulty, run.cursor) == ("done", 1, 2, "2026-09-30")
    assert "S0 name" in run.message
    other.items["/subjects"][0]["subjectName"] = "补名社"
    exchange()
    assert Producer.objects.filter(name="补名社").exists()
    assert last("producers", "pull").cursor == "2026-10-03"


def test_two_numbers_for_one_producer_are_told(other, configured):
    other.items["/subjects"] = [subject()]
    exchange()
    other.items["/subjects"].append(subject(subjectId="S9", updateTime="2026-10-09"))
    exchange()
    assert "S1" in last("producers", "pull").message
    assert ExternalId.objects.get().theirs == "S1"


def test_what_they_refuse_is_told_and_tried_again(other, configured):
    ProducerFactory(key="SX-1")
    other.refuse = lambda item: "名称重复"
    exchange()
    run = last("producers", "push")
    assert (run.faulty, run.message) == (1, "SX-1：名称重复")
    other.refuse = lambda item: ""
    exchange()
    assert last("producers", "push").written == 1
    assert (ExternalId.objects.get().error, ExternalId.objects.get().theirs) == ("", "X1")


def test_official_tests_and_public_items_reach_the_ledger(other, configured):
    configured(producers=PRODUCERS, tests=TESTS, public_credit=PUBLIC)
    other.items["/subjects"] = [subject()]
    other.items["/tests"] = [{"testId": "T1", "subjectId": "S1", "reportNo": "JC-1", "sampleNo": "1",
        "testType": "1", "sampleName": "豇豆", "sampleDate": "2026-03-01", "effectDate": "2026-03-20",
        "conclusion": "Y", "lab": "中心", "updateTime": "2026-03-21"}]  # fmt: skip
    other.items["/public-credit"] = [{"dataId": "D1", "docNo": "GX-1", "creditCode": CODE, "itemCode": "04",
        "result": "0", "effectDate": "2026-06-30", "validTo": "2026-12-31", "agency": "税务局",
        "updateTime": "2026-07-01"}]  # fmt: skip
    exchange()
    exchange()
    assert set(CreditEvent.objects.exclude(kind__in=(100, 101)).values_list("kind", "outcome", "source")) == {
        (44, 1, "import.tests"), (109, 1, "import.public_credit"),
    }  # fmt: skip
    assert str(CreditEvent.objects.get(kind=109).valid_until) == "2026-12-31"


def test_certificates_go_out_and_again_when_void(other, configured):
    configured(producers={**PRODUCERS, "directions": ["push"]}, certificates=CERTIFICATES)
    certificate = issued(producer=ProducerFactory())
    exchange()
    assert [item["state"] for item in other.sent["/certificates"]] == ["issued"]
    from certificates.services.issuing import void

    void(certificate=certificate, reason="填错", actor=UserFactory())
    exchange()
    exchange()
    assert [(item["certCode"], item["state"]) for item in other.sent["/certificates"]] == [
        (certificate.code, "issued"), (certificate.code, "void"),
    ]  # fmt: skip
    assert Certificate.objects.count() == ExternalId.objects.filter(noun="certificates").count() == 1


def certificate(**more):
    return {"certId": "C1", "certCode": "GD-1", "subjectId": "S1", "productName": "长豇豆", "weightKg": "500",
            "issueDate": "2026-10-01", "state": "0", "updateTime": "2026-10-01T09:00:00", **more}  # fmt: skip


def test_certificates_of_theirs_come_in_follow_them_and_are_shown_as_theirs(client, other, configured):
    configured(producers=PRODUCERS, certificates={**CERTIFICATES, **BOTH_WAYS})
    other.items["/subjects"] = [subject()]
    other.items["/certificates"] = [certificate(), certificate(certId="C2", certCode="GD-2", subjectId="NO")]
    exchange()
    run = last("certificates", "pull")
    assert (run.written, run.faulty) == (1, 1)
    assert "C2" in run.message
    row = ForeignCertificate.objects.get()
    assert (row.platform, row.code, row.status) == ("省平台", "GD-1", "issued")
    assert row.producer.credit_code == CODE
    void_there = {"state": "9", "voidReason": "填错", "updateTime": "2026-10-02T09:00:00"}
    other.items["/certificates"] = [certificate(**void_there)]
    exchange()
    exchange()
    row.refresh_from_db()
    assert (row.status, row.void_reason, ForeignCertificate.objects.count()) == ("void", "填错", 1)
    assert last("certificates", "pull").unchanged == 1
    assert "/certificates" not in other.sent
    county = enter(client, UserFactory())
    address = reverse("office-producer", args=[row.producer_id])
    section = county.get(address).content.decode()
    assert "在其他平台开具" in section
    assert "GD-1" in section
    shown = county.get(reverse("admin:certificates_foreigncertificate_change", args=[row.pk]))
    assert "省平台" in shown.content.decode()
    assert county.post(shown.request["PATH_INFO"], {"code": "X"}).status_code == 403
    assert not CreditEvent.objects.filter(source__contains="certificate").exists()


def test_a_certificate_of_ours_that_comes_back_is_ours_and_goes_out_when_void(other, configured):
    configured(producers=PRODUCERS, certificates={**CERTIFICATES, **BOTH_WAYS})
    own = issued(producer=ProducerFactory(credit_code=CODE))
    exchange()
    there = ExternalId.objects.get(noun="producers").theirs
    other.items["/certificates"] = [certificate(certId="X1", certCode=own.code, subjectId=there)]
    exchange()
    assert last("certificates", "pull").unchanged == 1
    assert not ForeignCertificate.objects.exists()
    from certificates.services.issuing import void

    void(certificate=own, reason="填错", actor=UserFactory())
    exchange()
    assert [item["state"] for item in other.sent["/certificates"]] == ["0", "9"]


def test_an_unavailable_platform_is_tried_again_and_a_refusal_is_not(other, configured):
    other.status = 503
    platforms.request(platform="province")
    job = Job.objects.get(kind=platforms.JOB)
    running_jobs.run(job.pk, inline=True)
    job.refresh_from_db()
    assert (job.state, last("producers", "pull").state) == ("queued", "failed")
    other.status, other.items["/subjects"] = 200, [subject()]
    Job.objects.update(not_before=clock.now())
    run_all_jobs()
    assert Producer.objects.count() == 1
    other.status = 403
    platforms.request(platform="province")
    job = Job.objects.order_by("-pk").first()
    running_jobs.run(job.pk, inline=True)
    job.refresh_from_db()
    assert job.state == "failed"
    assert "403" in job.error


@pytest.mark.parametrize(
    ("change_", "said"),
    [
        ({"address": "http://example.org"}, "https"),
        ({"nouns": {"nothing": PUBLIC}}, "没有这种内容"),
        ({"nouns": {"producers": {**PRODUCERS, "fields": {"a": "colour"}}}}, "colour"),
        ({"nouns": {"public_credit": {**PUBLIC, "directions": ["push"]}}}, "push"),
        ({"nouns": {"tests": {**TESTS, "words": {"passed": {"Y": "通过"}}}}}, "passed.*“通过”"),
        ({"nouns": {"producers": {**PRODUCERS, "fields": {"a": "name", "b": "name"}}}}, "两次"),
        ({"nouns": None}, "无法读取"),
    ],
)
def test_mistakes_in_the_mapping_are_named(configured, settings, change_, said):
    with open(settings.PLATFORMS_FILE) as stream:
        document = yaml.safe_load(stream)
    document["platforms"][0] |= change_
    with open(settings.PLATFORMS_FILE, "w") as stream:
        yaml.safe_dump(document, stream)
    with pytest.raises(ValidationError, match=said):
        platforms.load()


def test_the_example_is_sound(settings):
    from archives import data

    settings.PLATFORMS_FILE = f"{next(iter(data.__path__))}/platforms.example.yaml"
    assert set(platforms.load()) == {"province", "public-data"}


def test_the_officers_page(client, other, configured):
    county = enter(client, UserFactory(role=Role.CITY_OFFICER))
    address = reverse("admin:archives_platformrun_changelist")
    assert "省平台" in county.get(address).content.decode()
    other.items["/subjects"] = [subject(subjectName="")]
    county.post(reverse("admin:archives_platformrun_exchange"), {"platform": "province"})
    run_all_jobs()
    assert AuditLine.objects.filter(verb="platform.asked").count() == 1
    assert AuditLine.objects.filter(verb="platform.exchanged").count() == 4
    run = last("producers", "pull")
    page = county.get(reverse("admin:archives_platformrun_change", args=[run.pk])).content.decode()
    assert "S1 name" in page
    town = enter(client, UserFactory(role=Role.COUNTY_OFFICER))
    answer = town.post(reverse("admin:archives_platformrun_exchange"), {"platform": "province"})
    assert answer.status_code == 403


def test_officers_read_titles_not_short_names(client, other, configured, settings):
    with open(settings.PLATFORMS_FILE) as stream:
        document = yaml.safe_load(stream)
    document["platforms"][0]["title_en"] = "Provincial platform"
    with open(settings.PLATFORMS_FILE, "w") as stream:
        yaml.safe_dump(document, stream)
    other.items["/subjects"] = [subject()]
    exchange()
    run, known = last("producers", "pull"), ExternalId.objects.get()
    shi = enter(client, UserFactory(role=Role.CITY_OFFICER))
    addresses = [
        reverse("admin:archives_platformrun_changelist"),
        reverse("admin:archives_externalid_changelist"),
        reverse("admin:archives_platformrun_change", args=[run.pk]),
        reverse("admin:archives_externalid_change", args=[known.pk]),
    ]
    for address in addresses:
        assert "省平台" in shi.get(address).content.decode(), address
    line = AuditLine.objects.filter(verb="platform.exchanged").earliest("pk")
    assert line.sentence.startswith("与平台省平台交换生产主体（取回）")
    shi.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    for address in addresses:
        page = shi.get(address).content.decode()
        assert "Provincial platform" in page, address
        assert "省平台" not in page, address
