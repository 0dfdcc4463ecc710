"""docker-compose.yml without a Docker engine: its structure, then its very commands against real servers."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command, get_commands

from agricredit.environment import Environment
from agricredit.foundation.embedded import REPOSITORY, Throwaway, client
from agricredit.foundation.embedded.pair import Pair

FILE = REPOSITORY / "docker-compose.yml"
PATIENCE = 600  # seconds; costs nothing when things go well, and the machine may be busy
RUNNING = ("postgres", "valkey", "web", "worker", "beat")
GIVEN = {"AGRICREDIT_SMS_BACKEND": "agricredit.foundation.common.sms.ConsoleSms"}


def interpolated(text: str) -> str:
    """Compose's substitution: ``$$`` is a dollar, ``${KEY:-default}`` and ``${KEY:?why}`` are looked up."""

    def value(match: re.Match[str]) -> str:
        if match["dollar"]:
            return "$"
        return GIVEN.get(match["key"], match["default"] or "")

    return re.sub(r"(?P<dollar>\$\$)|\$\{(?P<key>\w+):[-?](?P<default>[^}]*)\}", value, text)


@pytest.fixture(scope="module")
def compose() -> dict:
    return yaml.safe_load(interpolated(FILE.read_text(encoding="utf-8")))


def test_every_needed_service_is_there(compose):
    assert set(compose["services"]) == {*RUNNING, "migrate"}


def test_images_are_pinned_to_a_major(compose):
    services = compose["services"]
    assert services["postgres"]["image"] == "postgres:18"
    assert re.fullmatch(r"valkey/valkey:\d+", services["valkey"]["image"])
    assert "FROM python:3.11-" in services["migrate"]["build"]["dockerfile_inline"]
    assert ":latest" not in FILE.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", RUNNING)
def test_what_keeps_running_has_a_health_check_and_restarts(compose, name):
    service = compose["services"][name]
    assert service["healthcheck"]["test"][0] == "CMD"
    assert service["restart"] == "unless-stopped"


