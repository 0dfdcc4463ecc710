"""Addresses under ``/my/`` of this floor; the roof mounts them in the namespace ``my``."""

from django.urls import path, re_path

from certificates.portal import views

urlpatterns = [
    path("certificates/", views.start, name="certificates"),
    path("certificates/all/", views.listing, name="certificate-list"),
    path("certificates/sell/new/", views.sell_new, name="sell-new"),
    path("certificates/sell/<uuid:uid>/", views.sell_batch, name="sell-batch"),
    path("certificates/<slug:code>/", views.show, name="certificate"),
    path("certificates/<slug:code>/void/", views.void, name="certificate-void"),
    re_path(
        r"^certificates/(?P<code>[0-9A-Za-z]+)/(?P<layout>label|sheet)\.pdf$",
        views.paper,
        name="certificate-paper",
    ),
]
