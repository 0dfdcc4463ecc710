"""Divisions, producers and what is on file about them, all plainly made up."""

import datetime

import factory

from agricredit.foundation.common.codes import make_credit_code
from agricredit.foundation.common.grams import fold, grams, initials
from archives.models import (
    DuplicatePair,
    IdleFinding,
    ImportBatch,
    Licence,
    Membership,
    MembershipRole,
    NoticeText,
    Plot,
    Procedure,
    Producer,
    ProducerKind,
    ProducerNature,
    ProducerProduct,
    Product,
    Region,
    number_key,
)
from archives.models.regions import LEVEL_OF_LENGTH
from tests.factories.accounts import UserFactory

NAMES = {
    "44": "广东省",
    "4408": "湛江市",
    "440823": "遂溪县",
    "440823100": "遂城镇",
    "440823100201": "西溪村",
    "440825": "徐闻县",
    "440802": "赤坎区",
    "440881": "廉江市",
}


class RegionFactory(factory.django.DjangoModelFactory):
    """遂溪县 unless another code is given; the divisions above it are made with it."""

    class Meta:
        model = Region
        django_get_or_create = ("code",)

    code = "440823"
    name = factory.LazyAttribute(lambda region: NAMES.get(region.code, f"区划{region.code}"))
    level = factory.LazyAttribute(lambda region: LEVEL_OF_LENGTH[len(region.code)])

    @factory.lazy_attribute
    def parent(self):
        lengths = [length for length in LEVEL_OF_LENGTH if length < len(self.code)]
        return RegionFactory(code=self.code[: lengths[-1]]) if lengths else None

    @factory.lazy_attribute
    def full_name(self):
        return (self.parent.full_name if self.parent else "") + self.name


class ProducerFactory(factory.django.DjangoModelFactory):
    """An active cooperative of 遂溪县 registered in 2020; ``region="440825"`` puts it elsewhere."""

    class Meta:
        model = Producer

    key = factory.Sequence(lambda n: f"T-{n:06d}")
    name = factory.Sequence(lambda n: f"测试蔬菜合作社{n}")
    name_folded = factory.LazyAttribute(lambda producer: fold(producer.name))
    name_grams = factory.LazyAttribute(lambda producer: grams(producer.name))
    initials = factory.LazyAttribute(lambda producer: initials(producer.name))
    kind = ProducerKind.COOPERATIVE
    nature = ProducerNature.LEGAL_PERSON
    sectors = factory.LazyFunction(lambda: ["crops"])
    region = factory.SubFactory(RegionFactory)
    credit_code = factory.Sequence(lambda n: make_credit_code(f"93440823{n:08d}"))
    registered_on = datetime.date(2020, 1, 1)

    @classmethod
    def _create(cls, model_class, *args, **fields):
        if isinstance(fields.get("region"), str):
            fields["region"] = RegionFactory(code=fields["region"])
        return super()._create(model_class, *args, **fields)

    class Params:
        natural = factory.Trait(
            kind=ProducerKind.SMALLHOLDER,
            nature=ProducerNature.NATURAL_PERSON,
            credit_code=None,
            name=factory.Sequence(lambda n: f"测试农户{n}"),
        )


class DuplicatePairFactory(factory.django.DjangoModelFactory):
    """Two producers with similar names, not decided about."""

    class Meta:
        model = DuplicatePair

    low = factory.SubFactory(ProducerFactory)
    high = factory.SubFactory(ProducerFactory)
    reasons = factory.LazyFunction(lambda: ["name"])
    score = 80
    found_at = datetime.datetime(2026, 11, 1, tzinfo=datetime.UTC)


class IdleFindingFactory(factory.django.DjangoModelFactory):
    """A producer without a sign of work since November 2025, not decided about."""

    class Meta:
        model = IdleFinding

    producer = factory.SubFactory(ProducerFactory)
    since = datetime.date(2025, 11, 1)
    found_at = datetime.datetime(2026, 11, 1, tzinfo=datetime.UTC)


class ImportBatchFactory(factory.django.DjangoModelFactory):
    """A checked file of one row, whose file is gone."""

    class Meta:
        model = ImportBatch

    sheet = "producers"
    state = "checked"
    filename = "登记.xlsx"
    sha256 = "0" * 64
    size = 1
    rows = 1
    new = 1
    region_code = "440823"
    asked_by = factory.SubFactory(UserFactory)
    asked_at = datetime.datetime(2026, 11, 1, tzinfo=datetime.UTC)


class ProductFactory(factory.django.DjangoModelFactory):
    """A leaf or fruit vegetable."""

    class Meta:
        model = Product
        django_get_or_create = ("code",)

    code = factory.Sequence(lambda n: f"P{n:04d}")
    name = factory.Sequence(lambda n: f"测试蔬菜{n}")
    category = "蔬菜"
    sector = "crops"


class ProducerProductFactory(factory.django.DjangoModelFactory):
    """That a producer grows a product."""

    class Meta:
        model = ProducerProduct

    producer = factory.SubFactory(ProducerFactory)
    product = factory.SubFactory(ProductFactory)


class PlotFactory(factory.django.DjangoModelFactory):
    """A plot of five mu."""

    class Meta:
        model = Plot

    producer = factory.SubFactory(ProducerFactory)
    name = factory.Sequence(lambda n: f"{n}号地")
    area_mu = 5


class LicenceFactory(factory.django.DjangoModelFactory):
    """A checked business licence that ends in 2030, without its events: for those go through the services."""

    class Meta:
        model = Licence

    producer = factory.SubFactory(ProducerFactory)
    kind = "business"
    number = factory.Sequence(lambda n: f"L{n:06d}")
    number_key = factory.LazyAttribute(lambda licence: number_key(licence.number))
    valid_until = datetime.date(2030, 1, 1)
    check_outcome = "pass"
    checked_on = datetime.date(2026, 1, 1)


class NoticeTextFactory(factory.django.DjangoModelFactory):
    """A notice of the whole province since 2020."""

    class Meta:
        model = NoticeText
        django_get_or_create = ("kind", "region", "title", "version")

    kind = "notice"
    region = factory.LazyFunction(lambda: RegionFactory(code="44"))
    title = "告知书"
    version = "2026"
    body = "请如实记录生产过程。"
    in_force_on = datetime.date(2020, 1, 1)


class MembershipFactory(factory.django.DjangoModelFactory):
    """An owner since 2020."""

    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory, role="producer")
    producer = factory.SubFactory(ProducerFactory)
    role = MembershipRole.OWNER
    valid_from = datetime.date(2020, 1, 1)


class ProcedureFactory(factory.django.DjangoModelFactory):
    """An operating procedure in force since 2020, for all products."""

    class Meta:
        model = Procedure

    producer = factory.SubFactory(ProducerFactory)
    title = factory.Sequence(lambda n: f"测试操作规程{n}")
    version = "1"
    in_force_on = datetime.date(2020, 1, 1)
