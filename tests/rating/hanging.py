"""Included by a test's worker: it stops at one stage until the test lets go of a lock.

``HANG_AT`` names the stage: ``claimed`` (a shard is taken, nothing read), ``read`` (the ledger is read),
``commit`` (just before a shard's commit, the default), ``close`` (the partition is keyed and attached, the
run not yet computed), ``reissue`` (a new version is written, not yet committed).
"""

import os

from django.db import connection

from rating.services import measures, overlay, reading, shards

GATE = 20_241_231


def wait():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [GATE])


def stop(module, name, *, first):
    """Make ``module.name`` wait at the gate before (or after) it does its work."""
    work = getattr(module, name)

    def stopping(*arguments, **named):
        if first:
            wait()
            return work(*arguments, **named)
        done = work(*arguments, **named)
        wait()
        return done

    setattr(module, name, stopping)


STAGES = {
    "claimed": (shards, "_claim", False),
    "read": (reading, "read", False),
    "commit": (shards, "_commit_claim", True),
    "close": (measures, "join", True),
    "reissue": (overlay, "mark_lifted", True),
}
_module, _name, _first = STAGES[os.environ.get("HANG_AT", "commit")]
stop(_module, _name, first=_first)
