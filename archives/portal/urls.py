"""Addresses under ``/my/`` of this floor; the roof mounts them in the namespace ``my``."""

from django.urls import path

from archives.portal import entry, photos, reviews, views

urlpatterns = [
    path("choose/", views.choose, name="choose"),
    path("records/", views.records, name="records"),
    path("records/new/<slug:noun>/", entry.new, name="record-new"),
    path("records/<slug:noun>/<uuid:uid>/", views.detail, name="record"),
    path("records/<slug:noun>/<uuid:uid>/again/", views.again, name="record-again"),
    path("records/<slug:noun>/<uuid:uid>/reverse/", views.reverse, name="record-reverse"),
    path("records/<slug:noun>/<uuid:uid>/photo/", photos.add, name="record-photo"),
    path("photos/<uuid:uid>/", photos.show, name="photo"),
    path("records/<slug:noun>/<uuid:uid>/answer/", reviews.answer, name="record-answer"),
    path("records/self_test/<uuid:uid>/disposal/", views.dispose, name="record-disposal"),
]
