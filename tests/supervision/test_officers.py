"""Enforcement certificates are entered for staff of one's own division, and each change leaves a line."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from agricredit.foundation.audit.models import AuditLine
from supervision.models import EnforcementCertificate
from supervision.services.officers import keep_certificate
from tests.factories.accounts import UserFactory, enter
from tests.factories.supervision import EnforcementCertificateFactory

pytestmark = pytest.mark.django_db
ADD = "admin:supervision_enforcementcertificate_add"


def filled(user):
    return {"user": user.pk, "number": "GD-7", "authority": "遂溪县农业农村局", "valid_until": "2028-12-31"}


def test_a_county_enters_a_colleagues_certificate_with_an_audit_line(client):
    county, colleague = UserFactory(), UserFactory(role="township_supervisor", name="林督查")
    enter(client, county)
    assert client.post(reverse(ADD), filled(colleague)).status_code == 302
    assert EnforcementCertificate.objects.get().user == colleague
    line = AuditLine.objects.get(verb="enforcement_certificate.changed")
    assert (line.actor, line.region_code) == (county, "440823100")
    assert line.facts == {"number": "GD-7", "valid_until": "2028-12-31"}


def test_staff_of_another_county_cannot_be_chosen(client):
    stranger = UserFactory(region_code="440825", name="外县人")
    enter(client, UserFactory())
    assert "外县人" not in client.get(reverse(ADD)).content.decode()
    assert client.post(reverse(ADD), filled(stranger)).status_code == 200
    assert not EnforcementCertificate.objects.exists()


def test_a_number_is_held_once():
    EnforcementCertificateFactory(number="GD-7")
    again = EnforcementCertificate(
        user=UserFactory(), number="GD-7", authority="局", valid_until=datetime.date(2028, 1, 1)
    )
    with pytest.raises(ValidationError) as refused:
        keep_certificate(certificate=again, actor=UserFactory())
    assert set(refused.value.message_dict) == {"number"}
    assert not AuditLine.objects.filter(verb="enforcement_certificate.changed").exists()
