"""卖货开证 and one's own certificates; rows by ``visible_to``, writes by the services."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agricredit.foundation.common.clock import today
from agricredit.foundation.common.paginators import KeysetPaginator
from agricredit.foundation.common.templatetags.formats import full_date, plain_number
from archives.models import Product, Sector
from archives.portal.acting import Acting, portal_page
from archives.portal.forms import sent, take
from archives.portal.wording import gathered
from certificates.models import Basis, Certificate
from certificates.portal import batches
from certificates.portal.forms import SellForm, VoidForm
from certificates.services import printing
from certificates.services.issuing import void as void_certificate
from certificates.services.obstacles import obstacles
from certificates.services.selling import sell_and_certify

RECENT = 3
LISTED = 20
MAY_ISSUE = "certificates.add_certificate"
PLACES: dict[str, tuple[Any, Any]] = {
    "livestock": (gettext_lazy("哪个栏舍的？"), gettext_lazy("不分栏舍")),
    "aquaculture": (gettext_lazy("哪口塘的？"), gettext_lazy("不分塘口")),
}
"""How the place is asked for where it is no field; and the whole holding."""


@portal_page
@permission_required(MAY_ISSUE, raise_exception=True)
def start(request: HttpRequest, acting: Acting) -> HttpResponse:
    """卖哪一批: what is likely still there, a new one, the last certificates; older batches under a fold."""
    found = batches.recent(acting.producer, request.user)
    return render(
        request,
        "portal/certificates/start.html",
        {
            "acting": acting,
            "batches": [batch for batch in found if batch.is_fresh],
            "animals": Sector.CROPS not in acting.producer.sectors,
            "older": [batch for batch in found if not batch.is_fresh],
            "certifiable": bool(batches.certifiable(acting.producer)),
            "certificates": _own(request, acting)[:RECENT],
        },
    )


@portal_page
@permission_required(MAY_ISSUE, raise_exception=True)
def sell_batch(request: HttpRequest, acting: Acting, uid: UUID) -> HttpResponse:
    """Sell (part of) a batch on record."""
    batch = batches.find(acting.producer, request.user, uid)
    if batch is None:
        raise Http404
    left = batch.left or None
    return _sell(
        request,
        acting,
        {"product": batch.row.product, "plot": batch.row.plot, "harvest": batch.row},
        batch.words,
        "" if left is None else f"{left.normalize():f}",
    )


@portal_page
@permission_required(MAY_ISSUE, raise_exception=True)
def sell_new(request: HttpRequest, acting: Acting) -> HttpResponse:
    """Sell what was harvested just now: which product, which plot, then the same page."""
    products, plots = batches.certifiable(acting.producer), batches.plots(acting.producer)
    product = _chosen(products, request.GET.get("product"), alone=True)
    if product is None:
        return _choice(
            request, acting, "product", _("卖哪种产品？"), [(row.pk, row.name) for row in products]
        )
    if plots and "plot" not in request.GET:
        title, undivided = PLACES.get(product.sector, (_("哪块地采的？"), _("不分地块")))
        options = [*((str(row.pk), row.name) for row in plots), ("none", undivided)]
        return _choice(request, acting, "plot", title, options, product)
    plot = _chosen(plots, request.GET.get("plot"))
    words = " · ".join(filter(None, [_("今天%(act)s") % {"act": gathered(product)}, plot and plot.name]))
    return _sell(request, acting, {"product": product, "plot": plot, "harvest": None}, words, "")


def _chosen(rows: list[Any], key: str | None, *, alone: bool = False) -> Any:
    found = [row for row in rows if str(row.pk) == key]
    if found:
        return found[0]
    return rows[0] if alone and len(rows) == 1 else None


def _choice(
    request: HttpRequest,
    acting: Acting,
    name: str,
    title: Any,
    options: list[Any],
    product: Product | None = None,
) -> HttpResponse:
    context = {"acting": acting, "name": name, "title": title, "options": options, "product": product}
    return render(request, "portal/certificates/choice.html", context)


def _sell(
    request: HttpRequest, acting: Acting, goods: dict[str, Any], words: str, quantity: str
) -> HttpResponse:
    """The one page of selling: refused with the first allowed day, or quantity, buyer and basis."""
    before = batches.last(acting.producer)
    form = SellForm(
        sent(request),
        initial={
            "quantity": quantity,
            "buyer": before.sale.buyer if before and before.sale else "",
            "bases": before.bases if before else [Basis.QUALITY_CONTROL],
        },
    )
    if request.method == "POST" and form.is_valid():
        code = _certified(request, acting, goods, form)
        if code:
            return redirect("my:certificate", code=code)
    form.drop_reason()
    product, plot, harvest = goods["product"], goods["plot"], goods["harvest"]
    day = harvest.occurred_on if harvest else today()
    against = obstacles(
        producer=acting.producer,
        product=product,
        plot=plot,
        harvested_on=day,
        production=harvest.production if harvest else None,
    )
    return render(
        request,
        "portal/certificates/sell.html",
        {"acting": acting, "product": product, "words": words, "form": form, "obstacles": against},
    )


def _certified(request: HttpRequest, acting: Acting, goods: dict[str, Any], form: SellForm) -> str:
    """The new certificate's code, or "" with the refusal in the form."""
    sold: list[Certificate] = []
    given = dict(form.cleaned_data)
    once_more = given.pop("once_more")
    same = None if once_more else batches.same_just_now(acting.producer, goods["product"], given)
    if same is not None:
        said = {"product": same.product, "quantity": plain_number(same.quantity)}
        form.ask_again(
            _("几分钟前刚开过一张同样的证（%(product)s %(quantity)s 公斤）。确实又卖了一笔，请再点一次。")
            % said
        )
        return ""

    def act() -> None:
        facts = {**goods, **given}
        sold.append(
            sell_and_certify(producer=acting.producer, unit="公斤", actor=request.user, **facts).certificate
        )

    if not take(form, act):
        if "uid" in form.errors:
            form.renew(_("刚才已经用这一页开过一张证，内容和现在的不同。如果这是另一笔，请再点一次“开证”。"))
        return ""
    messages.success(request, _("已开证，卖货和采收也一起记好了。"))
    return sold[0].code


