"""Addresses under ``/my/`` of this floor; the roof mounts them in the namespace ``my``."""

from django.urls import path

from rating.portal import objecting, views

urlpatterns = [
    path("remedies/", views.remedies_page, name="remedies"),
    path("remedies/repairs/<int:event>/", views.apply_for_repair, name="repair-apply"),
    path("remedies/objections/<int:year>/", objecting.object_to, name="objection-file"),
]
