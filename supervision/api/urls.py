"""Addresses under ``/api/v1/supervision/``."""

from django.urls import path

from supervision.api import views

urlpatterns = [
    path("plans/", views.PlanList.as_view(), name="api-supervision-plans"),
    path("tasks/", views.TaskList.as_view(), name="api-supervision-tasks"),
    path("frequencies/", views.FrequencyList.as_view(), name="api-supervision-frequencies"),
    path("guidance-visits/", views.GuidanceList.as_view(), name="api-supervision-guidance"),
    path("inspections/", views.InspectionList.as_view(), name="api-supervision-inspections"),
    path("items/", views.ItemList.as_view(), name="api-supervision-items"),
]
