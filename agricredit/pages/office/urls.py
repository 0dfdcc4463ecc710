"""Pages of the back office that show several floors; they stand before the admin's own addresses."""

from django.contrib import admin
from django.urls import path

from agricredit.pages.office import register
from agricredit.pages.office.file import views

closed = admin.site.admin_view

urlpatterns = [
    path("register/", closed(register.overview), name="office-register"),
    path("producers/<int:producer_id>/", closed(views.producer_file), name="office-producer"),
    path("producers/<int:producer_id>/sheet.pdf", closed(views.producer_sheet), name="office-producer-sheet"),
    path(
        "producers/<int:producer_id>/<slug:section>/",
        closed(views.producer_section),
        name="office-producer-section",
    ),
]
