"""The security administrator's pages, and the back office's entrance."""

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.models import Group

from .keys import ApiKeyAdmin
from .users import UserAdmin

__all__ = ["ApiKeyAdmin", "UserAdmin"]

# The entrance asks for the second factor and counts attempts; Django's own page does neither.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # the site is the package's

# Rights are data (permissions.yaml), and other people's secrets are nobody's page.
for model in (Group, EmailAddress, Authenticator):
    if admin.site.is_registered(model):
        admin.site.unregister(model)
