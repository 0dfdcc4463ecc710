"""Two phones, or one phone twice, at the very same instant."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from archives.models import Harvest, QueuedItem
from tests.archives.offline.parcels import item, parcel
from tests.archives.portal.farm import make_farm

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ranch():
    call_command("migrate", verbosity=0, interactive=False)  # the flush took the groups' permissions away
    return make_farm()


def at_once(farm, moment, parcels):
    """Post the parcels at one instant; their statuses."""
    start = Barrier(len(parcels))
    clients = [Client() for _parcel in parcels]
    for client in clients:
        client.force_login(farm.user)

    def post(client, items):
        start.wait()
        try:
            body = json.dumps(parcel(farm, items, now=moment.now))
            return client.post("/my/sync/", body, content_type="application/json").json()["results"]
        finally:
            connection.close()

    with ThreadPoolExecutor(len(parcels)) as pool:
        return list(pool.map(post, clients, parcels))


def test_one_parcel_sent_four_times_at_once_is_recorded_once(ranch, moment):
    items = [item(ranch, "harvest", now=moment.now) for _more in range(3)]
    results = at_once(ranch, moment, [items] * 4)
    assert {one["status"] for result in results for one in result} == {"sent"}
    assert Harvest.objects.count() == 3
    assert QueuedItem.objects.count() == 3


def test_two_contents_of_one_uid_at_once_leave_one_record_and_one_decision(ranch, moment):
    mine = item(ranch, "harvest", now=moment.now)
    other = {**mine, "answers": {**mine["answers"], "quantity": "7"}}
    results = at_once(ranch, moment, [[mine], [other]])
    assert sorted(result[0]["status"] for result in results) == ["conflict", "sent"]
    assert Harvest.objects.count() == 1


def test_two_corrections_at_once_take_the_record_back_once(ranch, moment):
    first = item(ranch, "harvest", now=moment.now)
    at_once(ranch, moment, [[first]])
    mends = [
        item(ranch, "harvest", {"quantity": str(number)}, now=moment.now, replaces=first["uid"])
        for number in (5, 6)
    ]
    results = at_once(ranch, moment, [[mend] for mend in mends])
    assert sorted(result[0]["status"] for result in results) == ["conflict", "sent"]
    assert Harvest.objects.active().count() == 1
    assert Harvest.objects.count() == 2
