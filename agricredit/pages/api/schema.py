"""OpenAPI in the reader's language: summaries from the models' own names, one form for every refusal."""

from __future__ import annotations

from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiResponse

from agricredit.foundation.accounts.api.permissions import for_method
from agricredit.foundation.accounts.scopes import SCOPES
from agricredit.pages.api.errors import ErrorSerializer

SUBJECTS: dict[str, str | Promise] = {
    "public": gettext_lazy("公众查询"),
    "bulk": gettext_lazy("批量报送"),
    "producers": gettext_lazy("生产经营主体"),
    "records": gettext_lazy("生产记录"),
    "events": gettext_lazy("信用信息"),
    "rating": gettext_lazy("评价"),
    "certificates": gettext_lazy("合格证"),
    "supervision": gettext_lazy("检查"),
    "credit-checks": gettext_lazy("信用核查"),
    "register": gettext_lazy("主体档案"),
    "shops": gettext_lazy("农资店"),
    "inputs": gettext_lazy("投入品目录"),
    "substances": gettext_lazy("禁限用规定"),
    "products": gettext_lazy("农产品"),
    "regions": gettext_lazy("行政区划"),
}


class Schema(AutoSchema):
    """What drf-spectacular makes of a view, said for people who integrate with the platform."""

    def get_summary(self) -> str:
        """The view's own (``extend_schema``), else the verb and the model's name."""
        given = super().get_summary()
        if given:
            return str(given)
        queryset = getattr(self.view, "queryset", None)
        noun = queryset.model._meta.verbose_name if queryset is not None else self.path
        if self.method == "GET":
            said = _("查询%(noun)s") if self._is_list_view() else _("查看一条%(noun)s")
            return said % {"noun": noun}
        return _("登记%(noun)s") % {"noun": noun}

    def get_description(self) -> str:  # type: ignore[override]  # REST framework's old inspector's name
        """What the view explains and what a key needs; docstrings speak to those who keep the code."""
        scope = for_method(getattr(self.view, "required_scope", ""), self.method)
        if scope in SCOPES:
            said = {"label": SCOPES[scope], "scope": scope}
            needed = _("接口密钥须有权限“%(label)s”（%(scope)s）。") % said
            return " ".join(filter(None, [str(getattr(self.view, "explains", "")), needed]))
        if getattr(self.view, "authentication_classes", None) == []:
            return _("不需登录，不需密钥。")
        return _("只供登录的工作人员使用，不接受接口密钥。")

    def get_tags(self) -> list[str]:
        """The subject, by the address's first part."""
        part = self.path.removeprefix("/api/v1/").partition("/")[0]
        return [str(SUBJECTS[part])]

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> Any:
        bodies = super()._get_response_bodies(direction)
        for status, sentence in self._refusals().items():
            if status not in bodies:
                bodies[status] = self._get_response_for_code(  # type: ignore[no-untyped-call]  # the package is untyped
                    OpenApiResponse(ErrorSerializer, description=sentence), status
                )
        return bodies

    def _refusals(self) -> dict[str, str]:
        refusals = {"429": _("请求过于频繁，请按 Retry-After 等待")}
        if self._is_list_view() or self.method == "POST":
            refusals["400"] = _("内容有误，errors 逐项说明")
        if "{" in self.path or self._is_list_view():
            refusals["404"] = _("没有这条信息，或者不在查看范围内")
        if getattr(self.view, "authentication_classes", None) != []:
            refusals |= {"401": _("没有登录，或者密钥无效"), "403": _("没有权限")}
        if self.method == "POST":
            refusals |= {
                "409": _("同一编号已用于不同的内容"),
                "413": _("请求体超过10 MB"),
                "415": _("请求体应为 JSON"),
            }
        if self.path.startswith("/api/v1/bulk/"):
            refusals["422"] = _("Idempotency-Key 已用于另一次内容不同的报送")
        return dict(sorted(refusals.items()))
