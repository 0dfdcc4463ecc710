"""Voiding a certificate in the back office: a page that asks why, then the service."""

import pytest
from django.test import Client
from django.urls import reverse

from agricredit.foundation.accounts.roles import Role
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import ProducerFactory
from tests.factories.certificates import issued

pytestmark = pytest.mark.django_db


@pytest.fixture
def certificate():
    return issued(producer=ProducerFactory(region="440823"))


@pytest.fixture
def officer():
    return enter(Client(), UserFactory(role=Role.COUNTY_OFFICER, region_code="440823"))


def page(certificate, name="void_certificate"):
    return reverse(f"admin:certificates_certificate_{name}", args=[certificate.pk])


def test_the_page_says_what_will_happen_and_asks_why(officer, certificate):
    html = officer.get(page(certificate)).content.decode()
    assert "作废后不能恢复" in html
    assert 'name="reason"' in html


def test_voiding_needs_a_reason(officer, certificate):
    response = officer.post(page(certificate), {"reason": " "})
    certificate.refresh_from_db()
    assert response.status_code == 200
    assert certificate.status == "issued"


def test_a_reason_voids_it_in_the_officers_name(officer, certificate):
    response = officer.post(page(certificate), {"reason": "产品名称写错"}, follow=True)
    certificate.refresh_from_db()
    assert (certificate.status, certificate.void_reason) == ("void", "产品名称写错")
    assert certificate.voided_by.region_code == "440823"
    assert "合格证已作废" in response.content.decode()


def test_a_void_one_offers_no_second_voiding(officer, certificate):
    officer.post(page(certificate), {"reason": "产品名称写错"})
    assert officer.get(page(certificate)).status_code == 403
    assert "作废这张合格证" not in officer.get(page(certificate, "change")).content.decode()


def test_another_countys_certificate_does_not_exist(officer):
    foreign = issued(producer=ProducerFactory(region="440825"))
    assert officer.get(page(foreign)).status_code == 403
    officer.post(page(foreign), {"reason": "试一试"})
    foreign.refresh_from_db()
    assert foreign.status == "issued"


def test_those_who_may_only_read_are_refused(certificate):
    supervisor = enter(Client(), UserFactory(role=Role.TOWNSHIP_SUPERVISOR, region_code="440823"))
    assert supervisor.post(page(certificate), {"reason": "试一试"}).status_code == 403
