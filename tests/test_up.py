"""``manage.py up`` from a migrated database to a page, a killed worker, a second ``up``, and the end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from agricredit.foundation.embedded import REPOSITORY, Throwaway

from .test_compose import PATIENCE, free_port

pytestmark = pytest.mark.engines

# Its records go to a folder of the test: a developer's own `make run` in this working copy is left alone.
PROGRAM = """
import sys
from pathlib import Path
import django
django.setup()
from django.core.management import ManagementUtility
from agricredit.management.commands import down, up
up.RUN = down.RUN = Path(sys.argv[1])
ManagementUtility(["manage.py", *sys.argv[2:]]).execute()
"""


def wait_for(holds, what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.2)


@pytest.fixture
def launch(tmp_path):
    servers = Throwaway()
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "agricredit.settings",
        "DATABASE_URL": servers.addresses.application,
        "DATABASE_OWNER_URL": servers.addresses.owner,
        "REDIS_URL": servers.addresses.broker,
        "AGRICREDIT_LOG_FORMAT": "console",
    }

    def start(*words: str) -> subprocess.Popen[bytes]:
        with open(tmp_path / f"{words[0]}.log", "wb") as log:
            return subprocess.Popen(
                [sys.executable, "-c", PROGRAM, str(tmp_path), *words],
                cwd=REPOSITORY,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    yield start
    servers.remove()


def test_up_serves_heals_and_stops(launch, tmp_path):
    port = free_port()
    up = launch("up", "--no-demo", "--port", str(port))
    log = tmp_path / "up.log"
    try:
        wait_for(lambda: "按 Ctrl-C 停止" in log.read_text() or up.poll() is not None, "not ready")
        assert up.poll() is None, log.read_text()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=60) as answer:
            assert answer.status == 200

        before = json.loads((tmp_path / "children.json").read_text())
        os.kill(before[1]["pid"], signal.SIGKILL)
        wait_for(lambda: "“后台任务”意外停止" in log.read_text(), "worker not started again")
        wait_for(
            lambda: json.loads((tmp_path / "children.json").read_text())[1] != before[1], "no new record"
        )

        # A second one (its log is another file: the same name would truncate the first's).
        log.rename(tmp_path / "first.log")
        second = launch("up", "--no-demo", "--port", str(port))
        assert second.wait(PATIENCE) == 1
        assert "系统已在运行" in log.read_text()

        down = launch("down")
        assert down.wait(PATIENCE) == 0, (tmp_path / "down.log").read_text()
        assert up.wait(PATIENCE) == 0
        assert not (tmp_path / "children.json").exists()
    finally:
        if up.poll() is None:
            up.terminate()
            up.wait(PATIENCE)


def test_up_names_a_port_in_use(launch, tmp_path):

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        up = launch("up", "--no-demo", "--port", str(taken.getsockname()[1]))
        assert up.wait(PATIENCE) == 1
    assert "已被别的程序占用" in (tmp_path / "up.log").read_text()
