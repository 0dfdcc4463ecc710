"""The admin bases: own rows only, no drop-downs, read only where it says so."""

import pytest
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ImproperlyConfigured
from django_celery_beat.models import CrontabSchedule
from unfold.widgets import UnfoldForeignKeyRawIdWidget

from agricredit.foundation.common.admin import ReadOnlyAdmin, ScopedModelAdmin
from agricredit.foundation.jobs.models import Job
from tests.factories.jobs import JobFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_of(rf, django_user_model):
    user = django_user_model.objects.create_user("wang", role="county_officer", region_code="440802")
    request = rf.get("/admin/")
    request.user = user
    return request


def test_only_visible_rows_are_listed(request_of):
    near = JobFactory(region_code="440802")
    JobFactory(region_code="320703")
    page = ScopedModelAdmin(Job, admin.site)
    assert list(page.get_queryset(request_of)) == [near]
    assert page.get_object(request_of, str(near.pk)) == near
    assert page.get_object(request_of, str(near.pk + 1)) is None


def test_model_without_the_rule_is_a_fault_not_an_open_door(request_of):
    with pytest.raises(ImproperlyConfigured, match="visible_to"):
        ScopedModelAdmin(CrontabSchedule, admin.site).get_queryset(request_of)


def test_relation_is_an_autocomplete_where_searchable_else_a_raw_key(request_of, monkeypatch):
    field = Job._meta.get_field("created_by")
    page = ScopedModelAdmin(Job, admin.site)
    related = admin.site._registry[field.remote_field.model]
    monkeypatch.setattr(related, "search_fields", ("username",))
    assert isinstance(page.formfield_for_foreignkey(field, request_of).widget, AutocompleteSelect)
    monkeypatch.setattr(related, "search_fields", ())
    assert isinstance(page.formfield_for_foreignkey(field, request_of).widget, UnfoldForeignKeyRawIdWidget)


def test_read_only_pages_change_nothing(request_of):
    page = ReadOnlyAdmin(Job, admin.site)
    assert not page.has_add_permission(request_of)
    assert not page.has_change_permission(request_of)
    assert not page.has_delete_permission(request_of)
