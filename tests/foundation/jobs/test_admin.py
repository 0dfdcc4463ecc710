"""The officers' page of jobs."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from agricredit.foundation.jobs.models import Job, State
from tests.factories.jobs import JobFactory

pytestmark = pytest.mark.django_db
LIST = "admin:jobs_job_changelist"


@pytest.fixture
def officer(django_user_model):
    return django_user_model.objects.create_user(
        "wang", "a-long-password", role="county_officer", region_code="440802", name="王芳"
    )


@pytest.fixture
def page(client, officer, settings):
    """The client as an officer who has passed the second factor."""
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "SecondFactor" not in name]
    client.force_login(officer)
    return client


@pytest.fixture
def rows(officer):
    return {
        "running": JobFactory(
            title="年度评价",
            state=State.RUNNING,
            region_code="440802",
            progress_done=30,
            progress_total=120,
            message="第3片",
            created_by=officer,
        ),
        "failed": JobFactory(
            title="导入", state=State.FAILED, region_code="440802", error="<b>坏了</b>" + "。" * 200
        ),
        "foreign": JobFactory(title="外地任务", state=State.FAILED, region_code="320703"),
    }


def test_list_shows_progress_state_and_error_in_words(page, rows):
    html = page.get(reverse(LIST)).content.decode()
    assert '<progress class="w-full" max="100" value="25">25% (30/120)</progress>' in html
    assert "进行中 1 · 排队中 0 · 失败 1" in " ".join(html.split())
    assert "第3片" in html
    assert "&lt;b&gt;坏了" in html
    assert "王芳" in html
    assert "外地任务" not in html
    assert "data-jobs-active" in html
    assert "jobs/refresh.js" in html


def test_idle_list_does_not_renew_itself(page):
    assert "data-jobs-active" not in page.get(reverse(LIST)).content.decode()


def test_page_of_one_job_shows_the_whole_error(page, rows):
    html = page.get(reverse("admin:jobs_job_change", args=[rows["failed"].pk])).content.decode()
    assert "。" * 200 in html
    assert page.get(reverse("admin:jobs_job_change", args=[rows["foreign"].pk])).status_code == 302


def act(page, action, *jobs):
    data = {"action": action, "_selected_action": [job.pk for job in jobs]}
    return page.post(reverse(LIST), data, follow=True).content.decode()


def test_officer_cancels_and_runs_again_and_is_told_why_not(page, rows):
    html = act(page, "retry_jobs", rows["failed"], rows["running"], rows["foreign"])
    assert "1项任务将重新运行。" in html
    assert "年度评价：只有失败或已取消的任务可以重新运行。" in html
    assert Job.objects.get(pk=rows["failed"].pk).state == State.QUEUED
    assert Job.objects.get(pk=rows["foreign"].pk).state == State.FAILED
    html = act(page, "cancel_jobs", rows["failed"], rows["running"])
    assert "已取消2项任务。" in html
    assert "正在取消" in html
    assert Job.objects.get(pk=rows["failed"].pk).state == State.CANCELLED


def test_without_the_permission_the_verbs_do_not_exist(page, officer, rows):
    officer.groups.clear()
    officer.user_permissions.set(Permission.objects.filter(codename="view_job"))
    html = act(page, "cancel_jobs", rows["running"])
    assert "cancel_jobs" not in html
    assert not Job.objects.get(pk=rows["running"].pk).cancel_requested
    officer.user_permissions.clear()
    assert page.get(reverse(LIST)).status_code == 403


def test_same_number_of_queries_for_one_row_and_for_many(page, rows, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    page.get(reverse(LIST))
    with CaptureQueriesContext(connection) as first:
        page.get(reverse(LIST))
    JobFactory.create_batch(20, region_code="440802", created_by=rows["running"].created_by)
    with django_assert_num_queries(len(first)):
        page.get(reverse(LIST))
