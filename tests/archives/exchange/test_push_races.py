"""One call sent several times at the very same instant, with and without a key."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.management import call_command
from django.db import connection

from archives.models import Harvest
from tests.archives.exchange.test_push import HARVESTS, client_of, harvest, send
from tests.factories.archives import (
    MembershipFactory,
    PlotFactory,
    ProducerFactory,
    ProducerProductFactory,
    ProductFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def company():
    call_command("migrate", verbosity=0, interactive=False)  # the flush took the groups' permissions away
    producer = ProducerFactory(key="FARM")
    ProducerProductFactory(producer=producer, product=ProductFactory(code="010101", name="长豇豆"))
    PlotFactory(producer=producer, name="东地")
    return MembershipFactory(producer=producer).user


def at_once(user, times, key=""):
    """Send the same twenty harvests so often at one instant; the answers."""
    start = Barrier(times)
    items = [harvest(uid=f"ERP-{n}", batch=f"B{n}") for n in range(20)]

    def call(_turn):
        start.wait()
        try:
            return send(client_of(user), HARVESTS, *items, key=key)
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(call, range(times)))


@pytest.mark.parametrize(("key", "others"), [("", "unchanged"), ("one", "new")])
def test_four_calls_at_once_write_each_item_once_and_refuse_none(company, key, others):
    answers = at_once(company, 4, key)
    counts = sorted(tuple(answer.json()["counts"].items()) for answer in answers)
    assert all(answer.json()["counts"]["faulty"] == 0 for answer in answers), counts
    wrote = [answer for answer in answers if "Idempotent-Replayed" not in answer.headers]
    assert sum(answer.json()["counts"]["new"] for answer in wrote) == 20
    assert {answer.json()["counts"][others] for answer in answers} >= {20}
    assert Harvest.objects.count() == 20
