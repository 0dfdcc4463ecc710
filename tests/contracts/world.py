"""Six villages, near and far, each with a row of every kind that a person might see and must not see.

Whatever names a producer of division CODE bears ``XPLACE<CODE>X``; whatever names a natural person bears
``XPERSON<CODE>X`` besides. A test that looks for these in an answer needs no knowledge of pages.
"""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass

from agricredit.foundation.accounts.models import User
from agricredit.foundation.accounts.roles import OWN, REGION_CODE_LENGTHS, Role
from agricredit.foundation.accounts.scopes import SCOPES
from agricredit.foundation.accounts.services.keys import issue_key
from agricredit.foundation.audit.services import record
from agricredit.foundation.common import clock
from archives.models import (
    ExternalId,
    HandedQueue,
    ImportFinding,
    PlatformRun,
    Producer,
    ProfileState,
    RegionChange,
    Seal,
    TownshipFigure,
)
from archives.services import sealing
from rating.models import (
    RatingRun,
    Reregistration,
)
from rating.services import rolls
from supervision.models import (
    EnforcementCertificate,
    FrequencyAssignment,
    GuidanceVisit,
    Inspection,
    Plan,
    Task,
    WatchReport,
)
from tests.contracts.archives_rows import archived, filed, reviewed, sells
from tests.contracts.places import DAY, FOREIGN, HOME, Place
from tests.contracts.rating_rows import rated, simulated
from tests.factories.accounts import UserFactory
from tests.factories.archives import (
    DuplicatePairFactory,
    IdleFindingFactory,
    ImportBatchFactory,
    MembershipFactory,
    ProducerFactory,
    RegionFactory,
)
from tests.factories.jobs import JobFactory
from tests.factories.rating import make_run


@dataclass
class World:
    """All places, the accounts that ask, and what is no place's own."""

    home: Place
    foreign: dict[str, Place]
    users: dict[str, User]
    keys: dict[str, str]
    run: RatingRun

    def outside(self, user: User) -> list[Place]:
        """Foreign places out of the account's reach, the nearest first."""
        role = Role(user.role)
        if role in REGION_CODE_LENGTHS:
            return [place for code, place in self.foreign.items() if not code.startswith(user.region_code)]
        return list(self.foreign.values())

    def sees_home(self, user: User) -> bool:
        """Whether anything of the home village is in reach."""
        return Role(user.role) in REGION_CODE_LENGTHS or Role(user.role) in {Role.PRODUCER, Role.HELPER}

    def forbidden(self, user: User | None) -> set[str]:
        """Markers that no private page may show the account."""
        if user is None:
            return {f"XPLACE{place.code}X" for place in (self.home, *self.foreign.values())}
        markers = {f"XPLACE{place.code}X" for place in self.outside(user)}
        if not self.sees_home(user):
            markers.add(f"XPLACE{self.home.code}X")
        if Role(user.role) in OWN:
            markers.add(f"XPERSON{self.home.code}X")
        return markers

    def persons(self) -> set[str]:
        """Markers that no public page may show anybody."""
        return {f"XPERSON{place.code}X" for place in (self.home, *self.foreign.values())}


def build() -> World:
    """Everything, in the caller's transaction."""
    run = make_run(region="4408", year=2025, state="effective", effective_on=datetime.date(2026, 3, 1))
    places = {code: _place(code, run) for code in (HOME, *FOREIGN)}
    home = places.pop(HOME)
    _freeze(run, sealing.seal())
    users = {role.value: UserFactory(role=role, username=f"asks-{role.value}") for role in Role}
    for role in (Role.PRODUCER, Role.HELPER):
        MembershipFactory(
            user=users[role], producer=home.org, role="owner" if role == Role.PRODUCER else "helper"
        )
    EnforcementCertificate.objects.create(
        user=users[Role.COUNTY_OFFICER],
        number="GDCOUNTY",
        authority="局",
        valid_until=datetime.date(2029, 1, 1),
    )
    keys = {}
    for role in (Role.AGENCY, Role.PRODUCER, Role.MARKET, Role.LABORATORY):
        _key, keys[role.value] = issue_key(
            name=f"key of {role}",
            user=users[role],
            scopes=list(SCOPES),
            expires_at=clock.now() + datetime.timedelta(days=30),
            region_code="440823" if role == Role.AGENCY else "",
        )
    return World(home, places, users, keys, run)


