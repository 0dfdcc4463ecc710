"""Certificates as officers see them: nothing of a row changes here but its being voided, with a reason."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminTextInputWidget

from agricredit.foundation.common.acts import act_page
from agricredit.foundation.common.admin import Labelled, ReadOnlyAdmin
from agricredit.foundation.common.templatetags.formats import full_date, plain_number
from archives.admin.finding import DivisionFilter, FirstProducersSearch
from certificates.models import Certificate
from certificates.services import issuing

STATUS_COLOURS = {Certificate.Status.ISSUED: "success", Certificate.Status.VOID: "danger"}


class VoidForm(forms.Form):
    """Why a certificate is voided; the sentence is shown to whoever scans it afterwards."""

    reason = forms.CharField(
        label=_("作废原因"),
        max_length=200,
        help_text=_("扫码查验的人会看到这句话，请写清事实，不写个人信息。"),
        widget=UnfoldAdminTextInputWidget,
    )


@admin.register(Certificate)
class CertificateAdmin(FirstProducersSearch, ReadOnlyAdmin):
    """Read only but for one verb: void."""

    list_display = ("code", "issuer_name", "product", "kilograms", "issued_on", "status_word")
    list_filter = ("status", "form", DivisionFilter)
    list_filter_submit = True
    list_select_related = ("product",)
    search_help_text = _("完整的查验码，或主体名称、拼音首字母、统一社会信用代码、主体编号")
    ordering = ("-id",)
    actions_detail = ("void_certificate",)
    fieldsets = (
        (None, {"fields": ("code", "status_word", "public_page")}),
        (
            _("证面"),
            {"fields": ("issuer_name", "contact", "product", "kilograms", "origin_text", "issued_on")},
        ),
        (_("承诺"), {"fields": ("form", "promise", "basis_words", "over_quantity_reason")}),
        (_("来历"), {"fields": ("producer", "harvest", "sale", "issued_by", "issued_at")}),
        (_("作废"), {"fields": ("void_reason", "voided_at", "voided_by")}),
    )

    def named(self, term: str) -> Q:
        """By the whole code."""
        return Q(code=term)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Everything, the computed ones included."""
        return [name for _title, options in self.fieldsets for name in options["fields"]]

    def has_void_permission(self, request: HttpRequest, object_id: str | int | None = None) -> bool:
        """By role, and only on a certificate in sight that is not void yet."""
        if not request.user.has_perm("certificates.void_certificate"):
            return False
        if object_id is None:
            return True
        return bool(self.get_queryset(request).issued().filter(pk=object_id).exists())  # type: ignore[attr-defined]  # the model's own queryset

    @action(
        description=_("作废这张合格证"),
        url_path="void",
        permissions=["void"],
        icon="block",
        variant=ActionVariant.DANGER,
    )  # type: ignore[untyped-decorator]  # Unfold ships no types
    def void_certificate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for the reason on a page of its own, then void through the service."""
        certificate = self.get_queryset(request).get(pk=object_id)

        def act(values: dict[str, Any]) -> str:
            issuing.void(certificate=certificate, reason=values["reason"], actor=request.user)
            return gettext("合格证已作废，扫码查验时会显示作废和原因。")

        return act_page(
            request,
            title=gettext("作废合格证"),
            lines=[
                gettext(
                    "%(name)s于%(day)s开具的%(product)s %(quantity)s 公斤合格证。作废后不能恢复；"
                    "它所对应的销售会重新算作未开证，直到开出新的合格证。"
                )
                % {
                    "name": certificate.issuer_name,
                    "day": full_date(certificate.issued_on),
                    "product": certificate.product,
                    "quantity": plain_number(Decimal(certificate.quantity)),
                }
            ],
            button=gettext("确认作废"),
            form=VoidForm(request.POST if request.method == "POST" else None),
            act=act,
            back=reverse("admin:certificates_certificate_change", args=[certificate.pk]),
        )

    @display(description=_("状态"), label=STATUS_COLOURS)  # type: ignore[untyped-decorator]  # no types
    def status_word(self, certificate: Certificate) -> tuple[str, str]:
        """In force or void."""
        return Labelled(certificate.status, certificate.get_status_display())

    @admin.display(description=_("数量（公斤）"), ordering="quantity")
    def kilograms(self, certificate: Certificate) -> str:
        """Without trailing zeros."""
        return plain_number(Decimal(certificate.quantity))

    @admin.display(description=_("承诺依据"))
    def basis_words(self, certificate: Certificate) -> str:
        """The bases in words."""
        return str(_("、")).join(certificate.basis_labels)

    @admin.display(description=_("查验页"))
    def public_page(self, certificate: Certificate) -> SafeString:
        """What a buyer sees."""
        return format_html(
            '<a class="text-primary-600 underline dark:text-primary-500" href="{}">{}</a>',
            reverse("certificate", kwargs={"code": certificate.code}),
            _("打开查验页"),
        )
