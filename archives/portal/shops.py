"""An input shop's own pages (``/my/shop/``): stock, buying in, selling by real name, both ledgers."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from agricredit.foundation.common import clock
from agricredit.foundation.common.masking import mask_name
from agricredit.foundation.common.paginators import KeysetPaginator
from archives.models import Activity, Licence, ProducerNature, ShopPurchase, ShopSale, ShopSaleWay
from archives.portal.acting import Acting, portal_page
from archives.portal.forms import ReverseForm, done, sent, take
from archives.portal.shop_forms import BuyInForm, GoodsForm, SellForm, WriteOffForm
from archives.portal.wording import amount
from archives.services.shops import codes, goods, trading

LISTED = 20
IN_STOCK_SHOWN = 50
LICENCE_WARNING = 60
AT_THE_COUNTER = datetime.timedelta(minutes=30)
"""So long a buyer is taken to be still there, for the next goods."""


def shop_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page of an input shop; for anybody else it does not exist."""

    @portal_page
    @wraps(view)
    def page(request: HttpRequest, acting: Acting, *args: Any, **kwargs: Any) -> HttpResponse:
        if Activity.INPUT_SALE not in acting.producer.activities:
            raise Http404
        return view(request, acting, *args, **kwargs)

    return page


@shop_page
@permission_required("archives.view_shoppurchase", raise_exception=True)
def home(request: HttpRequest, acting: Acting) -> HttpResponse:
    """What is in stock, found by its name or a scanned code; licences that end; the two big buttons."""
    text = request.GET.get("q", "").strip()
    lots, fault = _stock(request, acting, text)
    today = clock.today()
    licences = Licence.objects.visible_to(request.user).filter(producer=acting.producer).dealing()
    held = licences.in_force().order_by("valid_until")
    before = _sale_before(request, acting)
    context = {
        "acting": acting,
        "before": before,
        "same_buyer": buyer_of(before) if before else "",
        "lots": [_lot_words(lot) for lot in lots],
        "q": text,
        "fault": fault,
        "licences": [(row, _ends_soon(row, today)) for row in held],
        "unchecked": licences.open().filter(check_outcome="").exists(),
    }
    return render(request, "portal/shop/home.html", context)


def _ends_soon(row: Licence, today: datetime.date) -> bool:
    return row.valid_until is not None and (row.valid_until - today).days <= LICENCE_WARNING


@shop_page
@permission_required("archives.add_shoppurchase", raise_exception=True)
def buy_in(request: HttpRequest, acting: Acting) -> HttpResponse:
    """Enter a lot bought in; what a number or an earlier lot stands for is filled in already."""
    look_up = GoodsForm(request.GET if "number" in request.GET else None)
    form = BuyInForm(sent(request), initial=_goods(request, acting, look_up))
    if done(request, form, trading.buy_in, shop=acting.producer):
        messages.success(request, _("已登记进货，现在可以销售。"))
        return redirect("my:shop")
    context = {"acting": acting, "form": form, "look_up": look_up, "found": bool(form.initial.get("name"))}
    return render(request, "portal/shop/buy_in.html", context)


def _goods(request: HttpRequest, acting: Acting, look_up: GoodsForm) -> dict[str, Any]:
    like = request.GET.get("like", "")
    if like:
        try:
            return goods.like_lot(_lot(request, acting, UUID(like)))
        except ValueError:
            raise Http404 from None
    known: dict[str, Any] = {}
    if look_up.is_valid() and look_up.cleaned_data["number"]:
        number = look_up.cleaned_data["number"]
        take(look_up, lambda: known.update(goods.known_goods(shop=acting.producer, text=number)))
    return known


@shop_page
@permission_required("archives.add_shopsale", raise_exception=True)
def sell(request: HttpRequest, acting: Acting, lot: UUID) -> HttpResponse:
    """Enter a sale out of a lot."""
    row = _lot(request, acting, lot)
    code = {"unit_code": request.GET.get("code", "")[:400]}
    form = SellForm(sent(request), initial=code | _known_of(_sale_before(request, acting)))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if take(form, lambda: trading.sell(lot=row, actor=request.user, **given)):
            sale = ShopSale.objects.select_related("buyer").get(uid=given["uid"])
            messages.success(request, _sold(sale))
            response = redirect("my:shop")
            response["Location"] += f"?with={sale.uid}"
            return response
    context = {"acting": acting, "form": form, "lot": _lot_words(row)}
    return render(request, "portal/shop/sell.html", context)


def _sale_before(request: HttpRequest, acting: Acting) -> ShopSale | None:
    """The sale just made to whom more is being sold (``?with=``); None when there is none, or long ago."""
    try:
        uid = UUID(request.GET.get("with", ""))
    except ValueError:
        return None
    rows = ShopSale.objects.visible_to(request.user).active().filter(producer=acting.producer, uid=uid)
    rows = rows.filter(way=ShopSaleWay.SALE, entered_at__gte=clock.now() - AT_THE_COUNTER)
    sale: ShopSale | None = rows.select_related("buyer").first()
    return sale if sale is not None and buyer_of(sale) else None


def _known_of(sale: ShopSale | None) -> dict[str, str]:
    """What need not be typed again of the buyer; an identity number is never shown once it is kept."""
    if sale is None:
        return {}
    return {"buyer": sale.buyer.key} if sale.buyer else {"buyer_name": str(sale.buyer_name)}


