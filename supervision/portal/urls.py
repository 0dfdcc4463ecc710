"""Addresses under ``/field/``."""

from django.urls import path

from archives.portal.field_urls import urlpatterns as of_archives
from supervision.portal import views

app_name = "field"
urlpatterns = [
    path("", views.tasks, name="tasks"),
    path("tasks/<int:task_id>/guidance/", views.guidance, name="guidance"),
    path("tasks/<int:task_id>/inspection/", views.inspection, name="inspection"),
    *of_archives,
]
