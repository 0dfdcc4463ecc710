"""The test-suite's own engines: gone at the end, or at the next start when their maker was killed."""

import os
import signal
import subprocess
import sys

import pytest

from agricredit.foundation.embedded import REPOSITORY, Throwaway, processes
from agricredit.foundation.embedded.account import engine_account
from agricredit.foundation.embedded.throwaway import sweep

from .conftest import query

pytestmark = pytest.mark.engines

MAKER = (
    "import sys, time\n"
    "from agricredit.foundation.embedded import Throwaway\n"
    "made = Throwaway()\n"
    "pids = made.pair.postgres.process().pid, made.pair.valkey.process().pid\n"
    "print(made.pair.home.root, *pids, flush=True)\n"
    "time.sleep(600)\n"
)


def test_removed_pair_leaves_no_process_and_no_file():
    made = Throwaway()
    pids = [made.pair.postgres.process().pid, made.pair.valkey.process().pid]
    made.remove()
    assert not made.pair.home.root.exists()
    assert all(processes.ended(pid) for pid in pids)
    made.remove()


def test_what_a_killed_run_left_is_swept_and_a_living_one_is_not():
    living = Throwaway()
    maker = subprocess.Popen([sys.executable, "-c", MAKER], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    try:
        root, *pids = maker.stdout.readline().split()
        os.kill(maker.pid, signal.SIGKILL)
        maker.wait()
        sweep(engine_account())
        assert not os.path.exists(root)
        assert all(processes.ended(int(pid)) for pid in pids)
        assert living.pair.postgres.answers()
        assert living.pair.valkey.answers()
    finally:
        maker.stdout.close()
        living.remove()


def test_throwaway_engines_trade_safety_for_speed():
    made = Throwaway()
    try:
        assert query(made.addresses.admin, "SHOW fsync") == [("off",)]
    finally:
        made.remove()
