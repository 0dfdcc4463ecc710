"""Pages of 我的档案 beside its sections: products, signing the pledge, reading what was delivered."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from archives.models import Delivery, ProducerProduct
from archives.portal.acting import Acting, portal_page
from archives.portal.forms import done, sent, take
from archives.portal.register_forms import AreaForm, EndForm, NewProductForm, SignForm
from archives.services import holdings
from archives.services.register import texts


@portal_page
def products(request: HttpRequest, acting: Acting) -> HttpResponse:
    """What the producer grows."""
    rows = ProducerProduct.objects.filter(producer=acting.producer).select_related("product")
    context = {"acting": acting, "rows": rows.order_by("product__code")}
    return render(request, "portal/file/products.html", context)


@portal_page
@permission_required("archives.add_producerproduct", raise_exception=True)
def product_new(request: HttpRequest, acting: Acting) -> HttpResponse:
    """One more product."""
    form = NewProductForm(sent(request), acting.producer)
    if done(request, form, holdings.add_product, producer=acting.producer):
        messages.success(request, _("已增加，记一笔时就能选到。"))
        return redirect("my:file-products")
    context = {"acting": acting, "form": form, "heading": _("还种养什么？"), "button": _("保存")}
    return render(request, "portal/file/product.html", context)


@portal_page
@permission_required("archives.change_producerproduct", raise_exception=True)
def product_change(request: HttpRequest, acting: Acting, holding: int) -> HttpResponse:
    """The area on which it is grown."""
    row = _holding(acting, holding)
    form = AreaForm(sent(request), initial={"area_mu": row.area_mu})
    if done(request, form, holdings.change_product, holding=row):
        messages.success(request, _("已保存。"))
        return redirect("my:file-products")
    heading = _("%(product)s种养多少亩？") % {"product": row.product}
    context = {"acting": acting, "form": form, "heading": heading, "row": row, "button": _("保存")}
    return render(request, "portal/file/product.html", context)


@portal_page
@permission_required("archives.change_producerproduct", raise_exception=True)
def product_remove(request: HttpRequest, acting: Acting, holding: int) -> HttpResponse:
    """It is grown no longer."""
    row = _holding(acting, holding)
    form = EndForm(sent(request))
    if done(request, form, holdings.remove_product, holding=row):
        messages.success(request, _("已去掉，以前的记录都还在。"))
        return redirect("my:file-products")
    heading = _("不再种养%(product)s了？") % {"product": row.product}
    context = {"acting": acting, "form": form, "heading": heading, "button": _("不再种养")}
    return render(request, "portal/file/product.html", context)


@portal_page
@permission_required("archives.add_pledge", raise_exception=True)
def pledge(request: HttpRequest, acting: Acting) -> HttpResponse:
    """Read this year's pledge, promise, and write one's name."""
    text = texts.pledge_due(acting.producer)
    if text is None:
        messages.info(request, _("今年的承诺书已经签好了，或还没有发布。"))
        return redirect("my:file")
    form = SignForm(sent(request))
    if request.method == "POST" and form.is_valid():
        signed = take(
            form,
            lambda: texts.sign(producer=acting.producer, text=text, actor=request.user, **form.cleaned_data),
        )
        if signed:
            messages.success(request, _("承诺书已签好，存入档案。"))
            return redirect("my:file")
    return render(request, "portal/file/pledge.html", {"acting": acting, "text": text, "form": form})


@portal_page
def notice(request: HttpRequest, acting: Acting, delivery: int) -> HttpResponse:
    """Read what was delivered; a button says that it was read, which is the receipt."""
    rows = Delivery.objects.open().filter(producer=acting.producer).select_related("text")
    row = get_object_or_404(rows, pk=delivery)
    if request.method == "POST":
        texts.mark_read(delivery=row, actor=request.user)
        messages.success(request, _("已记下您读过了。"))
        return redirect("my:file")
    return render(request, "portal/file/notice.html", {"acting": acting, "row": row})


def _holding(acting: Acting, holding: int) -> ProducerProduct:
    rows = ProducerProduct.objects.filter(producer=acting.producer).select_related("product", "producer")
    found: ProducerProduct = get_object_or_404(rows, pk=holding)
    return found
