"""The page behind a certificate's QR code, as the public sees it."""

import pytest

from certificates.services.issuing import void
from certificates.services.printing import address
from tests.factories.accounts import UserFactory
from tests.factories.archives import ProducerFactory
from tests.factories.certificates import issued
from tests.pages.city import rate

pytestmark = pytest.mark.django_db


def test_a_scan_passes_and_says_who_promised(client):
    producer = ProducerFactory()
    rate(producer)
    path = "/" + address(issued(producer=producer)).split("/", 3)[3]
    html = client.get(path).content.decode()
    assert path.startswith("/C/")
    assert "查验通过" in html
    assert "证书真实、未作废，由生产者自行承诺，并非政府担保。" in html
    assert "长豇豆 · 40 公斤" in html
    assert 'aria-label="农安信用等级 AAA 信用优良"' in html


def test_a_void_certificate_is_said_to_be_void(client):
    certificate = issued()
    void(certificate=certificate, reason="重量写错", actor=UserFactory())
    html = client.get(f"/c/{certificate.code}/").content.decode()
    assert "查验未通过：已作废" in html
    assert "原因：重量写错" in html


def test_a_natural_persons_certificate_shows_no_grade_and_no_link(client):
    person = ProducerFactory(natural=True, name="陈小农")
    rate(person, "AAAA")
    html = client.get(f"/c/{issued(producer=person).code}/").content.decode()
    assert "陈小农" not in html
    assert "信用优秀" not in html
    assert person.key not in html


def test_an_unknown_code_is_not_found(client):
    assert client.get("/c/0000000000000000/").status_code == 404
