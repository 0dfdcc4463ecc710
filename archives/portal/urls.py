"""Addresses under ``/my/`` of this floor; the roof mounts them in the namespace ``my``."""

from django.urls import path

from archives.portal import entry, photos, reviews, shops, views

urlpatterns = [
    path("choose/", views.choose, name="choose"),
    path("records/", views.records, name="records"),
    path("records/new/<slug:noun>/", entry.new, name="record-new"),
    path("records/<slug:noun>/<uuid:uid>/", views.detail, name="record"),
    path("records/<slug:noun>/<uuid:uid>/again/", views.again, name="record-again"),
    path("records/<slug:noun>/<uuid:uid>/reverse/", views.reverse, name="record-reverse"),
    path("records/<slug:noun>/<uuid:uid>/photo/", photos.add, name="record-photo"),
    path("photos/<uuid:uid>/", photos.show, name="photo"),
    path("records/<slug:noun>/<uuid:uid>/answer/", reviews.answer, name="record-answer"),
    path("records/self_test/<uuid:uid>/disposal/", views.dispose, name="record-disposal"),
    path("shop/", shops.home, name="shop"),
    path("shop/buy/", shops.buy_in, name="shop-buy"),
    path("shop/ledger/", shops.ledger, name="shop-ledger"),
    path("shop/lots/<uuid:lot>/sell/", shops.sell, name="shop-sell"),
    path("shop/lots/<uuid:lot>/write-off/", shops.write_off, name="shop-write-off"),
    path("shop/lots/<uuid:lot>/reverse/", shops.reverse_lot, name="shop-lot-reverse"),
    path("shop/sales/<uuid:sale>/reverse/", shops.reverse_sale, name="shop-sale-reverse"),
]
