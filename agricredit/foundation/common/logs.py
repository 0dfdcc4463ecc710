"""Structured log lines: JSON for machines, readable for a console; no phone or identity number in either."""

from __future__ import annotations

import logging
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

Event = MutableMapping[str, Any]

# Numbers that identify a person: identity numbers (17 digits and a check character) and mobile numbers.
# Credit codes (18 characters too) are public, but one that is all digits cannot be told apart, so it goes.
_PERSONAL = re.compile(r"(?<![0-9A-Za-z])(?:\d{17}[\dXx]|1[3-9]\d{9})(?![0-9A-Za-z])")
_SECRET_KEYS = frozenset(
    {"password", "secret", "token", "cookie", "authorization", "phone", "identity_number", "name"}
)
REMOVED = "[removed]"


def without_personal_data(_logger: object, _method: str, event: Event) -> Event:
    """Blank values whose key says they are personal or secret, and such numbers inside any text."""
    for key, value in event.items():
        if key.startswith("_"):
            continue
        if key in _SECRET_KEYS:
            event[key] = REMOVED
        elif isinstance(value, str):
            event[key] = _PERSONAL.sub(REMOVED, value)
    return event


def _named(_logger: object, _method: str, event: Event) -> Event:
    """Say which logger spoke: ``logger`` beside ``level``, for lines of the standard library too."""
    record = event.get("_record")
    if record is not None:
        event["logger"] = record.name
    if event.get("logger") == "django.request":  # its text ends in the address, which may name a person
        event["event"] = str(event["event"]).partition(":")[0]
        event.pop("request", None)
        event.pop("message", None)
    return event


def formatter(style: str = "json") -> logging.Formatter:
    """Make the formatter of settings.LOGGING; ``style`` is ``json`` or ``console``."""
    chain: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: Any = structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    if style == "console":
        renderer = structlog.dev.ConsoleRenderer(colors=False)
    finish: list[Any] = [
        _named,
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        # As plain text before the blanking: a rendered traceback with locals would show what the text hides.
        structlog.processors.format_exc_info,
        without_personal_data,
        renderer,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *chain[:2],
            chain[3],
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=chain, processors=finish)
