"""How machines enter the API."""

from .authentication import ApiKeyAuthentication

__all__ = ["ApiKeyAuthentication"]
