"""Rights as data, jurisdiction, and the three administrators kept apart."""

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser, Group, Permission

from agricredit.foundation.accounts.groups import sync_groups, unknown_permissions
from agricredit.foundation.accounts.jurisdiction import EVERYTHING, Scope, region_q, scope_of
from agricredit.foundation.accounts.models import ApiKey, User
from agricredit.foundation.accounts.roles import ADMINISTRATORS, OFFICERS, PERMISSIONS, STAFF, Role
from agricredit.foundation.audit.models import AuditLine
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db
BUSINESS = {"archives", "rating", "certificates", "supervision"}


def test_every_role_has_its_group_with_exactly_the_files_rights():
    for role in Role:
        held = {
            f"{app}.{codename}"
            for app, codename in Group.objects.get(name=role).permissions.values_list(
                "content_type__app_label", "codename"
            )
        }
        assert held == PERMISSIONS[role]


def test_the_file_names_only_rights_that_exist():
    assert unknown_permissions() == []


def test_the_three_administrators_share_nothing_and_see_no_business():
    for role in ADMINISTRATORS:
        assert {name.split(".")[0] for name in PERMISSIONS[role]} & BUSINESS == set()
        assert scope_of(UserFactory(role=role)) == Scope("nothing")
        for other in ADMINISTRATORS - {role}:
            assert PERMISSIONS[role] & PERMISSIONS[other] == frozenset()


def test_only_one_role_changes_accounts_and_only_one_reads_the_audit():
    assert {r for r in Role if "accounts.change_user" in PERMISSIONS[r]} == {Role.SECURITY_ADMIN}
    assert {r for r in Role if "audit.view_auditline" in PERMISSIONS[r]} == {Role.AUDIT_ADMIN}
    assert not any("delete_" in name for names in PERMISSIONS.values() for name in names)


def test_rights_taken_out_of_the_file_are_taken_from_the_group():
    group = Group.objects.get(name=Role.AUDIT_ADMIN)
    group.permissions.add(Permission.objects.get(codename="change_user"))
    sync_groups(sender=apps.get_app_config("accounts"))
    assert not UserFactory(role=Role.AUDIT_ADMIN).has_perm("accounts.change_user")
    assert UserFactory(role=Role.SECURITY_ADMIN).has_perm("accounts.change_user")


@pytest.mark.parametrize(
    ("role", "code"),
    [
        (Role.PROVINCE_OFFICER, "44"),
        (Role.CITY_OFFICER, "4408"),
        (Role.COUNTY_OFFICER, "440823"),
        (Role.TOWNSHIP_SUPERVISOR, "440823100"),
        (Role.VILLAGE_ASSISTANT, "440823100201"),
        (Role.AGENCY, "4408"),
    ],
)
def test_officers_see_their_division(role, code):
    assert scope_of(UserFactory(role=role)) == Scope("region", code)


@pytest.mark.parametrize("role", [Role.LABORATORY, Role.PRODUCER, Role.HELPER, Role.MARKET])
def test_others_see_their_own(role):
    assert scope_of(UserFactory(role=role)) == Scope("own")


def test_nobody_sees_anything_without_account_activity_or_division():
    assert scope_of(None) == scope_of(AnonymousUser()) == Scope("nothing")
    assert scope_of(UserFactory(is_active=False)) == Scope("nothing")
    assert scope_of(UserFactory(region_code="")) == Scope("nothing")


def test_a_key_narrows_and_never_widens():
    user = UserFactory(role=Role.AGENCY)
    user.narrowed_to = "440823"
    assert scope_of(user) == Scope("region", "440823")
    user.narrowed_to = "44"
    assert scope_of(user) == Scope("nothing")


def test_a_division_is_all_codes_that_begin_with_its_own():
    inside = UserFactory(username="in", region_code="440823100", role=Role.TOWNSHIP_SUPERVISOR)
    UserFactory(username="out", region_code="440825", role=Role.COUNTY_OFFICER)
    county = UserFactory(username="self", region_code="440823")
    found = User.objects.filter(region_q(county, "region_code"))
    assert set(found) == {inside, county}
    assert User.objects.filter(region_q(EVERYTHING, "region_code")).count() == 3
    assert not User.objects.filter(region_q(UserFactory(role=Role.PRODUCER), "region_code")).exists()
    assert scope_of(county).covers("440823100201")
    assert not scope_of(county).covers("4408")


def test_accounts_keys_and_lines_are_seen_by_their_administrator_only():
    for role in Role:
        user = UserFactory(role=role)
        UserFactory()
        everything = role == Role.SECURITY_ADMIN
        assert (User.objects.visible_to(user).count() > 1) is everything
        if not everything:
            assert list(User.objects.visible_to(user)) == [user]
        assert ApiKey.objects.visible_to(user).count() == 0
        assert AuditLine.objects.visible_to(user).query.is_empty() is (role != Role.AUDIT_ADMIN)
    assert not User.objects.visible_to(AnonymousUser()).exists()


def test_staff_are_administrators_officers_and_village_assistants():
    assert set(STAFF) == {*ADMINISTRATORS, *OFFICERS, Role.VILLAGE_ASSISTANT}
