"""Rows of the archives in a place of the world: the file, records, shops, reviews."""

from __future__ import annotations

import datetime
import uuid

from django.core.files.base import ContentFile

from agricredit.foundation.accounts.roles import Role
from agricredit.foundation.common import clock
from archives.models import (
    Base,
    Delivery,
    Document,
    EventNote,
    Filing,
    GreenControl,
    Harvest,
    Honour,
    Identity,
    Licence,
    OfficialTest,
    PenaltyDecision,
    PestObservation,
    Pledge,
    Procedure,
    Producer,
    Profile,
    PublicCreditItem,
    ReviewSample,
    ReviewSetting,
    ReviewSubstitute,
    Sale,
    SelfTest,
    ShopSale,
    StaffMember,
    TrainingAttendance,
    TrainingSession,
)
from archives.services import ledger
from tests.contracts.places import DAY, Place
from tests.factories.accounts import UserFactory
from tests.factories.archives import (
    MembershipFactory,
    NoticeTextFactory,
    PlotFactory,
    ProducerProductFactory,
    ProductFactory,
)
from tests.factories.certificates import ForeignCertificateFactory, issued
from tests.factories.ledger import draft
from tests.factories.records import (
    HarmlessDisposalFactory,
    HarvestFactory,
    ImmunisationFactory,
    InputPurchaseFactory,
    InputUseFactory,
    PackagingReturnFactory,
    PackingFactory,
    ProductionBatchFactory,
    QueuedItemFactory,
    RecordPhotoFactory,
    RecordReviewFactory,
)
from tests.factories.shops import DealerLicenceFactory, ShopPurchaseFactory


def archived(place: Place, producer: Producer, mark: str) -> None:
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
    for document in (OfficialTest, PenaltyDecision, PublicCreditItem):
        said = {"kind": document.HEADS[0], "source": document.SOURCE, "facts": {"number": mark}}
        said |= {"outcome": "none", "value": 300} if document is PenaltyDecision else {}
        posted = ledger.post([draft(uid=f"{document.SOURCE}:{mark}", producer=producer, **said)])
        place.keep(document.objects.get(pk=posted.new[0]))


def filed(place: Place, producer: Producer, mark: str) -> None:
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


def sells(place: Place, producer: Producer, mark: str) -> None:
    """What an input shop keeps; ``org`` is one besides growing."""
    place.keep(DealerLicenceFactory(producer=producer, issuer=mark))
    lot = place.keep(ShopPurchaseFactory(producer=producer, supplier=mark))
    common = {"entered_at": clock.now(), "fingerprint": b"\0" * 32, "occurred_on": DAY}
    place.keep(
        ShopSale.objects.create(
            uid=uuid.uuid4(), producer=producer, lot=lot, quantity=1, buyer_name=mark, remark=mark, **common
        )
    )


def reviewed(place: Place, mark: str) -> None:
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
