"""A pair of engines: how it is closed to others, and that nothing ends it for good."""

import json
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psutil
import psycopg2
import pytest
import redis

from agricredit.foundation.embedded import REPOSITORY, EmbeddedError, Pair
from agricredit.settings import _database

from .conftest import kill, query

pytestmark = pytest.mark.engines


def test_postgresql_sorts_by_code_point_in_utf8_and_opens_no_port(pair):
    url = pair.addresses().admin
    [(encoding, collate, ctype)] = query(
        url,
        "SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database"
        " WHERE datname = current_database()",
    )
    assert (encoding, collate, ctype) == ("UTF8", "C.UTF-8", "C.UTF-8")
    assert query(url, "SHOW listen_addresses") == [("",)]
    assert psutil.Process(pair.postgres.process().pid).net_connections(kind="inet") == []


def test_valkey_opens_no_port(pair):
    with redis.from_url(pair.addresses().broker) as client:
        assert client.config_get("port") == {"port": "0"}
    assert psutil.Process(pair.valkey.process().pid).net_connections(kind="inet") == []


def test_sockets_lie_in_a_private_folder_of_the_engines_account(pair):
    state = pair.home.sockets.stat()
    assert (stat.S_IMODE(state.st_mode), state.st_uid) == (0o700, pair.home.account.uid)
    assert pair.home.account.uid != 0


def test_peer_access_refuses_a_role_that_is_not_ours(pair):
    query(pair.addresses().admin, "CREATE ROLE stranger LOGIN", write=True)
    with pytest.raises(psycopg2.OperationalError, match="Peer authentication failed"):
        query(pair.postgres.url("stranger"), "SELECT 1")


def test_application_role_cannot_make_tables_and_owner_can(pair):
    query(pair.addresses().owner, "CREATE TABLE fact (n int)", write=True)
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        query(pair.addresses().application, "CREATE TABLE other (n int)", write=True)
    assert query(
        pair.addresses().application, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
    ) == [(False,)]