def _freeze(run: RatingRun, seal: Seal) -> None:
    """What an explanation reads: the roll and the seal of the run."""
    rows = rolls.select(region="", scheme_code=run.scheme.code, year=2024, day=run.window_end)
    run.roll_path, run.roll_sha256 = rolls.store(run.pk, rows)
    run.seal_size, run.seal_root = seal.size, bytes(seal.root).hex()
    run.save()


def _place(code: str, run: RatingRun) -> Place:
    RegionFactory(code=code)
    mark = f"XPLACE{code}X"
    org = ProducerFactory(
        name=f"合作社{mark}",
        key=f"K{mark}",
        region=code,
        contact_name=mark,
        address=mark,
        activities=["production", "input_sale"],
    )
    person = ProducerFactory(natural=True, name=f"XPERSON{code}X{mark}", key=f"N{mark}", region=code)
    officer = UserFactory(role=Role.VILLAGE_ASSISTANT, region_code=code)
    place = Place(code, org, person, officer)
    for producer in (org, person):
        archived(place, producer, producer.name)
        filed(place, producer, producer.name)
        rated(place, producer, run)
        _supervised(place, producer, producer.name)
    place.keep(DuplicatePairFactory(low=org, high=person))
    place.keep(simulated(run, code, mark))
    place.keep(_watched(code))
    place.keep(IdleFindingFactory(producer=org))
    place.keep(
        RegionChange.objects.create(
            kind="renumber", region_code=code, effective_on=DAY, basis=mark, drafted_at=clock.now()
        )
    )
    for producer in (org, person):
        sells(place, producer, producer.name)
    place.keep(
        Reregistration.objects.create(old=org, new=person, signs=["phone"], score=60, found_at=clock.now())
    )
    place.keep(ProfileState.objects.create(producer=org, completeness=80))
    place.keep(
        TownshipFigure.objects.create(region_code=code, name="producers", value=2, measured_at=clock.now())
    )
    reviewed(place, mark)
    batch = place.keep(ImportBatchFactory(filename=mark, region_code=code, asked_by=officer))
    place.keep(ImportFinding.objects.create(batch=batch, row=2, column="name", kind="fault", after=mark))
    handed = {"filename": mark, "asked_at": clock.now(), "finished_at": clock.now(), "region_code": code}
    place.keep(HandedQueue.objects.create(state="taken", made_by=officer, asked_by=officer, **handed))
    exchanged = {"platform": "province", "noun": "producers", "region_code": code}
    place.keep(
        PlatformRun.objects.create(direction="pull", message=mark, started_at=clock.now(), **exchanged)
    )
    place.keep(ExternalId.objects.create(ours=mark, theirs=mark, exchanged_at=clock.now(), **exchanged))
    place.keep(JobFactory(title=f"任务{mark}", region_code=code))
    record(verb="producer.confirmed", actor=officer, target=org, region_code=code)
    return place


def _watched(code: str) -> WatchReport:
    return WatchReport.objects.create(region_code=code, year=2025, asked_at=clock.now())


def _supervised(place: Place, producer: Producer, mark: str) -> None:
    place.keep(
        FrequencyAssignment.objects.create(
            producer=producer, year=2026, risk="general", visits=2, sampling=5, assigned_at=clock.now()
        )
    )
    plan, made = Plan.objects.get_or_create(
        region_code=place.code, year=2026, defaults={"made_at": clock.now()}
    )
    if made:
        place.keep(plan)
    for month, kind in ((10, "guidance"), (11, "inspection")):
        place.keep(
            Task.objects.create(
                plan=plan, producer=producer, kind=kind, month=month, due_on=datetime.date(2026, month, 30)
            )
        )
    place.keep(
        GuidanceVisit.objects.create(
            uid=uuid.uuid4(),
            producer=producer,
            visited_on=DAY,
            visitor=place.officer,
            observations=mark,
            entered_at=clock.now(),
        )
    )
    second = UserFactory(region_code=place.code)
    place.keep(
        EnforcementCertificate.objects.create(
            user=second, number=f"ZF{mark}"[:40], authority="局", valid_until=datetime.date(2029, 1, 1)
        )
    )
    place.keep(
        Inspection.objects.create(
            uid=uuid.uuid4(),
            producer=producer,
            inspected_on=DAY,
            officer=place.officer,
            officer_certificate="A",
            second_officer=second,
            second_certificate="B",
            authority="局",
            notice_number=mark[:60],
            result="pass",
            signature="signed",
            entered_at=clock.now(),
        )
    )
