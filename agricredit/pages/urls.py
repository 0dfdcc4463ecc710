"""Addresses of the pages that show several floors; the proofs' come first, because keys may hold a slash."""

from django.urls import path

from agricredit.pages import preferences, public

urlpatterns = [
    path("", public.home, name="home"),
    path("search/", public.search, name="search"),
    path("rights/", public.rights, name="rights"),
    path("seals.json", public.seals, name="seals"),
    path("preferences/", preferences.set_preferences, name="preferences"),
    path("p/<path:key>/proof/<int:event>.json", public.proof_document, name="producer-proof-document"),
    path("p/<path:key>/proof/", public.proof, name="producer-proof"),
    path("p/<path:key>/", public.producer, name="producer"),
]
