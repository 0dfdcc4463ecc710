"""How long a session lasts, and what it must have gone through.

Staff: fifteen idle minutes, renewed at most once a minute so that reading a page is not a write. Producers:
thirty days (``SESSION_COOKIE_AGE``), so that the app on a phone stays open between harvests.
"""

import time
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest

from .models import User

STAFF_IDLE_SECONDS = 15 * 60
RENEW_AFTER_SECONDS = 60
SEEN = "staff_seen"
SECOND_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def renew_staff_session(request: HttpRequest) -> None:
    """Start the fifteen minutes again."""
    now = int(time.time())
    seen: Any = request.session.get(SEEN, 0)
    if now - int(seen) >= RENEW_AFTER_SECONDS:
        request.session[SEEN] = now
        request.session.set_expiry(STAFF_IDLE_SECONDS)


def next_step(request: HttpRequest, user: User) -> str | None:
    """The name of the page that staff must pass before working, or None when nothing is missing."""
    if user.must_change_password:
        return "account_change_password"
    if any(entry["method"] == "mfa" for entry in get_authentication_records(request, user)):
        return None
    return "mfa_reauthenticate" if is_mfa_enabled(user, SECOND_FACTORS) else "mfa_activate_totp"
