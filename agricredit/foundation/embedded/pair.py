"""Both engines of one instance, started and stopped together."""

from __future__ import annotations

from dataclasses import dataclass

from . import tools
from .locks import held
from .places import Home, system_shelf
from .postgres import APPLICATION, OWNER, SUPERUSER, Postgres
from .valkey import Valkey


@dataclass(frozen=True)
class Addresses:
    """How to reach an instance, as the environment's keys want it; ``admin`` is PostgreSQL's superuser."""

    application: str
    owner: str
    admin: str
    broker: str


class Pair:
    """PostgreSQL and Valkey in one home."""

    def __init__(self, home: Home, *, durable: bool) -> None:
        self.home = home
        programs = tools.installed()
        if home.account.foreign:
            programs = tools.copied(programs, system_shelf() / "programs")
        self.postgres = Postgres(home, programs, durable=durable)
        self.valkey = Valkey(home, programs, durable=durable)
        self._programs = programs

    def start(self) -> list[str]:
        """Bring up what is not running; return the names of what was started. Many may call this at once."""
        with held(self.home.lock, seconds=120, what="starting the engines"):
            self.home.make()
            if not self.running():
                tools.verify(self._programs)
            started = [engine.label for engine in (self.postgres, self.valkey) if engine.start()]
            self.postgres.provision()
        return started

    def stop(self) -> list[str]:
        """Stop both; return the names of what was running."""
        with held(self.home.lock, seconds=120, what="starting the engines"):
            return [engine.label for engine in (self.valkey, self.postgres) if engine.stop()]

    def running(self) -> bool:
        """True when both processes are there."""
        return self.postgres.process() is not None and self.valkey.process() is not None

    def addresses(self) -> Addresses:
        """The URLs, whether or not it runs."""
        return Addresses(
            application=self.postgres.url(APPLICATION),
            owner=self.postgres.url(OWNER),
            admin=self.postgres.url(SUPERUSER),
            broker=self.valkey.url(),
        )
