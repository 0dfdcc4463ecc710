"""Third-party tables in the back office's own dress, and the register's list as the roof completes it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django_celery_beat.admin import (
    CrontabScheduleAdmin,
    PeriodicTaskAdmin,
    PeriodicTaskForm,
    TaskSelectWidget,
)
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from agricredit.foundation.common.admin import PlainlyTitled
from agricredit.pages.office.producers import RegisterAdmin

__all__ = ["RegisterAdmin"]

list_of_apps = admin.site.get_app_list


def late_list_of_apps(request: HttpRequest, app_label: str | None = None) -> Any:
    """Django's list of all apps and models, made when it is looked at.

    Every page of the back office is handed it; since the menu is our own, hardly any shows it, and sorting
    a hundred models with their rights and addresses took a seventh of a page's time.
    """
    return SimpleLazyObject(lambda: list_of_apps(request, app_label))


admin.site.get_app_list = late_list_of_apps  # type: ignore[method-assign]  # the site is the package's

# Nothing here is scheduled by the sun or once by the clock.
for model in (ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule):
    admin.site.unregister(model)


class TaskWidget(UnfoldAdminSelectWidget, TaskSelectWidget):  # type: ignore[misc]  # no types
    """The list of known tasks as a field of this site."""


class ScheduledTaskForm(PeriodicTaskForm):  # type: ignore[misc]  # no types
    """The package's form with this site's widgets."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Dress the two fields that the package dresses itself."""
        super().__init__(*args, **kwargs)
        self.fields["task"].widget = UnfoldAdminTextInputWidget()
        self.fields["regtask"].widget = TaskWidget()


@admin.register(PeriodicTask)
class ScheduledTaskAdmin(PlainlyTitled, PeriodicTaskAdmin, ModelAdmin):  # type: ignore[misc]  # neither package ships types
    """Periodic tasks: when they ran last, and whether they run at all."""

    form = ScheduledTaskForm


@admin.register(IntervalSchedule)
class EveryAdmin(PlainlyTitled, ModelAdmin):  # type: ignore[misc]  # Unfold ships no types
    """Every so many minutes."""


@admin.register(CrontabSchedule)
class ClockAdmin(PlainlyTitled, CrontabScheduleAdmin, ModelAdmin):  # type: ignore[misc]  # neither package ships types
    """At these hours."""
