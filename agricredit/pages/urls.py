"""Addresses of the pages that show several floors; the proofs' come first, because keys may hold a slash."""

from django.urls import path, re_path

from agricredit.pages import certificate, preferences, public

urlpatterns = [
    path("", public.home, name="home"),
    path("search/", public.search, name="search"),
    path("rights/", public.rights, name="rights"),
    path("seals.json", public.seals, name="seals"),
    path("verify_log.py", public.verifier, name="verifier"),
    path("preferences/", preferences.set_preferences, name="preferences"),
    # QR codes hold the address in upper case, which packs denser.
    re_path(r"^[cC]/(?P<code>[0-9A-Za-z]{16})/?$", certificate.certificate, name="certificate"),
    re_path(
        r"^[cC]/(?P<code>[0-9A-Za-z]{16})/(?P<statement>[^/]{1,1000})/?$",
        certificate.certificate,
        name="certificate-scan",
    ),
    path(".well-known/certificate-keys.json", certificate.certificate_keys, name="certificate-keys"),
    path("p/<path:key>/proof/<int:event>.json", public.proof_document, name="producer-proof-document"),
    path("p/<path:key>/proof/", public.proof, name="producer-proof"),
    path("p/<path:key>/", public.producer, name="producer"),
]
