"""How machines enter the API.

Only what the settings name is imported here: REST framework reads them while it is itself half imported.
"""

from .authentication import ApiKeyAuthentication
from .permissions import HasScope

__all__ = ["ApiKeyAuthentication", "HasScope"]
