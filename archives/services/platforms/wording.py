"""What people read where an exchange keeps short names: of nouns, and of the platforms themselves."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from archives.models import Direction
from archives.services.platforms.config import Platform, load
from archives.services.sheets import SHEETS

CERTIFICATES = _("承诺达标合格证")


def noun_title(noun: str, direction: str) -> str:
    """What a noun is called; certificates that go out are our own, those that come in are not."""
    own = noun not in SHEETS or (noun == "certificates" and direction == Direction.PUSH)
    return str(CERTIFICATES if own else SHEETS[noun].title)


def platform_title(platform: Platform) -> str:
    """The platform's title in the reader's language, as far as the configuration gives it."""
    english = (get_language() or "").startswith("en")
    return (platform.title_en if english else "") or platform.title


def platform_titles() -> Mapping[str, str]:
    """The titles by short name; none while the configuration cannot be read, which its page says."""
    try:
        return {name: platform_title(platform) for name, platform in load().items()}
    except ValidationError:
        return {}
