"""``Authorization: Api-Key prefix.secret``."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from agricredit.foundation.accounts.models import ApiKey, User

KEYWORD = "Api-Key"
#: How stale "last used" may be; a write a call would make every read a write.
LAST_USED_STEP = timedelta(minutes=10)


class ApiKeyAuthentication(BaseAuthentication):
    """Makes the key's account, narrowed to the key's division, the user; ``request.auth`` is the key."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        """None without such a header; the same refusal whatever is wrong with the key."""
        parts = get_authorization_header(request).decode("latin-1").split()
        if not parts or parts[0].lower() != KEYWORD.lower():
            return None
        prefix, _dot, secret = parts[-1].partition(".")
        key = ApiKey.objects.select_related("user").filter(prefix=prefix).first()
        if len(parts) != 2 or key is None or not key.matches(secret) or not key.is_usable:
            raise AuthenticationFailed(_("接口密钥无效、已吊销或已到期。"))
        _note_use(key)
        key.user.narrowed_to = key.region_code
        return key.user, key

    def authenticate_header(self, request: Request) -> str:
        """What a refusal asks for (so that it is a 401)."""
        return KEYWORD


def _note_use(key: ApiKey) -> None:
    now = timezone.now()
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - LAST_USED_STEP)
    if key.last_used_at is None or key.last_used_at < now - LAST_USED_STEP:
        ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)
