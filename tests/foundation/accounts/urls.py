"""Just enough pages to be led to: the entrance's own tests must not hang on the pages of other floors."""

from django.contrib import admin
from django.http import HttpResponse, JsonResponse
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("agricredit.foundation.accounts.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", lambda request: HttpResponse("home"), name="home"),
    path("field/", lambda request: HttpResponse("field")),
    path("my/", lambda request: HttpResponse("my")),
    path("api/v1/thing/", lambda request: JsonResponse({"who": str(request.user)})),
]
