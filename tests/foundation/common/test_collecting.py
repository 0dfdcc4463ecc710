"""What is loaded once is no work for the collector."""

import gc

import pytest

from agricredit.foundation.common.collecting import spare_what_stays


@pytest.fixture
def thawed():
    yield
    gc.unfreeze()


def test_what_is_loaded_is_left_out_of_the_collectors_rounds(thawed):
    kept = {"a": []}
    spare_what_stays()
    assert gc.get_freeze_count() > 0
    assert not any(one is kept for one in gc.get_objects())
