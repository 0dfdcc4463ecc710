"""Three phones, a line that loses requests and answers, old parcels again: nothing lost or doubled."""

import copy
import random
import uuid

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archives.models import Harvest, PestObservation, QueuedItem
from tests.archives.offline.parcels import item, send

pytestmark = pytest.mark.django_db
PHONES = 3
steps = st.lists(
    st.tuples(
        st.sampled_from(["write", "write", "edit", "hand", "send", "send", "lose", "die", "replay"]),
        st.integers(0, PHONES - 1),
        st.integers(0, 5),
    ),
    min_size=4,
    max_size=24,
)


class Phone:
    """A queue as the scripts keep it: an item changes its state only after an answer."""

    def __init__(self, world):
        self.world = world
        self.waiting = []
        self.decisions = []
        self.last = []

    def write(self, noun):
        fresh = item(self.world.farm, noun, {"remark": uuid.uuid4().hex}, now=self.world.moment.now)
        self.world.stamp(fresh)
        self.waiting.append(fresh)

    def edit(self, at):
        """Changed before it was sent: the words before are the person's own to drop."""
        if self.waiting:
            changed = self.waiting[at % len(self.waiting)]
            self.world.dropped.add(changed["answers"]["remark"])
            changed["answers"] = {**changed["answers"], "remark": uuid.uuid4().hex}
            self.world.stamp(changed)

    def hand(self, other):
        """The queue as a file, taken in by another phone; what it has already stays."""
        known = {one["uid"] for one in (*other.waiting, *other.decisions)}
        other.waiting += [copy.deepcopy(one) for one in self.waiting if one["uid"] not in known]

    def send(self, arrives=True, answered=True):
        """A parcel in order; it may be lost on the way, or its answer may be (the phone dies)."""
        parcel = copy.deepcopy(self.waiting)
        self.last = parcel
        if not arrives or not parcel:
            return
        results = send(self.world.farm, parcel, now=self.world.moment.now)
        if answered:
            for one, result in zip(parcel, results, strict=True):
                assert result["status"] in ("sent", "conflict"), result
                self.waiting = [mine for mine in self.waiting if mine["uid"] != one["uid"]]
                if result["status"] == "conflict":
                    self.decisions.append({**one, "theirs": result["theirs"]})

    def replay(self):
        """An old parcel again, shuffled: a proxy, a second tab, a backup. Nobody hears the answer."""
        if self.last:
            shuffled = random.Random(len(self.last)).sample(self.last, len(self.last))
            send(self.world.farm, shuffled, now=self.world.moment.now)

    def decide(self, choice):
        """The person looks at a conflict: theirs, mine, or both."""
        one = self.decisions.pop()
        theirs = one.pop("theirs")
        if choice == 0:
            self.world.dropped.add(one["answers"]["remark"])
            return
        fresh = {**one, "uid": str(uuid.uuid4())}
        if choice == 1 and not theirs["reversed"]:
            self.world.taken_back.add(theirs["uid"])
            fresh["replaces"] = theirs["uid"]
        self.waiting.append(fresh)


class World:
    """The farm, its phones, and everything anybody ever wrote (each version bears a mark of its own)."""

    def __init__(self, farm, moment):
        self.farm, self.moment = farm, moment
        self.phones = [Phone(self) for _number in range(PHONES)]
        self.written, self.dropped, self.taken_back = set(), set(), set()

    def stamp(self, one):
        self.written.add(one["answers"]["remark"])

    def settle(self, choices):
        """Reception everywhere, until nothing waits and everything is decided."""
        for turn in range(40):
            for phone in self.phones:
                phone.send()
                while phone.decisions:
                    phone.decide(choices[turn % len(choices)] if turn < 20 else 0)
            if not any(phone.waiting or phone.decisions for phone in self.phones):
                return
        raise AssertionError("the phones never agree")


@given(steps=steps, choices=st.lists(st.integers(0, 2), min_size=1, max_size=5))
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_happens_all_phones_agree_and_every_word_is_accounted_for(farm, moment, steps, choices):
    with transaction.atomic():
        world = World(farm, moment)
        for step, number, other in steps:
            phone = world.phones[number]
            {
                "write": lambda phone=phone, other=other: phone.write("harvest" if other % 2 else "pest"),
                "edit": lambda phone=phone, other=other: phone.edit(other),
                "hand": lambda phone=phone, other=other: phone.hand(world.phones[other % PHONES]),
                "send": lambda phone=phone: phone.send(),
                "lose": lambda phone=phone: phone.send(arrives=False),
                "die": lambda phone=phone: phone.send(answered=False),
                "replay": lambda phone=phone: phone.replay(),
            }[step]()
        world.settle(choices)
        rows = [row for model in (Harvest, PestObservation) for row in model.objects.all()]
        active = [row.remark for row in rows if row.status == "active"]
        assert len(active) == len(set(active)), "doubled"
        reversed_uids = {str(row.uid) for row in rows if row.status == "reversed"}
        assert reversed_uids <= world.taken_back, "taken back without a decision"
        kept = {item.content["answers"]["remark"] for item in QueuedItem.objects.exclude(content=None)}
        known = {row.remark for row in rows} | kept
        assert world.written - world.dropped <= known, "lost"
        assert set(active) <= world.written, "invented"
        transaction.set_rollback(True)
