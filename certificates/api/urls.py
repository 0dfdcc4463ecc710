"""Addresses under ``/api/v1/``."""

from django.urls import path

from certificates.api import views

urlpatterns = [
    path("certificates/", views.CertificateList.as_view(), name="api-certificates"),
    path("certificates/<slug:code>/", views.CertificateDetail.as_view(), name="api-certificate"),
    path("certificates/<slug:code>/void/", views.CertificateVoid.as_view(), name="api-certificate-void"),
    path(
        "public/certificates/<slug:code>/",
        views.CertificateVerification.as_view(),
        name="api-public-certificate",
    ),
]
