"""The embedded Valkey: broker and cache on a unix socket in a private folder, no port."""

from __future__ import annotations

import signal
import socket
from pathlib import Path
from urllib.parse import quote

from .engine import Engine


class Valkey(Engine):
    """Valkey; ``durable`` keeps a snapshot over a restart (job rows re-send what is lost anyway)."""

    key = "valkey"
    label = "Valkey"
    stopping = ((signal.SIGTERM, 20.0), (signal.SIGKILL, 10.0))

    @property
    def socket(self) -> Path:
        return self.home.sockets / "valkey.sock"

    def command(self) -> list[str]:
        command = [
            str(self.tools.valkey),
            "--port",
            "0",
            "--unixsocket",
            str(self.socket),
            "--unixsocketperm",
            "700",
        ]
        command += ["--dir", str(self.home.data), "--dbfilename", "valkey.rdb", "--daemonize", "no"]
        # Its title stays its command line: that is how a running one is recognised.
        command += ["--set-proc-title", "no", "--maxmemory-policy", "noeviction", "--loglevel", "warning"]
        return [*command, "--save", "60 1" if self.durable else ""]

    def url(self) -> str:
        """The URL of database 0."""
        return f"unix://{quote(str(self.socket))}?db=0"

    def prepare(self) -> None:
        self.socket.unlink(missing_ok=True)
        for leftover in self.home.data.glob("temp-*.rdb"):
            leftover.unlink()

    def answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(5.0)
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False
