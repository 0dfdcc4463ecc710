"""Which process is which: what is recorded of one that was started this instant, or has ended."""

import os
import signal
import subprocess

import pytest

from agricredit.foundation.embedded import processes

COMMAND = ["sleep", "300"]


@pytest.fixture
def sleeper():
    process = subprocess.Popen(COMMAND)
    yield process
    process.kill()
    process.wait()


def test_a_process_is_recorded_though_its_command_line_cannot_be_read_yet(sleeper, monkeypatch):
    answers = iter([[], [], COMMAND])
    monkeypatch.setattr(processes, "command_of", lambda _pid: next(answers))
    assert processes.observe(sleeper.pid).command == COMMAND


def test_waiting_for_a_command_line_has_an_end(sleeper, monkeypatch):
    monkeypatch.setattr(processes, "command_of", lambda _pid: [])
    monkeypatch.setattr(processes, "STARTING", 0.0)
    assert processes.observe(sleeper.pid) is None


def test_a_dead_child_has_no_record_and_keeps_its_exit_code_for_its_parent(dead):
    assert processes.observe(dead.pid) is None
    assert dead.wait() == -signal.SIGKILL


def test_ended_reaps_a_dead_child(sleeper):
    assert not processes.ended(sleeper.pid)
    kill(sleeper)
    assert processes.ended(sleeper.pid)
    with pytest.raises(ProcessLookupError):
        os.kill(sleeper.pid, 0)


@pytest.fixture
def dead(sleeper):
    kill(sleeper)
    return sleeper


def kill(process):
    """Kill it and wait until it is a zombie, which nobody has reaped."""
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
