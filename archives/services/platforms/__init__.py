"""Two-way exchange with provincial and national platforms: nothing is typed twice.

A mapping is configuration (``config``): their fields and words beside ours. What comes in goes through the
sheets and so through the same checks and services as a file; what goes out is what a sheet exports.
"""

from archives.services.platforms.client import PlatformRefused, PlatformUnavailable
from archives.services.platforms.config import load
from archives.services.platforms.exchange import JOB, exchange, request
from archives.services.platforms.wording import noun_title, platform_title, platform_titles

__all__ = [
    "JOB",
    "PlatformRefused",
    "PlatformUnavailable",
    "exchange",
    "load",
    "noun_title",
    "platform_title",
    "platform_titles",
    "request",
]
