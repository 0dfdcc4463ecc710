"""The cache may vanish: nothing fails."""

import pytest
import redis
from django.core.cache import cache

from agricredit.foundation.common import cache as room
from agricredit.foundation.common.cache import ForgivingRedisCache


@pytest.fixture
def away():
    return ForgivingRedisCache("unix:///nowhere/v.sock", {})


def test_with_the_server_there_it_is_a_cache():
    cache.set("k", {"名": 1}, 60)
    assert cache.get("k") == {"名": 1}
    assert cache.has_key("k")
    assert cache.touch("k", 60)
    assert not cache.add("k", 2)
    cache.set_many({"a": 1, "b": 2})
    assert cache.get_many(["a", "b", "c"]) == {"a": 1, "b": 2}
    assert cache.incr("a", 4) == 5
    with pytest.raises(ValueError, match="not found"):
        cache.incr("none")
    cache.delete_many(["a", "b"])
    assert cache.delete("k")
    assert cache.get("k", "gone") == "gone"


def test_clearing_it_leaves_the_brokers_messages_and_other_installations_alone(settings):
    here = settings.CACHES["default"]
    there = ForgivingRedisCache(here["LOCATION"], {"KEY_PREFIX": f"{here['KEY_PREFIX']}-neighbour"})
    message = f"{here['KEY_PREFIX']}:tests.queue"
    with redis.from_url(here["LOCATION"]) as broker:
        broker.rpush(message, "a job")
        there.set("k", 1)
        cache.set("k", 1)
        cache.clear()
        assert cache.get("k") is None
        assert there.get("k") == 1
        assert broker.lrange(message, 0, -1) == [b"a job"]
        there.clear()
        assert there.get("k") is None
        broker.delete(message)


def test_without_the_server_every_read_is_a_miss(away):
    away.set("k", 1)
    assert away.get("k", "default") == "default"
    assert away.get_many(["k"]) == {}
    assert away.has_key("k") is False
    assert away.touch("k") is False
    assert away.delete("k") is False
    assert away.add("k", 1) is True
    assert away.incr("k", 3) == 3
    assert away.set_many({"a": 1}) == ["a"]
    assert away.delete_many(["a"]) is None
    assert away.clear() is None
    assert away.get_or_set("k", lambda: 7) == 7


def test_a_server_that_is_away_is_asked_once_and_then_left_alone(away, monkeypatch, caplog):
    moment = [1000.0]
    monkeypatch.setattr(room.time, "monotonic", lambda: moment[0])
    for _turn in range(40):
        away.get("k")
    assert len(caplog.records) == 1
    moment[0] += room.REST_SECONDS
    away.get("k")
    assert len(caplog.records) == 2
