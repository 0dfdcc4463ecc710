"""The operators' commands: engines, backup and restore, the first administrator, doctor."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import connection

import manage
from agricredit.foundation import embedded
from agricredit.foundation.common import health, privileges
from agricredit.foundation.embedded import REPOSITORY, Throwaway
from agricredit.management import archive, diagnosis, supervisor

GOOD_PASSWORD = "Long-enough-42-北坡"


@pytest.fixture
def calls(monkeypatch):
    """Which of the two ways to the embedded engines was taken."""
    taken = []
    monkeypatch.setattr(embedded, "ensure", lambda: taken.append("ensure") or [])
    monkeypatch.setattr(embedded, "attach", lambda: taken.append("attach") or True)
    for key in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(key, raising=False)
    return taken


@pytest.mark.parametrize(
    ("words", "taken"),
    [
        (["migrate"], ["ensure"]),
        (["seed_demo", "--producers", "20"], ["ensure"]),
        (["doctor"], ["attach"]),
        (["down"], []),
        (["check"], []),
        (["makemigrations", "--check"], []),
        (["migrate", "--help"], []),
        (["help"], []),
        ([], []),
    ],
)
def test_engines_start_only_for_commands_that_need_them(calls, words, taken):
    manage.name_engines(["manage.py", *words])
    assert calls == taken


@pytest.mark.parametrize("key", ["DATABASE_URL", "REDIS_URL", "DATABASE_URL_FILE"])
def test_engines_never_start_beside_named_ones(calls, monkeypatch, key):
    monkeypatch.setenv(key, "anything")
    manage.name_engines(["manage.py", "migrate"])
    assert calls == []


def test_engine_fault_is_one_sentence_and_status_1(calls, monkeypatch, capsys):
    def refuse():
        raise embedded.EmbeddedError("No wheel for this machine.")

    monkeypatch.setattr(embedded, "ensure", refuse)
    assert manage.main(["manage.py", "migrate"]) == 1
    assert capsys.readouterr().err == "No wheel for this machine.\n"


def test_importing_settings_starts_no_engine():
    program = "import sys, agricredit.settings; sys.exit('agricredit.foundation.embedded' in sys.modules)"
    environment = {
        key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "REDIS_URL"}
    }
    assert (
        subprocess.run(
            [sys.executable, "-c", program], cwd=REPOSITORY, env=environment, check=False
        ).returncode
        == 0
    )


# --- backup and restore ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    """A whole installation of its own, migrated; each test keeps its files apart."""
    folder = tmp_path_factory.mktemp("installation")
    servers = Throwaway()
    environment = {
        **os.environ,
        "DATABASE_URL": servers.addresses.application,
        "DATABASE_OWNER_URL": servers.addresses.owner,
        "REDIS_URL": servers.addresses.broker,
        "AGRICREDIT_PRIVATE_ROOT": str(folder / "private"),
        "AGRICREDIT_ADMINISTRATOR_PASSWORD": GOOD_PASSWORD,
        "AGRICREDIT_LOG_FORMAT": "console",
    }

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", *words]
        return subprocess.run(
            command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False, timeout=600
        )

    try:
        migrated = run("migrate", "-v", "0")
        assert migrated.returncode == 0, migrated.stderr
        yield SimpleNamespace(run=run, servers=servers, private=folder / "private", folder=folder)
    finally:
        servers.remove()


def rows(url: str, query: str) -> list[tuple]:
    import psycopg2

    opened = psycopg2.connect(url)
    try:
        with opened.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()
    finally:
        opened.close()


@pytest.mark.engines
def test_backup_and_restore_bring_everything_back(installation):
    run, application = installation.run, installation.servers.addresses.application
    made = run("create_administrator", "--username", "root1", "--name", "李管理")
    assert "绑定动态码" in made.stdout, made.stderr
    (installation.private / "2026").mkdir(parents=True)
    (installation.private / "2026" / "photo.jpg").write_bytes(b"\xff\xd8 leaf")
    before = rows(application, "SELECT id, username, name, role, password FROM accounts_user")
    file = installation.folder / "day.tar"

    saved = run("backup", str(file))
    assert (saved.returncode, file.stat().st_mode & 0o777) == (0, 0o600), saved.stderr
    assert "1 个文件" in saved.stdout
    again = run("backup", str(file))
    assert (again.returncode, "已存在" in again.stderr) == (1, True)

    refused = run("restore", str(file))
    assert (refused.returncode, "数据库不是空的" in refused.stderr) == (1, True)

    rows_changed = run("create_administrator", "--username", "root2", "--name", "王", "--role", "audit_admin")
    assert rows_changed.returncode == 0, rows_changed.stderr
    (installation.private / "2026" / "photo.jpg").write_bytes(b"other")
    restored = run("restore", str(file), "--force")
    assert restored.returncode == 0, restored.stderr
    assert rows(application, "SELECT id, username, name, role, password FROM accounts_user") == before
    assert (installation.private / "2026" / "photo.jpg").read_bytes() == b"\xff\xd8 leaf"
    [aside] = installation.folder.glob("private.before-*")
    assert (aside / "2026" / "photo.jpg").read_bytes() == b"other"
    # The application's role has its rights again, and not one more than before.
    for table, right in (("accounts_user", True), ("audit_auditline", False)):
        assert rows(application, f"SELECT has_table_privilege('{table}', 'UPDATE')") == [(right,)]


@pytest.mark.engines
def test_restore_that_fails_changes_nothing(installation):
    run, application = installation.run, installation.servers.addresses.application
    file = installation.folder / "cut.tar"
    assert run("backup", str(file)).returncode == 0
    with tarfile.open(file) as tar:
        tar.extractall(installation.folder / "open", filter="data")
    dump = installation.folder / "open" / archive.DUMP
    dump.write_bytes(dump.read_bytes()[:2000])
    manifest = installation.folder / "open" / archive.MANIFEST
    document = json.loads(manifest.read_text())
    document["files"][archive.DUMP]["sha256"] = archive._sha256(dump)
    manifest.write_text(json.dumps(document))
    with tarfile.open(file, "w") as tar:
        for path in (dump, manifest):
            tar.add(path, path.name)
    before = rows(application, "SELECT count(*) FROM django_migrations")
    failed = run("restore", str(file), "--force")
    assert failed.returncode == 1
    assert rows(application, "SELECT count(*) FROM django_migrations") == before


@pytest.fixture
def packed(tmp_path):
    """A small backup's members on disk, and a way to pack them."""
    folder = tmp_path / "members"
    (folder / "private").mkdir(parents=True)
    (folder / archive.DUMP).write_bytes(b"PGDMP")
    (folder / "private" / "a.txt").write_bytes(b"a")
    names = [archive.DUMP, "private/a.txt"]
    files = {name: {"sha256": archive._sha256(folder / name), "size": 1} for name in names}
    (folder / archive.MANIFEST).write_text(archive.Manifest("2026-11-21", "18.0", files).text())

    def pack() -> Path:
        with tarfile.open(tmp_path / "b.tar", "w") as tar:
            tar.add(folder, "")
        return tmp_path / "b.tar"

    return SimpleNamespace(folder=folder, pack=pack)