@shop_page
@permission_required("archives.add_shopsale", raise_exception=True)
def write_off(request: HttpRequest, acting: Acting, lot: UUID) -> HttpResponse:
    """Enter goods lost or sent back."""
    row = _lot(request, acting, lot)
    form = WriteOffForm(sent(request))
    if done(request, form, trading.write_off, lot=row):
        messages.success(request, _("已登记。"))
        return redirect("my:shop")
    context = {"acting": acting, "form": form, "lot": _lot_words(row)}
    return render(request, "portal/shop/write_off.html", context)


@shop_page
@permission_required("archives.view_shopsale", raise_exception=True)
def ledger(request: HttpRequest, acting: Acting) -> HttpResponse:
    """Both ledgers (台账), newest first; kept two years at least (农药管理条例 art. 26, 27)."""
    out = request.GET.get("kind", "out") != "in"
    mine = (ShopSale if out else ShopPurchase).objects.visible_to(request.user)
    rows = mine.filter(producer=acting.producer).order_by("-entered_at", "-pk")
    try:
        page = KeysetPaginator(rows.select_related("lot", "buyer") if out else rows, LISTED).page(
            request.GET.get("after", "")
        )
    except signing.BadSignature:
        raise Http404 from None
    entries = [_sale_words(row) if out else _lot_words(row) for row in page.items]
    context = {"acting": acting, "entries": entries, "out": out, "next_cursor": page.next_cursor}
    return render(request, "portal/shop/ledger.html", context)


@shop_page
@permission_required("archives.change_shoppurchase", raise_exception=True)
def reverse_lot(request: HttpRequest, acting: Acting, lot: UUID) -> HttpResponse:
    """Take a mis-entered lot back."""
    row = _lot(request, acting, lot)
    form = ReverseForm(sent(request))
    return _reversed(
        request, acting, form, _lot_words(row)["line"], "in",
        lambda reason: trading.reverse_purchase(lot=row, reason=reason, actor=request.user),
    )  # fmt: skip


@shop_page
@permission_required("archives.change_shopsale", raise_exception=True)
def reverse_sale(request: HttpRequest, acting: Acting, sale: UUID) -> HttpResponse:
    """Take a mis-entered sale back."""
    rows = ShopSale.objects.visible_to(request.user).filter(producer=acting.producer)
    row = rows.select_related("lot", "buyer").filter(uid=sale).first()
    if row is None:
        raise Http404
    form = ReverseForm(sent(request))
    return _reversed(
        request, acting, form, _sale_words(row)["line"], "out",
        lambda reason: trading.reverse_sale(sale=row, reason=reason, actor=request.user),
    )  # fmt: skip


def _reversed(
    request: HttpRequest,
    acting: Acting,
    form: ReverseForm,
    line: str,
    kind: str,
    act: Callable[[str], object],
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if take(form, lambda: act(reason)):
            messages.success(request, _("已撤销，原记录仍保留备查。"))
            response = redirect("my:shop-ledger")
            response["Location"] += f"?kind={kind}"
            return response
    context = {"acting": acting, "form": form, "line": line, "kind": kind}
    return render(request, "portal/shop/reverse.html", context)


def _stock(request: HttpRequest, acting: Acting, text: str) -> tuple[list[ShopPurchase], str]:
    """Lots of which something is left: all, or those of the name or code asked for, and what was wrong."""
    rows = ShopPurchase.objects.visible_to(request.user).in_stock().filter(producer=acting.producer)
    rows = rows.order_by("name", "expires_on", "pk")
    if not text:
        return list(rows[:IN_STOCK_SHOWN]), ""
    named = list(rows.filter(name__icontains=text)[:IN_STOCK_SHOWN])
    if named:
        return named, ""
    try:
        code = codes.parse(text)
    except ValidationError as refusal:
        return [], refusal.messages[0]
    return [row for row in rows if code.matches(row.registration_number)], ""


def _lot(request: HttpRequest, acting: Acting, uid: UUID) -> ShopPurchase:
    rows = ShopPurchase.objects.visible_to(request.user).filter(producer=acting.producer, uid=uid)
    row: ShopPurchase | None = rows.first()
    if row is None:
        raise Http404
    return row


def _lot_words(lot: ShopPurchase) -> dict[str, Any]:
    day = clock.today()
    details = " · ".join(filter(None, (lot.specification, lot.batch_number, lot.manufacturer)))
    return {
        "row": lot,
        "name": lot.name,
        "details": details,
        "line": f"{lot.name} · {details}" if details else lot.name,
        "amount": amount(lot),
        "left": f"{lot.left.normalize():f} {lot.unit}",
        "expired": lot.expires_on is not None and lot.expires_on < day,
        "party": lot.supplier,
        "way": "",
    }


def _sale_words(sale: ShopSale) -> dict[str, Any]:
    details = " · ".join(filter(None, (sale.lot.specification, sale.lot.batch_number)))
    return {
        "row": sale,
        "name": sale.lot.name,
        "details": details,
        "line": " · ".join(filter(None, (sale.lot.name, details))),
        "amount": f"{sale.quantity.normalize():f} {sale.lot.unit}",
        "party": buyer_of(sale),
        "way": "" if sale.way == ShopSaleWay.SALE else sale.get_way_display(),
    }


def buyer_of(sale: ShopSale) -> str:
    """Who bought, as a list may show it: natural persons masked."""
    if sale.buyer is not None:
        person = sale.buyer.nature == ProducerNature.NATURAL_PERSON
        return mask_name(sale.buyer.name) if person else sale.buyer.name
    return mask_name(str(sale.buyer_name))


def _sold(sale: ShopSale) -> str:
    if sale.purchase_id is None:
        return _("已登记销售。")
    return _("已登记销售，并记入“%(buyer)s”的购买记录。") % {"buyer": buyer_of(sale)}
