"""Accounts of every role, and how a test logs one in."""

import time

import factory
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.internal.flows.login import _AUTHENTICATION_METHODS_USER_SESSION_KEY
from allauth.account.internal.userkit import user_id_to_str

from agricredit.foundation.accounts.models import User
from agricredit.foundation.accounts.roles import STAFF, Role

PASSWORD = "稻花香里说丰年-2026"
REGIONS = {
    Role.PROVINCE_OFFICER: "44",
    Role.CITY_OFFICER: "4408",
    Role.COUNTY_OFFICER: "440823",
    Role.TOWNSHIP_SUPERVISOR: "440823100",
    Role.VILLAGE_ASSISTANT: "440823100201",
    Role.AGENCY: "4408",
}


class UserFactory(factory.django.DjangoModelFactory):
    """A county officer of 440823 unless told otherwise; every role gets a division of its level."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user{n}")
    name = factory.Sequence(lambda n: f"测试员{n}")
    role = Role.COUNTY_OFFICER
    region_code = factory.LazyAttribute(lambda user: REGIONS.get(Role(user.role), ""))
    is_staff = factory.LazyAttribute(lambda user: Role(user.role) in STAFF)

    @classmethod
    def _create(cls, model_class, *args, **fields):
        return model_class.objects.create_user(*args, **{"password": PASSWORD, **fields})


def enter(client, user, ago=0):
    """Log ``user`` in as if the second factor had been passed ``ago`` seconds before; return the client."""
    client.force_login(user)
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        {"method": "password", "at": time.time() - ago},
        {"method": "mfa", "at": time.time() - ago, "type": "totp"},
    ]
    session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = user_id_to_str(user)
    session.save()
    return client
