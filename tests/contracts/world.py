"""Six villages, near and far, each with a row of every kind that a person might see and must not see.

Whatever names a producer of division CODE bears ``XPLACE<CODE>X``; whatever names a natural person bears
``XPERSON<CODE>X`` besides. A test that looks for these in an answer needs no knowledge of pages.
"""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.core.files.base import ContentFile

from agricredit.foundation.accounts.models import User
from agricredit.foundation.accounts.roles import OWN, REGION_CODE_LENGTHS, Role
from agricredit.foundation.accounts.scopes import SCOPES
from agricredit.foundation.accounts.services.keys import issue_key
from agricredit.foundation.audit.services import record
from agricredit.foundation.common import clock
from archives.models import (
    Base,
    CreditEvent,
    Delivery,
    Document,
    EventNote,
    ExternalId,
    Filing,
    GreenControl,
    HandedQueue,
    Harvest,
    Honour,
    Identity,
    ImportFinding,
    Licence,
    PestObservation,
    PlatformRun,
    Pledge,
    Procedure,
    Producer,
    Profile,
    ProfileState,
    RegionChange,
    ReviewSample,
    ReviewSetting,
    ReviewSubstitute,
    Sale,
    Seal,
    SelfTest,
    ShopSale,
    StaffMember,
    TownshipFigure,
    TrainingAttendance,
    TrainingSession,
)
from archives.services import ledger, sealing
from rating.models import (
    Attachment,
    ConsequenceRow,
    ConsequenceTable,
    CreditCheckLog,
    Decision,
    DishonestyListing,
    Hearing,
    Interview,
    Objection,
    RatingRun,
    Repair,
    Reregistration,
    ScopeRule,
    ServiceReceipt,
    Simulation,
    Standing,
    WatchEntry,
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
from tests.factories.accounts import UserFactory
from tests.factories.archives import (
    DealerLicenceFactory,
    DuplicatePairFactory,
    HarmlessDisposalFactory,
    HarvestFactory,
    IdleFindingFactory,
    ImmunisationFactory,
    ImportBatchFactory,
    InputPurchaseFactory,
    InputUseFactory,
    MembershipFactory,
    NoticeTextFactory,
    PackagingReturnFactory,
    PackingFactory,
    PlotFactory,
    ProducerFactory,
    ProducerProductFactory,
    ProductFactory,
    ProductionBatchFactory,
    QueuedItemFactory,
    RecordPhotoFactory,
    RecordReviewFactory,
    RegionFactory,
    ShopPurchaseFactory,
)
from tests.factories.certificates import ForeignCertificateFactory, issued
from tests.factories.jobs import JobFactory
from tests.factories.ledger import draft
from tests.factories.rating import make_rating, make_run

HOME = "440823100201"
#: One village outside of each level of the home village's divisions: same town, county, city, province, none.
FOREIGN = ("440823100202", "440823101201", "440825100201", "440981100201", "450921100201")
DAY = datetime.date(2026, 10, 1)


@dataclass
class Place:
    """A village and its rows by model; ``org`` and ``person`` are its two producers."""

    code: str
    org: Producer
    person: Producer
    officer: User
    rows: dict[type, list[Any]] = field(default_factory=dict)

    def keep(self, row: Any) -> Any:
        """Remember a row under its model."""
        self.rows.setdefault(type(row), []).append(row)
        return row


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
        _archives(place, producer, producer.name)
        _filed(place, producer, producer.name)
        _rated(place, producer, run)
        _supervised(place, producer, producer.name)
    place.keep(DuplicatePairFactory(low=org, high=person))
    place.keep(_simulated(run, code, mark))
    place.keep(_watched(code))
    place.keep(IdleFindingFactory(producer=org))
    place.keep(
        RegionChange.objects.create(
            kind="renumber", region_code=code, effective_on=DAY, basis=mark, drafted_at=clock.now()
        )
    )
    for producer in (org, person):
        _sells(place, producer, producer.name)
    place.keep(
        Reregistration.objects.create(old=org, new=person, signs=["phone"], score=60, found_at=clock.now())
    )
    place.keep(ProfileState.objects.create(producer=org, completeness=80))
    place.keep(
        TownshipFigure.objects.create(region_code=code, name="producers", value=2, measured_at=clock.now())
    )
    _reviewed(place, mark)
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


def _sells(place: Place, producer: Producer, mark: str) -> None:
    """What an input shop keeps; ``org`` is one besides growing."""
    place.keep(DealerLicenceFactory(producer=producer, issuer=mark))
    lot = place.keep(ShopPurchaseFactory(producer=producer, supplier=mark))
    common = {"entered_at": clock.now(), "fingerprint": b"\0" * 32, "occurred_on": DAY}
    place.keep(
        ShopSale.objects.create(
            uid=uuid.uuid4(), producer=producer, lot=lot, quantity=1, buyer_name=mark, remark=mark, **common
        )
    )


def _reviewed(place: Place, mark: str) -> None:
    """A record put up for verification, and its township's sample, setting and substitute."""
    for harvest in place.rows[Harvest]:
        place.keep(RecordReviewFactory(row=harvest, answer=mark))
    day = {"first": DAY, "last": DAY, "drawn_at": clock.now()}
    share = {"percent": 5, "least": 1, "most": 2}
    place.keep(ReviewSample.objects.create(region_id=place.code, seed=mark[:32], **day, **share))
    place.keep(ReviewSetting.objects.create(region_id=place.code, **share))
    dates = {"valid_from": DAY, "valid_until": DAY}
    place.keep(
        ReviewSubstitute.objects.create(region_id=place.code, user=place.officer, reason=mark, **dates)
    )


def _watched(code: str) -> WatchReport:
    return WatchReport.objects.create(region_code=code, year=2025, asked_at=clock.now())


def _simulated(run: RatingRun, code: str, mark: str) -> Simulation:
    return Simulation.objects.create(
        run=run,
        region_code=code,
        title=mark,
        scheme_code="gd-r1",
        scheme_version="1",
        sha256="0" * 64,
        document={},
        asked_at=clock.now(),
    )


def _archives(place: Place, producer: Producer, mark: str) -> None:
    product = ProductFactory(code="MATRIX", name="长豇豆")
    place.keep(producer)
    place.keep(ProducerProductFactory(producer=producer, product=product))
    plot = place.keep(PlotFactory(producer=producer, name=f"地{mark}"))
    member = UserFactory(role=Role.PRODUCER, name=mark)
    place.keep(MembershipFactory(producer=producer, user=member))
    place.keep(InputPurchaseFactory(producer=producer, supplier=mark))
    place.keep(
        InputUseFactory(
            producer=producer,
            product=product,
            plot=plot,
            operator=mark[:40],
            occurred_on=datetime.date(2026, 5, 1),
        )
    )
    place.keep(ProductionBatchFactory(producer=producer, product=product, number=mark[:40], origin=mark))
    place.keep(ImmunisationFactory(producer=producer, product=product, operator=mark[:40]))
    place.keep(HarmlessDisposalFactory(producer=producer, product=product, handler=mark))
    place.keep(PackingFactory(producer=producer, product=product, place=mark[:80]))
    place.keep(PackagingReturnFactory(producer=producer, collection_point=mark))
    harvest = place.keep(HarvestFactory(producer=producer, product=product, batch=mark[:40]))
    common = {
        "producer": producer,
        "product": product,
        "occurred_on": DAY,
        "entered_at": clock.now(),
        "fingerprint": b"\0" * 32,
    }
    place.keep(PestObservation.objects.create(uid=uuid.uuid4(), pest=mark, **common))
    place.keep(SelfTest.objects.create(uid=uuid.uuid4(), method="rapid", passed=True, items=mark, **common))
    place.keep(
        Sale.objects.create(uid=uuid.uuid4(), buyer=mark, quantity=5, unit="公斤", harvest=harvest, **common)
    )
    place.keep(QueuedItemFactory(producer=producer, noun=mark[:32], sentence=mark))
    place.keep(RecordPhotoFactory(producer=producer, record=harvest.uid))
    place.keep(issued(producer=producer, harvest=harvest, actor=place.officer))
    place.keep(ForeignCertificateFactory(producer=producer, product=mark[:80], code=mark[:80]))
    posted = ledger.post(
        [draft(uid=f"E:{mark}", producer=producer, kind="sampling.tested", note=mark, source=mark)]
    )
    place.keep(type(producer)._meta.apps.get_model("archives.CreditEvent").objects.get(pk=posted.new[0]))
    place.keep(EventNote.objects.get(event_id=posted.new[0]))


def _filed(place: Place, producer: Producer, mark: str) -> None:
    """What is kept on a producer, an entry of every kind."""
    said = {"producer": producer}
    text = NoticeTextFactory()
    pledge = NoticeTextFactory(kind="pledge", title="承诺书")
    place.keep(Base.objects.create(name=mark, **said))
    place.keep(
        Identity.objects.create(kind="identity", number="1", number_hash="h", shown="1", holder=mark, **said)
    )
    place.keep(
        Licence.objects.create(
            kind="business", number=mark, number_key=mark, valid_until=datetime.date(2026, 12, 1), **said
        )
    )
    place.keep(StaffMember.objects.create(name=mark, duty="controller", from_on=DAY, **said))
    place.keep(
        Honour.objects.create(kind="brand", title=mark, level="city", issuer=mark, granted_on=DAY, **said)
    )
    place.keep(Filing.objects.create(kind="quality_system", title=mark, filed_on=DAY, **said))
    place.keep(Procedure.objects.create(title=mark, version="1", in_force_on=DAY, steps=mark, **said))
    place.keep(GreenControl.objects.create(measure="physical", begun_on=DAY, detail=mark, **said))
    place.keep(Pledge.objects.create(text=pledge, signed_on=DAY, signer=mark, **said))
    place.keep(Delivery.objects.create(text=text, delivered_on=DAY, way="hand", receiver=mark, **said))
    place.keep(
        Document.objects.create(
            title=mark, file=ContentFile(b"%PDF-1", "a.pdf"), content="pdf", size=6, sha256="0" * 64, **said
        )
    )
    place.keep(Profile.objects.create(share=50, missing=["phone"], missing_count=1, computed_on=DAY, **said))
    session = place.keep(
        TrainingSession.objects.create(
            title=mark, audience="producers", held_on=DAY, hours=2, organiser=mark, region_id=place.code
        )
    )
    place.keep(TrainingAttendance.objects.create(session=session, attendee=mark, hours=2, **said))


def _rated(place: Place, producer: Producer, run: RatingRun) -> None:
    place.keep(make_rating(run=run, producer=producer, status="pending", grade="C"))
    place.keep(
        Standing.objects.create(
            producer=producer,
            status="rated",
            official_grade="AA",
            official_score=8000,
            official_year=2025,
            official_run=run,
            official_version=1,
            since=datetime.date(2026, 3, 1),
        )
    )
    place.keep(
        Decision.objects.create(
            run=run,
            producer=producer,
            rating_version=1,
            ground="lowest",
            grade="C",
            reasons=producer.name,
            basis="依据",
            noticed_by=place.officer,
            noticed_on=DAY,
            notice_served_on=DAY,
            statement_until=DAY,
        )
    )
    _procedure(place, producer)
    _listed(place, producer)
    said = {"applied_by": place.officer, "applied_on": DAY, "accept_by": DAY}
    event = place.rows[CreditEvent][-1]
    place.keep(
        Repair.objects.create(
            producer=producer, event=event, tier="general", correction=producer.name, pledge="诺", **said
        )
    )
    place.keep(
        Objection.objects.create(
            producer=producer,
            run=run,
            rating_version=1,
            reasons=producer.name,
            filed_by=place.officer,
            filed_on=DAY,
            decide_by=DAY,
        )
    )
    if ScopeRule not in place.rows:
        place.keep(
            ScopeRule.objects.create(
                region_code=place.code,
                first_year=2025,
                kinds=["enterprise"],
                basis=f"XPLACE{place.code}X",
                set_on=DAY,
            )
        )


def _listed(place: Place, producer: Producer) -> None:
    """Lists, and the log of who asked."""
    mark, by = producer.name, place.officer
    place.keep(
        DishonestyListing.objects.create(
            producer=producer,
            list_name=mark,
            authority="市场监管局",
            basis="依据",
            document_number="1号",
            source="信用中国",
            listed_on=DAY,
            entered_by=by,
            entered_at=clock.now(),
        )
    )
    place.keep(
        WatchEntry.objects.create(
            producer=producer, reason=mark, basis="依据", proposed_by=by, proposed_on=DAY, review_by=DAY
        )
    )
    place.keep(
        CreditCheckLog.objects.create(
            producer=producer,
            asked_by=by,
            asked_at=clock.now(),
            purpose="subsidy",
            matter=mark,
            keep_until=DAY,
        )
    )
    table, made = ConsequenceTable.objects.get_or_create(
        version=1, defaults={"drafted_by": by, "drafted_on": DAY, "state": "in_force"}
    )
    if made:
        ConsequenceRow.objects.create(
            table=table, code="one", when="lowest", purposes=["subsidy"], consequence="核实"
        )


def _procedure(place: Place, producer: Producer) -> None:
    """The papers around a decision."""
    decision, mark = place.rows[Decision][-1], producer.name
    place.keep(
        ServiceReceipt.objects.create(
            decision=decision,
            document="notice",
            method="direct",
            served_on=DAY,
            recipient=mark,
            recorded_at=clock.now(),
        )
    )
    place.keep(
        Hearing.objects.create(decision=decision, request=mark, requested_by=place.officer, requested_on=DAY)
    )
    place.keep(
        Interview.objects.create(
            producer=producer,
            reason=mark,
            basis="依据",
            called_by=place.officer,
            called_on=DAY,
            scheduled_on=DAY,
            place="局",
        )
    )
    place.keep(
        Attachment.objects.create(
            producer=producer,
            decision=decision,
            purpose="statement",
            file=ContentFile(b"%PDF-1.4", name="paper.pdf"),
            name=f"{mark}.pdf",
            kind="pdf",
            size=8,
            sha256="0" * 64,
            uploaded_by=place.officer,
            uploaded_at=clock.now(),
        )
    )


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