def test_migrate_runs_once_before_the_others_and_after_the_database(compose):
    services = compose["services"]
    assert services["migrate"]["restart"] == "no"
    assert services["migrate"]["depends_on"]["postgres"]["condition"] == "service_healthy"
    for name in ("web", "worker", "beat"):
        assert services[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"


def test_database_sorts_by_code_point(compose):
    arguments = compose["services"]["postgres"]["environment"]["POSTGRES_INITDB_ARGS"].split()
    assert {"--locale=C.UTF-8", "--encoding=UTF8"} <= set(arguments)


def test_only_the_web_server_is_reachable_and_only_from_this_machine(compose):
    published = {
        name: service["ports"] for name, service in compose["services"].items() if "ports" in service
    }
    assert published == {"web": ["127.0.0.1:8000:8000"]}
    assert compose["networks"]["inside"] == {"internal": True}


def test_secrets_are_files_that_create_secrets_makes(compose, tmp_path):
    call_command("create_secrets", str(tmp_path), stdout=io.StringIO())
    named = {Path(secret["file"]).name for secret in compose["secrets"].values()}
    assert named == {path.name for path in tmp_path.iterdir()}
    before = {path.name: path.read_text() for path in tmp_path.iterdir()}
    call_command("create_secrets", str(tmp_path), stdout=io.StringIO())
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == before


def test_services_see_only_declared_secrets_and_only_migrate_sees_the_owner(compose):
    for name, service in compose["services"].items():
        assert set(service.get("secrets", [])) <= set(compose["secrets"])
        assert ("database_owner_url" in service.get("secrets", [])) == (name == "migrate")


@pytest.mark.parametrize("name", ["migrate", "web", "worker", "beat"])
def test_environment_names_only_keys_that_exist_and_no_secret_in_the_clear(compose, name):
    environment = compose["services"][name]["environment"]
    ours = {key.removesuffix("_FILE") for key in environment if key.startswith(("AGRICREDIT_", "DATABASE_"))}
    assert ours <= set(Environment.model_fields)
    for key, value in environment.items():
        if key.endswith("_FILE"):
            assert value.removeprefix("/run/secrets/") in compose["services"][name]["secrets"]


def test_management_commands_exist(compose):
    services = compose["services"].values()
    commands = [service.get("command", []) for service in services]
    commands += [service.get("healthcheck", {}).get("test", [])[1:] for service in services]
    named = {command[2] for command in commands if command[:2] == ["python", "manage.py"]}
    assert named == {"migrate", "beat_alive"}
    assert named <= set(get_commands())


# --- the same commands, natively ---------------------------------------------------------------------------


class Stack:
    """The services' commands as processes of this machine, with the servers' real addresses put in."""

    def __init__(self, compose: dict, folder: Path, servers: Pair) -> None:
        self.compose = compose
        self.folder = folder
        self.servers = servers
        self.port = free_port()
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._write_secrets()

    def _write_secrets(self) -> None:
        (self.folder / "secrets").mkdir()
        call_command("create_secrets", str(self.folder / "secrets"), stdout=io.StringIO())
        addresses = self.servers.addresses()
        (self.folder / "secrets" / "database_url").write_text(addresses.application)
        (self.folder / "secrets" / "database_owner_url").write_text(addresses.owner)

    def environment(self, name: str) -> dict[str, str]:
        """The service's own keys over a bare environment; only places and addresses are this machine's."""
        given = {key: str(value) for key, value in self.compose["services"][name]["environment"].items()}
        places = {"/run/secrets": self.folder / "secrets", "/data/private": self.folder / "private"}
        for written, here in places.items():
            given = {key: value.replace(written, str(here)) for key, value in given.items()}
        local = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(REPOSITORY),
            "HOME": str(self.folder),
            "REDIS_URL": self.servers.addresses().broker,
            "AGRICREDIT_KEY_PREFIX": "compose",
            "AGRICREDIT_STATIC_ROOT": str(self.folder / "static"),
        }
        if name == "web":
            local |= {"GRANIAN_HOST": "127.0.0.1", "GRANIAN_PORT": str(self.port)}
            local |= {"PROMETHEUS_MULTIPROC_DIR": str(self.folder / "metrics")}
        return {**given, **local}

    def run(self, name: str, command: list[str] | None = None) -> subprocess.CompletedProcess[str]:
        """Run a service's command to its end."""
        return subprocess.run(
            command or self.compose["services"][name]["command"],
            cwd=REPOSITORY,
            env=self.environment(name),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def start(self, name: str) -> None:
        """Leave a service's command running."""
        with open(self.folder / f"{name}.log", "wb") as log:
            self.processes[name] = subprocess.Popen(
                self.compose["services"][name]["command"],
                cwd=REPOSITORY,
                env=self.environment(name),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def said(self) -> str:
        """All logs, for a failure's message."""
        return "\n".join(f"== {path.name}\n{path.read_text()[-3000:]}" for path in self.folder.glob("*.log"))

    def stop(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def eventually(holds: Callable[[], bool], stack: Stack) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, stack.said()
        time.sleep(0.5)


@pytest.fixture(scope="module")
def stack(compose, tmp_path_factory) -> Iterator[Stack]:
    servers = Throwaway()
    made = Stack(compose, tmp_path_factory.mktemp("compose"), servers.pair)
    try:
        static = made.run("migrate", ["python", "manage.py", "collectstatic", "--no-input", "-v", "0"])
        assert static.returncode == 0, static.stderr
        migrated = made.run("migrate")
        assert migrated.returncode == 0, migrated.stdout + migrated.stderr
        for name in ("web", "worker", "beat"):
            made.start(name)
        yield made
    finally:
        made.stop()
        servers.remove()


def ask(stack: Stack, path: str, **headers: str) -> tuple[int, str]:
    question = urllib.request.Request(f"http://127.0.0.1:{stack.port}{path}", headers=headers)
    try:
        with urllib.request.urlopen(question, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


@pytest.mark.engines
def test_web_becomes_ready(stack):
    eventually(lambda: ask(stack, "/readyz")[0] == 200, stack)
    assert json.loads(ask(stack, "/readyz")[1]) == {"status": "ready", "reasons": []}
    check = stack.compose["services"]["web"]["healthcheck"]["test"][1:]
    natively = [part.replace(":8000", f":{stack.port}") for part in check]
    assert stack.run("web", natively).returncode == 0


@pytest.mark.engines
def test_pages_are_served_over_https_only(stack):
    eventually(lambda: ask(stack, "/readyz")[0] == 200, stack)
    status, _ = ask(stack, "/", **{"X-Forwarded-Proto": "https"})
    assert status == 200, stack.said()


@pytest.mark.engines
def test_worker_answers_ping(stack):
    check = stack.compose["services"]["worker"]["healthcheck"]["test"][1:]
    eventually(lambda: "pong" in stack.run("worker", check).stdout, stack)


@pytest.mark.engines
def test_application_connects_as_a_role_that_owns_nothing(stack):
    doctor = stack.run("web", ["python", "manage.py", "doctor"])
    assert "agricredit_app 不拥有任何对象" in doctor.stdout, doctor.stdout + doctor.stderr
    assert doctor.returncode == 0, doctor.stdout


@pytest.mark.engines
def test_role_script_makes_the_application_role(compose, tmp_path):
    """The script the postgres image runs at its first start, on a server that has no such role yet."""
    servers = Throwaway()
    try:
        admin = servers.addresses.admin
        psql = [str(client("psql")), admin, "--tuples-only", "--no-align", "--command"]
        subprocess.run([*psql, "DROP ROLE agricredit_app"], check=True, capture_output=True)
        (tmp_path / "app_password").write_text("it's secret")
        script = compose["configs"]["application_role"]["content"].replace("/run/secrets", str(tmp_path))
        environment = {
            "PATH": f"{client('psql').parent}{os.pathsep}{os.environ['PATH']}",
            "PGHOST": str(servers.pair.home.sockets),
            "POSTGRES_USER": "postgres",
            "POSTGRES_DB": "agricredit",
        }
        subprocess.run(
            ["sh", "-e"], input=script, env=environment, text=True, check=True, capture_output=True
        )
        known = "SELECT rolcanlogin, rolsuper FROM pg_roles WHERE rolname = 'agricredit_app'"
        said = subprocess.run([*psql, known], check=True, capture_output=True, text=True).stdout
        assert said.strip() == "t|f"
    finally:
        servers.remove()
