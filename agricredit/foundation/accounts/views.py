"""The two steps that need more than allauth's views do."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from agricredit.foundation.audit.services import record

from .sessions import SECOND_FACTORS


class ActivateTotp(ActivateTOTPView):  # type: ignore[misc]  # allauth is untyped
    """Setting the second factor up is using it: the session has passed it."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Who has one already is shown it instead."""
        if request.user.is_authenticated and is_mfa_enabled(request.user, SECOND_FACTORS):
            return redirect("mfa_index")
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def form_valid(self, form: Any) -> HttpResponse:
        """Set it up, note it in the session and in the audit."""
        response: HttpResponse = super().form_valid(form)
        user: Any = self.request.user
        record_authentication(self.request, user, method="mfa", type=Authenticator.Type.TOTP.value)
        record(verb="account.second_factor_set", actor=user, target=user, region_code=user.region_code)
        return response


class GenerateRecoveryCodes(GenerateRecoveryCodesView):  # type: ignore[misc]  # allauth ships no types
    """New recovery codes leave an audit line."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Make them, then note it."""
        response: HttpResponse = super().form_valid(form)
        user: Any = self.request.user
        record(verb="account.recovery_codes_made", actor=user, target=user, region_code=user.region_code)
        return response
