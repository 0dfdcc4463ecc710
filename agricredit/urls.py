"""All addresses of the platform: the back office, the entrance, and the public's pages."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("agricredit.foundation.common.health")),
    path("", include("agricredit.foundation.common.metrics")),
    path("admin/", include("agricredit.pages.office.urls")),
    path("admin/", admin.site.urls),
    path("accounts/", include("agricredit.foundation.accounts.urls")),
    path("my/", include("agricredit.pages.portal_urls")),
    path("field/", include("supervision.portal.urls")),
    path("api/v1/", include("agricredit.pages.api.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("agricredit.pages.urls")),
]
