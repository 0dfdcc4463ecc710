"""What a portal page hands to the app's scripts: as data, never as code (the policy allows no inline one)."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import json_script
from django.utils.safestring import SafeString

from agricredit.foundation.common.envelopes import public_key
from archives.portal.offline.words import words

register = template.Library()
ROLES = "archives.add_harvest"


@register.simple_tag(takes_context=True)
def offline_start(context: Any) -> SafeString | str:
    """The data for the scripts: the account and whom it acts for; the shell names nobody."""
    request = context.get("request")
    shell = bool(context.get("shell"))
    if request is None:
        return ""
    user = None
    if not shell:
        if not request.user.is_authenticated or not request.user.has_perm(ROLES):
            return ""
        user = {"id": request.user.pk, "name": request.user.name or request.user.get_username()}
    acting = context.get("acting")
    return json_script(
        {
            "context": {
                "shell": shell,
                "user": user,
                "producer": acting.producer.pk if acting is not None and not shell else None,
            },
            "urls": {
                "home": reverse("my:home"),
                "all": f"{reverse('my:records')}?kind=",
                "sell": f"{reverse('my:home')}certificates/",
                "pack": reverse("my:pack"),
                "sync": reverse("my:sync"),
                "check": reverse("my:sync-check"),
                "open": reverse("my:sync-open"),
                "photo": f"{reverse('my:sync')}photo/",
                "worker": reverse("my:worker"),
                "login": reverse("account_login"),
                "logout": reverse("account_logout"),
            },
            "words": words(),
            "envelope": public_key(),
        },
        "my-context",
    )
