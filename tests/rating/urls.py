"""The rating API alone, at the address where the platform has it."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("agricredit.foundation.accounts.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/v1/rating/", include("rating.api.urls")),
    path("", include("agricredit.pages.urls")),
]