def test_owner_may_make_the_throwaway_database_of_a_benchmark(pair):
    with closing(psycopg2.connect(pair.addresses().owner)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("CREATE DATABASE passing")
            cursor.execute("DROP DATABASE passing")
            cursor.execute("CHECKPOINT")
            cursor.execute("SELECT rolcreatedb, rolsuper FROM pg_roles WHERE rolname = current_user")
            assert cursor.fetchone() == (True, False)


def test_second_start_finds_the_same_processes(pair):
    before = pair.postgres.process(), pair.valkey.process()
    assert pair.start() == []
    assert (pair.postgres.process(), pair.valkey.process()) == before


def test_data_survive_sigkill_of_both(pair):
    query(pair.addresses().owner, "CREATE TABLE fact AS SELECT 42 AS n", write=True)
    with redis.from_url(pair.addresses().broker) as client:
        client.set("fact", "42")
        client.save()
    kill(pair.postgres)
    kill(pair.valkey)
    assert pair.start() == ["PostgreSQL", "Valkey"]
    assert query(pair.addresses().owner, "SELECT n FROM fact") == [(42,)]
    with redis.from_url(pair.addresses().broker) as client:
        assert client.get("fact") == b"42"


def test_stale_pid_files_whose_pid_another_process_has_now_stop_nothing(pair):
    kill(pair.postgres)
    innocent = pair.home.account.popen(["sleep", "300"], cwd=Path("/"), output=subprocess.DEVNULL)
    try:
        lock = pair.postgres.cluster / "postmaster.pid"
        lines = lock.read_text().splitlines()
        lock.write_text("\n".join([str(innocent.pid), *lines[1:]]) + "\n")
        socket_lock = pair.home.sockets / ".s.PGSQL.5432.lock"
        socket_lock.write_text("\n".join([str(innocent.pid), *lines[1:]]) + "\n")
        record = pair.home.record("postgres")
        record.write_text(json.dumps(json.loads(record.read_text()) | {"pid": innocent.pid}))
        assert pair.start() == ["PostgreSQL"]
        assert pair.stop() == ["Valkey", "PostgreSQL"]
        assert innocent.poll() is None
    finally:
        innocent.kill()
        innocent.wait()


@pytest.mark.parametrize("content", [None, "", "{", '{"pid": 1}', "[]"])
def test_lost_or_damaged_record_is_found_again_by_command_line(pair, content):
    before = pair.postgres.process()
    record = pair.home.record("postgres")
    record.unlink() if content is None else record.write_text(content)
    assert pair.start() == []
    assert pair.postgres.process() == before
    assert json.loads(record.read_text())["pid"] == before.pid


def test_server_whose_socket_was_swept_away_is_restarted(pair):
    before = pair.postgres.process()
    pair.postgres.socket.unlink()
    assert pair.start() == ["PostgreSQL"]
    assert pair.postgres.process() != before
    assert query(pair.addresses().application, "SELECT 1") == [(1,)]


def test_interrupted_initdb_leaves_nothing_behind(pair):
    pair.stop()
    half = pair.home.data / "postgres.new-abcd1234"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    (pair.postgres.cluster).rename(pair.home.root / "aside")
    assert pair.start() == ["PostgreSQL", "Valkey"]
    assert sorted(path.name for path in pair.home.data.glob("postgres*")) == ["postgres"]


def test_two_starts_at_once_start_each_engine_once(pair):
    pair.stop()
    program = (
        "import sys; from pathlib import Path\n"
        "from agricredit.foundation.embedded import Pair\n"
        "from agricredit.foundation.embedded.account import engine_account\n"
        "from agricredit.foundation.embedded.places import at\n"
        "print(Pair(at(Path(sys.argv[1]), engine_account()), durable=True).start())"
    )

    def start(_):
        command = [sys.executable, "-c", program, str(pair.home.root)]
        return subprocess.run(
            command, cwd=REPOSITORY, capture_output=True, text=True, check=True
        ).stdout.strip()

    with ThreadPoolExecutor(3) as pool:
        said = sorted(pool.map(start, range(3)))
    assert said == ["['PostgreSQL', 'Valkey']", "[]", "[]"]
    assert query(pair.addresses().application, "SELECT 1") == [(1,)]


def test_data_of_another_major_are_refused_with_the_way_out(pair):
    pair.stop()
    (pair.postgres.cluster / "PG_VERSION").write_text("17\n")
    with pytest.raises(EmbeddedError, match=r"made by PostgreSQL 17, .* brings 18.*manage\.py backup"):
        pair.start()


def test_failed_start_shows_the_end_of_the_log(pair):
    pair.stop()
    (pair.postgres.cluster / "global" / "pg_control").unlink()
    with pytest.raises(EmbeddedError, match=r"PostgreSQL did not start:[\s\S]*pg_control"):
        pair.start()


def test_settings_read_the_urls_back(pair):
    read = _database(pair.addresses().owner)
    assert (read["HOST"], read["USER"], read["NAME"]) == (
        str(pair.home.sockets),
        "agricredit_owner",
        "agricredit",
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user runs all other tests of this file already")
def test_ordinary_user_runs_them_as_oneself():
    """A child steps down to ``nobody``; what it needs is imported before: root's home is closed to it."""
    import pwd
    import tempfile

    nobody = pwd.getpwnam("nobody")
    folder = Path(tempfile.mkdtemp(prefix="agricredit-user-"))
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    child = os.fork()
    if child == 0:
        os._exit(_as_ordinary_user(folder, nobody.pw_uid, nobody.pw_gid))
    _, status = os.waitpid(child, 0)
    subprocess.run(["rm", "-rf", str(folder)], check=True)
    assert os.waitstatus_to_exitcode(status) == 0


def _as_ordinary_user(folder: Path, uid: int, gid: int) -> int:
    from agricredit.foundation.embedded.account import engine_account
    from agricredit.foundation.embedded.places import project_home

    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
    home = project_home(folder, engine_account())
    pair = Pair(home, durable=True)
    try:
        right = [
            pair.start() == ["PostgreSQL", "Valkey"],
            home.root == folder / ".run" / "engines",
            query(pair.addresses().application, "SELECT current_user") == [("agricredit_app",)],
            pair.start() == [],
        ]
    finally:
        stopped = pair.stop()
    return 0 if all(right) and stopped == ["Valkey", "PostgreSQL"] else 1
