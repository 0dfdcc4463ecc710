"""我的档案: a producer keeps its own file, one question a page; an officer checks what it wrote."""

import datetime
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from archives.ledger.kinds import KINDS
from archives.models import (
    CreditEvent,
    Delivery,
    Document,
    Identity,
    Licence,
    Pledge,
    Plot,
    ProducerProduct,
)
from archives.services import profiles
from archives.services.register import completeness
from tests.factories.accounts import enter
from tests.factories.archives import (
    LicenceFactory,
    MembershipFactory,
    NoticeTextFactory,
    PlotFactory,
    ProducerFactory,
    ProducerProductFactory,
    ProductFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
TODAY = datetime.date(2026, 11, 20)  # on which the clock stands


@pytest.fixture
def producer():
    return ProducerFactory()


@pytest.fixture
def phone(producer):
    return enter(Client(), MembershipFactory(producer=producer).user)


def at(name, **args):
    return reverse(f"my:{name}", kwargs=args)


def text(answer):
    return answer.content.decode()


def test_what_is_missing_is_named_and_leads_to_where_it_is_added(phone, producer):
    completeness.refresh([producer.pk])
    page = text(phone.get(at("file")))
    assert "还差11项" in page
    assert at("file-section", kept="plot") in page
    home = text(phone.get("/my/"))
    assert "档案还差11项" in home


def test_a_plot_is_added_in_four_questions(phone, producer):
    new = at("file-new", kept="plot")
    assert "这块地叫什么？" in text(phone.get(new))
    assert "必填" in text(phone.get(new, {"step": "0", "next": "1", "name": ""}))
    second = text(phone.get(new, {"step": "0", "next": "1", "name": "东坡地"}))
    assert "有多大？" in second
    assert 'name="name" value="东坡地"' in second
    third = text(phone.get(new, {"step": "1", "next": "1", "name": "东坡地", "area_mu": "3.5"}))
    assert "属于哪个基地" in third
    answers = {"step": "3", "name": "东坡地", "area_mu": "3.5", "crop": "", "base": "", "latitude": ""}
    saved = phone.post(new, answers)
    plot = Plot.objects.get()
    assert saved.url == at("file-entry", kept="plot", entry=plot.pk)
    assert (plot.producer, str(plot.area_mu)) == (producer, "3.50")


def test_a_refusal_shows_the_page_it_belongs_to_with_all_other_answers(phone, producer):
    PlotFactory(producer=producer, name="东坡地")
    page = text(phone.post(at("file-new", kept="plot"), {"step": "3", "name": "东坡地", "area_mu": "-1"}))
    assert Plot.objects.count() == 1
    assert "面积须大于0" in page or "已有叫这个名字的地块" in page
    late = {"step": "2", "kind": "business", "number": "A1", "issued_on": "2999-01-01"}
    page = text(phone.post(at("file-new", kept="licence"), late))
    assert "日期不能晚于今天" in page
    assert 'name="number" value="A1"' in page
    assert not Licence.objects.exists()


def test_only_a_pesticide_licence_is_asked_about_restricted_ones(phone, producer):
    new = at("file-new", kept="licence")
    asked = 'name="restricted"'
    assert asked not in text(phone.get(new, {"step": "0", "next": "1", "kind": "business"}))
    assert asked in text(phone.get(new, {"step": "0", "next": "1", "kind": "pesticide_sale"}))
    phone.post(new, {"step": "2", "kind": "pesticide_sale", "number": "P1", "restricted": "on"})
    row = Licence.objects.get()
    assert row.restricted
    page = text(phone.get(at("file-entry", kept="licence", entry=row.pk)))
    assert re.search(r"可经营限制使用农药（定点）</dt>\s*<dd>是", page)
    change = at("file-change", kept="licence", entry=row.pk)
    assert "checked" in text(phone.get(change, {"step": "0", "next": "1", "kind": "pesticide_sale"}))
    phone.post(change, {"kind": "pesticide_sale", "number": "P1"})
    row.refresh_from_db()
    assert not row.restricted
    assert "False" not in text(phone.get(at("file-entry", kept="licence", entry=row.pk)))


def test_an_own_licence_waits_for_the_check_and_is_changed_and_ended(phone, producer):
    phone.post(
        at("file-new", kept="licence"), {"kind": "business", "number": "A1", "issuer": "", "scope": ""}
    )
    row = Licence.objects.get()
    assert row.check_outcome == ""
    assert not CreditEvent.objects.filter(kind=KINDS["licence.checked"].number).exists()
    assert "待核验" in text(phone.get(at("file-entry", kept="licence", entry=row.pk)))
    change = at("file-change", kept="licence", entry=row.pk)
    assert 'value="A1"' in text(phone.get(change, {"step": "1"}))
    phone.post(change, {"kind": "business", "number": "A2", "valid_until": "2030-01-01"})
    row.refresh_from_db()
    assert (row.number, row.valid_until) == ("A2", datetime.date(2030, 1, 1))
    ending = at("file-end", kept="licence", entry=row.pk)
    assert "必填" in text(phone.post(ending, {"reason": ""}))
    assert phone.post(ending, {"reason": "换证了"}).status_code == 302
    row.refresh_from_db()
    assert row.end_reason == "换证了"


def test_an_identity_number_never_stands_in_an_address_or_on_a_page(phone, producer):
    new = at("file-new", kept="identity")
    given = {"step": "1", "relation": "legal", "kind": "passport", "number": "E12345678"}
    refused = text(phone.post(new, given | {"relation": "nobody"}))
    assert "E12345678" not in refused, "an earlier page is shown without what the last one holds"
    phone.post(new, given | {"holder": "张三"})
    row = Identity.objects.get()
    assert str(row.number) == "E12345678"
    for name in ("file-entry", "file-change"):
        assert "E12345678" not in text(phone.get(at(name, kept="identity", entry=row.pk)))


def test_another_producers_file_is_out_of_reach(phone):
    foreign = LicenceFactory()
    for name in ("file-entry", "file-change", "file-end", "file-photo"):
        assert phone.get(at(name, kept="licence", entry=foreign.pk)).status_code == 404
    assert phone.get(at("file-section", kept="delivery")).status_code == 404, "signed, not typed in"


def test_a_photo_is_kept_with_its_entry(phone, producer):
    row = LicenceFactory(producer=producer)
    address = at("file-photo", kept="licence", entry=row.pk)
    refused = phone.post(address, {"upload": SimpleUploadedFile("a.jpg", b"MZ program")})
    assert "文件内容应为" in text(refused)
    assert phone.post(address, {"upload": SimpleUploadedFile("a.jpg", b"\xff\xd8\xff\0")}).status_code == 302
    document = Document.objects.get()
    assert document.title in text(phone.get(at("file-entry", kept="licence", entry=row.pk)))
    assert (
        b"".join(phone.get(at("file-document", document=document.uid)).streaming_content) == b"\xff\xd8\xff\0"
    )


def test_products_are_added_corrected_and_taken_off(phone, producer):
    bean = ProductFactory(name="豇豆")
    phone.post(at("file-product-new"), {"product": bean.pk, "area_mu": "2"})
    row = ProducerProduct.objects.get()
    assert "面积须大于0" in text(phone.post(at("file-product", holding=row.pk), {"area_mu": "0"}))
    phone.post(at("file-product", holding=row.pk), {"area_mu": "3"})
    row.refresh_from_db()
    assert row.area_mu == 3
    assert phone.get(at("file-product", holding=ProducerProductFactory().pk)).status_code == 404
    phone.post(at("file-product-remove", holding=row.pk), {"reason": "不种了"})
    assert not ProducerProduct.objects.filter(producer=producer).exists()


def test_the_file_is_confirmed_at_one_tap(phone, producer):
    phone.post(at("file-confirm"))
    assert not CreditEvent.objects.exists()
    assert phone.post(at("file-confirm"), {"true": "1"}).status_code == 302
    assert CreditEvent.objects.filter(producer=producer, kind=KINDS["profile.confirmed"].number).count() == 1
    profiles.refresh([producer.pk])
    assert "上次确认" in text(phone.get(at("file")))
    assert phone.get(at("file-confirm")).status_code == 405


def test_the_pledge_is_read_and_signed_once_a_year(phone, producer):
    pledge = NoticeTextFactory(kind="pledge", title="质量安全承诺书", body="我承诺不使用禁用农药。")
    address = at("file-pledge")
    assert "不使用禁用农药" in text(phone.get(address))
    assert "勾选" in text(phone.post(address, {"signer": "张三"}))
    assert "签署人" in text(phone.post(address, {"agreed": "on", "signer": ""}))
    assert not Pledge.objects.exists()
    phone.post(address, {"agreed": "on", "signer": "张三"})
    row = Pledge.objects.get()
    assert (row.text, row.signed_on, row.way) == (pledge, TODAY, "online")
    event = CreditEvent.objects.get(kind=KINDS["pledge.signed"].number)
    assert (event.producer, event.occurred_on) == (producer, TODAY)
    assert phone.get(address).url == at("file")


def test_a_notice_is_read_and_that_is_its_receipt(phone, producer):
    row = Delivery.objects.create(producer=producer, text=NoticeTextFactory(), delivered_on=TODAY, way="hand")
    assert "请读：告知书" in text(phone.get("/my/"))
    phone.get(at("file-notice", delivery=row.pk))
    row.refresh_from_db()
    assert row.read_at is None, "looking is not reading"
    phone.post(at("file-notice", delivery=row.pk))
    row.refresh_from_db()
    assert row.receipt == "read"
    assert "请读" not in text(phone.get("/my/"))


def test_a_licence_that_ends_stands_on_the_home(phone, producer):
    LicenceFactory(producer=producer, valid_until=TODAY + datetime.timedelta(days=5))
    LicenceFactory(producer=producer, kind="breeding", valid_until=TODAY - datetime.timedelta(days=5))
    home = text(phone.get("/my/"))
    assert "请提前换证" in home
    assert "已过期" in home
