"""Production records as they stand after entry, their reviews, photos and queue."""

import datetime
import uuid

import factory

from archives.models import (
    HarmlessDisposal,
    Harvest,
    Immunisation,
    InputKind,
    InputPurchase,
    InputUse,
    PackagingReturn,
    Packing,
    ProductionBatch,
    QueuedItem,
    RecordPhoto,
    RecordReview,
)
from tests.factories.archives import ProducerFactory, ProductFactory


class RecordFactory(factory.django.DjangoModelFactory):
    """A row as it stands after entry, without its events: for those go through the services."""

    class Meta:
        abstract = True

    uid = factory.LazyFunction(uuid.uuid4)
    producer = factory.SubFactory(ProducerFactory)
    occurred_on = datetime.date(2026, 10, 1)
    entered_at = datetime.datetime(2026, 10, 1, 12, tzinfo=datetime.UTC)
    fingerprint = b"\0" * 32


class InputPurchaseFactory(RecordFactory):
    """Ten bottles of abamectin."""

    class Meta:
        model = InputPurchase

    kind = InputKind.PESTICIDE
    name = "阿维菌素"
    quantity = 10
    unit = "瓶"


class InputUseFactory(RecordFactory):
    """One use of abamectin with an interval of seven days."""

    class Meta:
        model = InputUse

    kind = InputKind.PESTICIDE
    name = "阿维菌素"
    product = factory.SubFactory(ProductFactory)
    quantity = 1
    unit = "瓶"
    interval_days = 7
    stopped_on = factory.LazyAttribute(lambda use: use.occurred_on)
    harvest_from = factory.LazyAttribute(
        lambda use: use.stopped_on + datetime.timedelta(days=use.interval_days)
    )


class HarvestFactory(RecordFactory):
    """A hundred kilograms."""

    class Meta:
        model = Harvest

    product = factory.SubFactory(ProductFactory)
    batch = factory.Sequence(lambda n: f"B{n:05d}")
    quantity = 100
    unit = "公斤"


class ProductionBatchFactory(RecordFactory):
    """A batch begun in September and running."""

    class Meta:
        model = ProductionBatch

    product = factory.SubFactory(ProductFactory)
    number = factory.Sequence(lambda n: f"P{n:05d}")
    occurred_on = datetime.date(2026, 9, 1)


class ImmunisationFactory(RecordFactory):
    """Ten animals."""

    class Meta:
        model = Immunisation

    product = factory.SubFactory(ProductFactory)
    disease = "口蹄疫"
    vaccine = "口蹄疫灭活疫苗"
    quantity = 10
    unit = "头"


class HarmlessDisposalFactory(RecordFactory):
    """One animal that died."""

    class Meta:
        model = HarmlessDisposal

    product = factory.SubFactory(ProductFactory)
    cause = "died"
    method = "buried"
    quantity = 1
    unit = "头"


class PackingFactory(RecordFactory):
    """A hundred kilograms packed."""

    class Meta:
        model = Packing

    product = factory.SubFactory(ProductFactory)
    work = "packed"
    quantity = 100
    unit = "公斤"


class PackagingReturnFactory(RecordFactory):
    """Twelve empty bottles."""

    class Meta:
        model = PackagingReturn

    pieces = 12
    collection_point = "村回收点"


class RecordReviewFactory(factory.django.DjangoModelFactory):
    """A harvest entered ten days late, waiting for an officer; ``row`` gives the record itself."""

    class Meta:
        model = RecordReview
        exclude = ("row",)

    row = factory.SubFactory(HarvestFactory)
    noun = "harvest"
    uid = factory.LazyAttribute(lambda review: review.row.uid)
    producer = factory.LazyAttribute(lambda review: review.row.producer)
    occurred_on = factory.LazyAttribute(lambda review: review.row.occurred_on)
    entered_at = factory.LazyAttribute(lambda review: review.row.entered_at)
    flags = factory.LazyFunction(lambda: ["late"])
    notes = factory.LazyFunction(lambda: {"late": "发生后10天才录入"})
    put_up_at = datetime.datetime(2026, 10, 2, tzinfo=datetime.UTC)


class RecordPhotoFactory(factory.django.DjangoModelFactory):
    """A picture of one black point."""

    class Meta:
        model = RecordPhoto

    uid = factory.LazyFunction(uuid.uuid4)
    producer = factory.SubFactory(ProducerFactory)
    record = factory.LazyFunction(uuid.uuid4)
    file = factory.django.FileField(filename="photo.jpg", data=b"\xff\xd8\xff\xe0")
    sha256 = b"\0" * 32
    added_at = datetime.datetime(2026, 10, 1, 12, tzinfo=datetime.UTC)


class QueuedItemFactory(factory.django.DjangoModelFactory):
    """A harvest that came from a phone and was taken."""

    class Meta:
        model = QueuedItem

    uid = factory.LazyFunction(uuid.uuid4)
    producer = factory.SubFactory(ProducerFactory)
    noun = "harvest"
    digest = b"\0" * 32
    outcome = "sent"
    device = factory.LazyFunction(uuid.uuid4)
    made_at = datetime.datetime(2026, 10, 1, 12, tzinfo=datetime.UTC)
    skew_seconds = 0
    received_at = datetime.datetime(2026, 10, 1, 12, tzinfo=datetime.UTC)
