"""How machines enter the API."""

from .authentication import ApiKeyAuthentication
from .permissions import HasScope
from .schema import ApiKeyScheme

__all__ = ["ApiKeyAuthentication", "ApiKeyScheme", "HasScope"]