def unpack(file: Path) -> None:
    with archive.opened(file):
        pytest.fail("a damaged backup was opened")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda folder: (folder / archive.DUMP).write_bytes(b"other"), "与清单不符：database.dump"),
        (lambda folder: (folder / "private" / "a.txt").unlink(), "与清单不符：private/a.txt"),
        (lambda folder: (folder / "private" / "b.txt").write_text("b"), "与清单不符：private/b.txt"),
        (lambda folder: (folder / archive.MANIFEST).unlink(), "没有可读的清单"),
        (lambda folder: (folder / archive.MANIFEST).write_text("{}"), "没有可读的清单"),
        (lambda folder: (folder / archive.MANIFEST).write_text('{"format": 9}'), "别的版本"),
    ],
)
def test_damaged_backup_is_refused(packed, damage, words):
    damage(packed.folder)
    with pytest.raises(archive.Unusable, match=words):
        unpack(packed.pack())


def test_file_that_is_no_backup_is_refused(tmp_path):
    (tmp_path / "x.tar").write_bytes(b"not a tar")
    with pytest.raises(archive.Unusable, match="不是完整的备份文件"):
        unpack(tmp_path / "x.tar")


def test_client_program_of_the_servers_major_is_preferred(monkeypatch):
    monkeypatch.setattr(archive, "_of_the_wheel", lambda name: "/wheel/pg_dump")
    monkeypatch.setattr("shutil.which", lambda name: "/usr/bin/pg_dump")
    monkeypatch.setattr(archive, "_major", lambda path: 18 if path.startswith("/wheel") else 15)
    assert archive.program("pg_dump", "15.14") == "/usr/bin/pg_dump"
    assert archive.program("pg_dump", "16.1") == "/wheel/pg_dump"
    with pytest.raises(archive.Unusable, match=r"没有适用于 PostgreSQL 19\.1 的 pg_dump"):
        archive.program("pg_dump", "19.1")


