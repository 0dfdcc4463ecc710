"""All addresses under ``/my/``: the pages of several floors here, each floor's own after them."""

from django.urls import path

from agricredit.pages import portal
from archives.portal.urls import urlpatterns as of_archives
from certificates.portal.urls import urlpatterns as of_certificates
from rating.portal.urls import urlpatterns as of_rating

app_name = "my"
urlpatterns = [
    path("", portal.home, name="home"),
    path("score/", portal.score, name="score"),
    *of_archives,
    *of_certificates,
    *of_rating,
]
