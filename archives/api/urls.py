"""Addresses under ``/api/v1/``."""

from django.urls import path

from archives.api import bulk, inputs, register, shops, views

urlpatterns = [
    path("regions/", views.RegionList.as_view(), name="api-regions"),
    path("products/", views.ProductList.as_view(), name="api-products"),
    path("inputs/", inputs.InputList.as_view(), name="api-inputs"),
    path("substances/", inputs.SubstanceList.as_view(), name="api-substances"),
    path("producers/", views.ProducerList.as_view(), name="api-producers"),
    path("producers/<path:key>/", views.ProducerDetail.as_view(), name="api-producer"),
    *(
        path(f"register/{name}/", register.view_of(noun), name=f"api-register-{name}")
        for name, noun in register.NOUNS.items()
    ),
    path("shops/purchases/", shops.ShopPurchaseList.as_view(), name="api-shop-purchases"),
    path("shops/sales/", shops.ShopSaleList.as_view(), name="api-shop-sales"),
    *(path(f"bulk/{name}/", view, name=f"api-bulk-{name}") for name, view in bulk.VIEWS.items()),
    path("events/", views.EventList.as_view(), name="api-events"),
    *(
        path(f"records/{name}/", views.list_view(noun), name=f"api-{name}")
        for name, noun in views.NOUNS.items()
    ),
    *(
        path(f"records/{name}/<uuid:uid>/reverse/", views.reversal_view(noun), name=f"api-{name}-reverse")
        for name, noun in views.NOUNS.items()
    ),
]
