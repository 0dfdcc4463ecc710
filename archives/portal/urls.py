"""Addresses under ``/my/`` of this floor; the roof mounts them in the namespace ``my``."""

from django.urls import path

from archives.portal import batches, entry, idle, photos, register, register_papers, reviews, shops, views

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
    path("records/batch/<uuid:uid>/end/", batches.end, name="record-batch-end"),
    path("records/batch/<uuid:uid>/procedure/", batches.procedure, name="record-batch-procedure"),
    path("shop/", shops.home, name="shop"),
    path("shop/buy/", shops.buy_in, name="shop-buy"),
    path("shop/ledger/", shops.ledger, name="shop-ledger"),
    path("shop/lots/<uuid:lot>/sell/", shops.sell, name="shop-sell"),
    path("shop/lots/<uuid:lot>/write-off/", shops.write_off, name="shop-write-off"),
    path("shop/lots/<uuid:lot>/reverse/", shops.reverse_lot, name="shop-lot-reverse"),
    path("shop/sales/<uuid:sale>/reverse/", shops.reverse_sale, name="shop-sale-reverse"),
    path("file/", register.overview, name="file"),
    path("file/confirm/", register.confirm, name="file-confirm"),
    path("file/products/", register_papers.products, name="file-products"),
    path("file/products/new/", register_papers.product_new, name="file-product-new"),
    path("file/products/<int:holding>/", register_papers.product_change, name="file-product"),
    path("file/products/<int:holding>/remove/", register_papers.product_remove, name="file-product-remove"),
    path("file/pledge/", register_papers.pledge, name="file-pledge"),
    path("file/idle/", idle.notice, name="file-idle"),
    path("file/notices/<int:delivery>/", register_papers.notice, name="file-notice"),
    path("file/documents/<uuid:document>/", register.document, name="file-document"),
    path("file/<slug:kept>/", register.section, name="file-section"),
    path("file/<slug:kept>/new/", register.new, name="file-new"),
    path("file/<slug:kept>/<int:entry>/", register.entry, name="file-entry"),
    path("file/<slug:kept>/<int:entry>/change/", register.change, name="file-change"),
    path("file/<slug:kept>/<int:entry>/end/", register.end, name="file-end"),
    path("file/<slug:kept>/<int:entry>/photo/", register.photo, name="file-photo"),
]
