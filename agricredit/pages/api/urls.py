"""All addresses under ``/api/v1/``: what each floor offers, the public look-up, the schema and its page."""

from django.http import HttpRequest, JsonResponse
from django.urls import include, path, re_path
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.views import SpectacularAPIView

from agricredit.pages.api import docs, lookup
from rating.api.credit_checks import CreditChecks


@csrf_exempt
def unknown(request: HttpRequest) -> JsonResponse:
    """An address that is not there, in the form of every other refusal."""
    detail = _("没有这个接口（地址以“/”结尾），见 /api/v1/docs/。")
    said = {"code": "not_found", "detail": detail, "errors": {}}
    return JsonResponse(said, status=404, json_dumps_params={"ensure_ascii": False})


urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs/", docs.docs, name="api-docs"),
    path("docs/<slug:operation>/", docs.operation, name="api-docs-operation"),
    path("public/producers/", lookup.PublicSearch.as_view(), name="api-public-search"),
    path("public/producers/<path:key>/", lookup.PublicProducer.as_view(), name="api-public-producer"),
    path("credit-checks/", CreditChecks.as_view(), name="api-credit-checks"),
    path("rating/", include("rating.api.urls")),
    path("", include("archives.api.urls")),
    path("", include("certificates.api.urls")),
    path("supervision/", include("supervision.api.urls")),
    re_path(r"^.*$", unknown, name="api-unknown"),
]