@portal_page
@permission_required("certificates.view_certificate", raise_exception=True)
def listing(request: HttpRequest, acting: Acting) -> HttpResponse:
    """All certificates, newest first."""
    rows = _own(request, acting)
    try:
        page = KeysetPaginator(rows, LISTED).page(request.GET.get("after", ""))
    except signing.BadSignature:
        raise Http404 from None
    return render(
        request,
        "portal/certificates/list.html",
        {"acting": acting, "certificates": page.items, "next_cursor": page.next_cursor},
    )


@portal_page
@permission_required("certificates.view_certificate", raise_exception=True)
def show(request: HttpRequest, acting: Acting, code: str) -> HttpResponse:
    """One certificate: its QR code, printing, sharing, voiding."""
    row = _found(request, acting, code)
    address = f"{settings.PUBLIC_URL}/c/{row.code}/"
    picture = segno.make(printing.address(row), error="m", micro=False)
    return render(
        request,
        "portal/certificates/detail.html",
        {
            "acting": acting,
            "certificate": row,
            "qr": picture.svg_data_uri(border=4, omitsize=True),
            "share": _(
                "【承诺达标合格证】%(product)s %(quantity)s 公斤，%(issuer)s %(day)s开具。查验：%(address)s"
            )
            % {
                "product": row.product.name,
                "quantity": plain_number(row.quantity),
                "issuer": row.issuer_name,
                "day": full_date(row.issued_on),
                "address": address,
            },
        },
    )


@portal_page
@permission_required("certificates.view_certificate", raise_exception=True)
def paper(request: HttpRequest, acting: Acting, code: str, layout: str) -> HttpResponse:
    """The label (60 × 40 mm) or the A4 sheet as PDF."""
    row = _found(request, acting, code)
    response = HttpResponse(
        printing.pdf(row, "label" if layout == "label" else "sheet"), content_type="application/pdf"
    )
    response["Content-Disposition"] = f'inline; filename="{row.code}-{layout}.pdf"'
    return response


@portal_page
@permission_required("certificates.void_certificate", raise_exception=True)
def void(request: HttpRequest, acting: Acting, code: str) -> HttpResponse:
    """Void a certificate with a reason."""
    row = _found(request, acting, code)
    form = VoidForm(sent(request))
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if take(form, lambda: void_certificate(certificate=row, reason=reason, actor=request.user)):
            messages.success(request, _("已作废。扫这张证的人会看到“已作废”。"))
            return redirect("my:certificate", code=row.code)
    context = {"acting": acting, "certificate": row, "form": form}
    return render(request, "portal/certificates/void.html", context)


def _own(request: HttpRequest, acting: Acting) -> Any:
    rows = Certificate.objects.visible_to(request.user).filter(producer=acting.producer)  # type: ignore[arg-type]  # logged in: the page lets nobody else through
    return rows.select_related("product").order_by("-id")


def _found(request: HttpRequest, acting: Acting, code: str) -> Certificate:
    rows = _own(request, acting).select_related("product", "harvest", "sale")
    found: Certificate = get_object_or_404(rows, code=code.upper())
    return found
