"""Accounts nobody uses."""

from datetime import timedelta

import pytest
from django.utils import timezone

from agricredit.foundation.accounts import services
from agricredit.foundation.accounts.models import User
from agricredit.foundation.accounts.roles import Role
from agricredit.foundation.audit.models import AuditLine
from agricredit.foundation.jobs.models import Job
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db


def ago(days):
    return timezone.now() - timedelta(days=days)


def test_staff_away_for_ninety_days_are_shut_in_one_line():
    UserFactory(username="away", last_login=ago(91))
    UserFactory(username="never", date_joined=ago(91))
    UserFactory(username="here", last_login=ago(89))
    UserFactory(username="fresh", date_joined=ago(1))
    UserFactory(username="farmer", role=Role.PRODUCER, last_login=ago(300))
    UserFactory(username="older", role=Role.SECURITY_ADMIN, last_login=ago(200))
    UserFactory(username="last", role=Role.SECURITY_ADMIN, last_login=ago(100))
    assert services.disable_unused() == 3
    shut = User.objects.filter(is_active=False)
    assert set(shut.values_list("username", flat=True)) == {"away", "never", "older"}
    line = AuditLine.objects.get()
    assert line.sentence == "停用3个超过90天未登录的账号"
    assert line.facts["usernames"] == ["away", "never", "older"]
    assert services.disable_unused() == 0
    assert AuditLine.objects.count() == 1


def test_one_opened_again_has_a_new_term():
    user = UserFactory(last_login=ago(91))
    services.disable_unused()
    services.reactivate(user=user, reason="返岗")
    assert services.disable_unused() == 0


def test_beat_asks_for_one_job(django_capture_on_commit_callbacks):
    from agricredit.foundation.accounts.tasks import disable_unused_nightly
    from agricredit.foundation.jobs.registry import function_of

    disable_unused_nightly()
    disable_unused_nightly()
    job = Job.objects.get()
    assert (job.kind, job.title) == ("accounts.disable_unused", "停用长期未登录的账号")
    assert function_of(job.kind).__module__ == "agricredit.foundation.accounts.tasks"
