"""Opening, changing and shutting accounts: each act one audit line, each refusal nothing changed."""

import threading

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from agricredit.foundation.accounts import services
from agricredit.foundation.accounts.models import User
from agricredit.foundation.accounts.roles import Role
from agricredit.foundation.audit.models import AuditLine
from tests.factories.accounts import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper():
    return UserFactory(role=Role.SECURITY_ADMIN, name="安全员")


def lines():
    return [line.sentence for line in AuditLine.objects.order_by("id")]


def test_an_account_is_opened_with_role_group_and_one_line(keeper):
    user = services.create_user(
        username="zhang",
        name="张三",
        role="county_officer",
        region_code="440823",
        password=PASSWORD,
        actor=keeper,
    )
    assert user.is_staff
    assert user.must_change_password
    assert list(user.groups.values_list("name", flat=True)) == ["county_officer"]
    assert lines() == ["开设账号张三（县级监管人员，用户名zhang）"]
    line = AuditLine.objects.get()
    assert (line.actor, line.region_code, line.target_type) == (keeper, "440823", "accounts.user")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"role": "county_officer", "region_code": "4408"}, "“县级监管人员”的区划代码应为6位。"),
        ({"role": "county_officer"}, "“县级监管人员”的区划代码应为6位。"),
        ({"role": "county_officer", "region_code": "44082x"}, "行政区划代码应为2、4、6、9或12位数字。"),
        ({"role": "agency", "region_code": "440823100201"}, "“外部单位接口”的区划代码应为2或4或6或9位。"),
        ({"role": "helper", "region_code": "440823"}, "“代办人员”不按行政区划授权，不能填写区划代码。"),
        ({"role": "producer"}, "没有密码的账号用手机验证码登录，请填写手机号码。"),
        ({"role": "producer", "phone": "12345"}, "请输入11位手机号码。"),
        ({"role": "producer", "phone": "13800000001"}, "这个手机号码已被使用。"),
        ({"role": "system_admin", "password": "1234567890"}, "密码"),
        ({"role": "system_admin", "username": "taken", "password": PASSWORD}, "这个用户名已被使用。"),
    ],
)
def test_refused_accounts_leave_nothing(keeper, fields, message):
    UserFactory(username="taken", phone="13800000001")
    before = User.objects.count()
    with pytest.raises(ValidationError) as refusal, transaction.atomic():
        services.create_user(**{"username": "new", "name": "新人", "actor": keeper, **fields})
    assert message in "".join(refusal.value.messages)
    assert User.objects.count() == before
    assert lines() == []


def test_only_the_security_administrator_opens_staff_accounts():
    officer = UserFactory(role=Role.COUNTY_OFFICER)
    helper = services.create_user(
        username="h", name="代办", role="helper", phone="13900000000", actor=officer
    )
    assert not helper.has_usable_password()
    with pytest.raises(ValidationError, match="只有安全管理员"):
        services.create_user(username="x", name="某", role="audit_admin", password=PASSWORD, actor=officer)
    for role in (Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN):
        with pytest.raises(ValidationError, match="只有安全管理员"):
            services.create_user(
                username="y", name="某", role="helper", phone="13900000001", actor=UserFactory(role=role)
            )


def test_a_new_role_moves_the_group_ends_sessions_and_reads_well(keeper, client):
    user = UserFactory(role=Role.COUNTY_OFFICER, name="李四")
    client.force_login(user)
    assert "_auth_user_id" in client.session
    services.assign_role(user=user, role="city_officer", region_code="4408", actor=keeper)
    user.refresh_from_db()
    assert (user.role, user.region_code) == ("city_officer", "4408")
    assert list(user.groups.values_list("name", flat=True)) == ["city_officer"]
    assert lines() == ["将李四由县级监管人员（区划440823）改为市级监管人员（区划4408）"]
    assert user.session_epoch == 1


def test_leaving_the_staff_takes_the_back_office_away(keeper):
    user = UserFactory(role=Role.COUNTY_OFFICER)
    services.assign_role(user=user, role="producer", actor=keeper)
    user.refresh_from_db()
    assert (user.is_staff, user.region_code) == (False, "")


def test_the_same_role_again_is_nothing(keeper):
    user = UserFactory()
    services.assign_role(user=user, role=user.role, region_code=user.region_code, actor=keeper)
    assert lines() == []


