"""Short messages through an adapter named by ``settings.SMS_BACKEND``.

An adapter is a class with ``send(phone, text)`` that raises :class:`SmsError` when the message was not
accepted.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import ClassVar, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from agricredit.foundation.common.masking import mask_phone

logger = logging.getLogger(__name__)


class SmsError(Exception):
    """The provider did not accept the message; the text says why and holds no personal data."""


class SmsAdapter(Protocol):
    """What a provider's adapter must offer."""

    def send(self, phone: str, text: str) -> None:
        """Hand one message over; SmsError when it was not accepted."""


class ConsoleSms:
    """Development: the message is written to the terminal. System checks refuse it outside debug."""

    def send(self, phone: str, text: str) -> None:
        """Write one line to standard error."""
        sys.stderr.write(f"[SMS → {phone}] {text}\n")
        sys.stderr.flush()


class RecordingSms:
    """Tests: messages are kept in ``RecordingSms.sent`` as (phone, text)."""

    sent: ClassVar[list[tuple[str, str]]] = []

    def send(self, phone: str, text: str) -> None:
        """Keep the message."""
        self.sent.append((phone, text))


def send(phone: str, text: str) -> None:
    """Send one message; SmsError is raised to the caller and logged without the number or the text."""
    adapter: SmsAdapter = import_string(settings.SMS_BACKEND)()
    try:
        adapter.send(phone, text)
    except SmsError as error:
        logger.warning("SMS not accepted", extra={"phone": mask_phone(phone), "reason": str(error)})
        raise


def send_all(messages: Iterable[tuple[str, str]]) -> int:
    """Send (phone, text) after each other; how many were accepted.

    For messages that repeat what a page says: one that is not accepted is logged and keeps no other back.
    """
    accepted = 0
    for phone, text in messages:
        with suppress(SmsError):
            send(phone, text)
            accepted += 1
    return accepted