# --- the first administrator -------------------------------------------------------------------------------


@pytest.mark.django_db
def test_administrator_from_a_password_file(tmp_path):
    (tmp_path / "p").write_text(GOOD_PASSWORD + "\n")
    said = io.StringIO()
    call_command(
        "create_administrator", username="admin1", name="陈", password_file=tmp_path / "p", stdout=said
    )
    user = get_user_model().objects.get(username="admin1")
    assert (user.role, user.is_staff, user.check_password(GOOD_PASSWORD)) == ("system_admin", True, True)
    assert "绑定动态码" in said.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize("password", ["aB3-short", "12345678901"])
def test_weak_password_makes_no_administrator(tmp_path, password):
    (tmp_path / "p").write_text(password)
    with pytest.raises(CommandError, match=r"密码|password"):
        call_command("create_administrator", username="admin1", name="陈", password_file=tmp_path / "p")
    assert not get_user_model().objects.filter(username="admin1").exists()


@pytest.mark.django_db
def test_without_terminal_or_file_nothing_is_asked(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(CommandError, match="没有终端可以询问"):
        call_command("create_administrator", username="admin1", name="陈")


# --- roles -------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_application_role_reads_and_writes_but_never_rewrites_the_past():
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE reader_of_tests")
        assert privileges.grant(cursor, "reader_of_tests")
        for table in privileges.APPEND_ONLY:
            cursor.execute(
                "SELECT array(SELECT word"
                " FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS word"
                " WHERE has_table_privilege('reader_of_tests', %s, word))",
                [table],
            )
            assert cursor.fetchone()[0] == ["SELECT", "INSERT"], table
        cursor.execute("SELECT has_table_privilege('reader_of_tests', 'accounts_user', 'DELETE')")
        assert cursor.fetchone()[0]
        assert privileges.owned_by(cursor, "reader_of_tests") == 0


@pytest.mark.django_db
def test_grant_without_such_a_role_does_nothing():
    with connection.cursor() as cursor:
        assert not privileges.grant(cursor, "nobody_by_this_name")


# --- doctor, up --------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_doctor_says_a_sentence_for_each_check():
    findings = list(diagnosis.examine())
    text = "\n".join(finding.text for finding in findings)
    for words in ("PostgreSQL", "UTF8", "扩展", "迁移|结构", "时钟", "磁盘", "静态文件", "译文", "Chromium"):
        assert any(word in text for word in words.split("|")), words
    assert {finding.level for finding in findings} <= {"ok", "warn", "fail"}


@pytest.mark.django_db
def test_doctor_fails_on_pending_migrations(monkeypatch, capsys):
    monkeypatch.setattr(health, "pending", lambda: ["archives.0009_new"])
    with pytest.raises(SystemExit) as ended:
        call_command("doctor")
    assert ended.value.code == 1
    assert "有 1 个迁移尚未执行" in capsys.readouterr().out


def test_port_in_use_is_noticed():
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert not supervisor.port_is_free(taken.getsockname()[1])


def test_child_that_ends_is_started_again_and_given_up_when_it_cannot_live(tmp_path):
    child = supervisor.Child("shortlived", ["true"])
    stand = supervisor.Supervisor([child], folder=tmp_path, record=tmp_path / "children.json")
    stand.start()
    said = []
    for _round in range(supervisor.PATIENCE - 1):
        child.process.wait()
        stand.watch(said.append)
    child.process.wait()
    with pytest.raises(supervisor.GivenUp, match="shortlived"):
        stand.watch(said.append)
    assert said == ["shortlived"] * (supervisor.PATIENCE - 1)


def test_leftovers_of_a_killed_up_are_ended_and_strangers_are_not(tmp_path):
    record = tmp_path / "children.json"
    child = supervisor.Child("sleeper", ["sleep", "300"])
    supervisor.Supervisor([child], folder=tmp_path, record=record).start()
    stranger = subprocess.Popen(["sleep", "301"])
    saved = json.loads(record.read_text())
    record.write_text(json.dumps([*saved, {**saved[0], "pid": stranger.pid}]))
    try:
        assert supervisor.end_leftovers(record) == 1
        assert child.ended()
        assert stranger.poll() is None
        assert supervisor.end_leftovers(record) == 0
    finally:
        stranger.kill()
        stranger.wait()


def test_settings_name_no_engine_of_their_own():
    assert settings.DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql"
