"""A cache whose absence slows pages down and breaks none of them."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 1.0
REST_SECONDS = 5.0


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache; while the server is away every read is a miss and every write is dropped.

    After a failure the server is left alone for five seconds, so that a page with forty look-ups waits once.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        """Short time-outs and no retries, unless the settings say otherwise."""
        options = params.setdefault("OPTIONS", {})
        options.setdefault("socket_timeout", TIMEOUT_SECONDS)
        if not server.startswith("unix:"):
            options.setdefault("socket_connect_timeout", TIMEOUT_SECONDS)
        options.setdefault("retry", Retry(NoBackoff(), 0))
        super().__init__(server, params)
        self._resting_until = 0.0

    def _try(self, call: Callable[[], Any], otherwise: Any) -> Any:
        if time.monotonic() < self._resting_until:
            return otherwise
        try:
            return call()
        except (RedisError, OSError) as error:
            self._resting_until = time.monotonic() + REST_SECONDS
            logger.warning("cache unavailable, working without it", extra={"reason": type(error).__name__})
            return otherwise

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None) -> bool:
        """True while the server is away: the caller goes on as the first one."""
        return bool(
            self._try(lambda: super(ForgivingRedisCache, self).add(key, value, timeout, version), True)
        )

    def get(self, key: Any, default: Any = None, version: Any = None) -> Any:
        """The default while the server is away."""
        return self._try(lambda: super(ForgivingRedisCache, self).get(key, default, version), default)

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None) -> None:
        """Dropped while the server is away."""
        self._try(lambda: super(ForgivingRedisCache, self).set(key, value, timeout, version), None)

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None) -> bool:
        """False while the server is away."""
        return bool(self._try(lambda: super(ForgivingRedisCache, self).touch(key, timeout, version), False))

    def delete(self, key: Any, version: Any = None) -> bool:
        """False while the server is away."""
        return bool(self._try(lambda: super(ForgivingRedisCache, self).delete(key, version), False))

    def get_many(self, keys: Any, version: Any = None) -> dict[Any, Any]:
        """Nothing while the server is away."""
        found: dict[Any, Any] = self._try(
            lambda: super(ForgivingRedisCache, self).get_many(keys, version), {}
        )
        return found

    def has_key(self, key: Any, version: Any = None) -> bool:
        """False while the server is away."""
        return bool(self._try(lambda: super(ForgivingRedisCache, self).has_key(key, version), False))

    def incr(self, key: Any, delta: int = 1, version: Any = None) -> int:
        """The delta itself while the server is away; ValueError for a missing key, as ever."""
        return int(self._try(lambda: super(ForgivingRedisCache, self).incr(key, delta, version), delta))

    def set_many(self, data: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None) -> list[Any]:
        """Every key is reported as not stored while the server is away."""
        missed = list(data)
        stored: list[Any] = self._try(
            lambda: super(ForgivingRedisCache, self).set_many(data, timeout, version), missed
        )
        return stored

    def delete_many(self, keys: Any, version: Any = None) -> None:
        """Dropped while the server is away."""
        self._try(lambda: super(ForgivingRedisCache, self).delete_many(keys, version), None)

    def clear(self) -> None:
        """Forget what this cache keeps, and nothing while the server is away.

        Not as Django does it, by emptying the database: the broker's messages lie there too, and what other
        installations keep under prefixes of their own.
        """
        self._try(self._forget, None)

    def _forget(self) -> None:
        client = self._cache.get_client(write=True)
        for key in client.scan_iter(match=f"{self.key_prefix}:{self.version}:*", count=1000):
            client.delete(key)
