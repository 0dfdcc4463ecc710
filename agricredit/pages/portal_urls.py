"""All addresses under ``/my/``: the pages of several floors here, each floor's own after them."""

from django.urls import path

from agricredit.pages import offline, portal, score
from archives.portal.urls import urlpatterns as of_archives
from certificates.portal.urls import urlpatterns as of_certificates
from rating.portal.urls import urlpatterns as of_rating

app_name = "my"
urlpatterns = [
    path("", portal.home, name="home"),
    path("score/", portal.score, name="score"),
    path("score/next/", score.way_up, name="score-next"),
    path("score/compare/", score.compare, name="score-compare"),
    path("score/position/", score.position, name="score-position"),
    path("app/", offline.app, name="app"),
    path("app.webmanifest", offline.manifest, name="manifest"),
    path("worker.js", offline.worker, name="worker"),
    path("pack.json", offline.pack, name="pack"),
    path("sync/", offline.sync, name="sync"),
    path("sync/open/", offline.open_handed, name="sync-open"),
    path("sync/check/", offline.check, name="sync-check"),
    path("sync/photo/<slug:noun>/<uuid:uid>/", offline.photo, name="sync-photo"),
    *of_archives,
    *of_certificates,
    *of_rating,
]