@pytest.mark.parametrize(
    "act",
    [
        lambda user: services.assign_role(user=user, role="system_admin", actor=user),
        lambda user: services.deactivate(user=user, reason="x", actor=user),
        lambda user: services.reactivate(user=user, reason="x", actor=user),
        lambda user: services.reset_second_factor(user=user, reason="x", actor=user),
        lambda user: services.reset_password(user=user, reason="x", actor=user),
    ],
)
def test_nobody_does_it_to_themselves(keeper, act):
    UserFactory(role=Role.SECURITY_ADMIN)
    with pytest.raises(ValidationError, match="不能更改自己的"):
        act(keeper)
    keeper.refresh_from_db()
    assert (keeper.role, keeper.is_active, keeper.session_epoch) == ("security_admin", True, 0)
    assert lines() == []


def test_the_last_security_administrator_stays(keeper):
    for act in (
        lambda: services.deactivate(user=keeper, reason="离职"),
        lambda: services.assign_role(user=keeper, role="audit_admin"),
    ):
        with pytest.raises(ValidationError, match="最后一个安全管理员"), transaction.atomic():
            act()
    keeper.refresh_from_db()
    assert (keeper.is_active, keeper.role) == (True, "security_admin")


def test_shutting_and_opening(keeper):
    user = UserFactory(name="王五")
    services.deactivate(user=user, reason="调离", actor=keeper)
    services.deactivate(user=user, reason="调离", actor=keeper)
    user.refresh_from_db()
    assert not user.is_active
    assert user.deactivated_at is not None
    services.reactivate(user=user, reason="返岗", actor=keeper)
    user.refresh_from_db()
    assert user.is_active
    assert user.deactivated_at is None
    assert lines() == ["停用账号王五，原因：调离", "恢复账号王五，原因：返岗"]


def test_a_lost_second_factor_is_forgotten(keeper):
    user = UserFactory(name="赵六")
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    services.reset_second_factor(user=user, reason="手机丢失", actor=keeper)
    user.refresh_from_db()
    assert not user.authenticator_set.exists()
    assert user.session_epoch == 1
    assert lines() == ["重置赵六的二次验证，原因：手机丢失"]


def test_a_reset_password_is_temporary_and_not_in_the_audit(keeper):
    user = UserFactory()
    password = services.reset_password(user=user, reason="遗忘", actor=keeper)
    user.refresh_from_db()
    assert user.check_password(password)
    assert user.must_change_password
    assert password not in str(AuditLine.objects.values().get())


def test_details_change_and_say_which(keeper):
    user = UserFactory(name="旧名")
    services.change_details(user=user, name="新名", phone="13700000000", actor=keeper)
    user.refresh_from_db()
    assert (user.name, user.phone) == ("新名", "13700000000")
    assert lines() == ["修改账号新名的姓名、手机号码"]


def test_a_phone_only_account_keeps_its_phone():
    user = services.create_user(username="p", name="农户", role="producer", phone="13600000000")
    with pytest.raises(ValidationError, match="请填写手机号码"), transaction.atomic():
        services.change_details(user=user, name="农户")
    user.refresh_from_db()
    assert user.phone == "13600000000"


def test_superusers_do_not_exist():
    with pytest.raises(PermissionError):
        User.objects.create_superuser("root", "x")
    user = UserFactory()
    with pytest.raises(Exception, match="no_superuser"), transaction.atomic():
        User.objects.filter(pk=user.pk).update(is_superuser=True)


def at_once(*acts):
    """Run ``acts`` in threads that start together; return what each raised (None when nothing)."""
    barrier = threading.Barrier(len(acts))
    raised = [None] * len(acts)

    def run(number, act):
        try:
            barrier.wait()
            act()
        except Exception as error:
            raised[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


@pytest.mark.django_db(transaction=True)
def test_two_new_roles_at_once_leave_one_consistent_account():
    user = UserFactory()
    raised = at_once(
        lambda: services.assign_role(user=user, role="city_officer", region_code="4408"),
        lambda: services.assign_role(user=user, role="producer"),
    )
    assert raised == [None, None]
    user.refresh_from_db()
    assert list(user.groups.values_list("name", flat=True)) == [user.role]
    assert (user.role, user.region_code, user.is_staff) in {
        ("city_officer", "4408", True),
        ("producer", "", False),
    }
    assert user.session_epoch == 2
    first, second = AuditLine.objects.order_by("id")
    assert second.facts["role_before"] == first.facts["role"]


@pytest.mark.django_db(transaction=True)
def test_two_security_administrators_cannot_shut_each_other_at_once():
    one, two = UserFactory.create_batch(2, role=Role.SECURITY_ADMIN)
    raised = at_once(
        lambda: services.deactivate(user=one, reason="x", actor=two),
        lambda: services.deactivate(user=two, reason="x", actor=one),
    )
    assert sorted(type(error).__name__ for error in raised) == ["NoneType", "ValidationError"]
    assert User.objects.filter(role="security_admin", is_active=True).count() == 1
