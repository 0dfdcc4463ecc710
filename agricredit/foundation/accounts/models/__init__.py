"""People and machine clients that may enter."""

from .apikey import ApiKey
from .user import User

__all__ = ["ApiKey", "User"]
