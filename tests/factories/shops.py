"""Input shops, their licences and what they have bought in."""

import datetime

import factory

from archives.models import (
    InputKind,
    ProducerKind,
    ShopPurchase,
)
from tests.factories.archives import LicenceFactory, ProducerFactory
from tests.factories.records import RecordFactory


class ShopFactory(ProducerFactory):
    """An input shop that grows nothing."""

    name = factory.Sequence(lambda n: f"测试农资店{n}")
    kind = ProducerKind.ENTERPRISE
    activities = factory.LazyFunction(lambda: ["input_sale"])


class DealerLicenceFactory(LicenceFactory):
    """A shop's licence to sell pesticides, checked, that holds for years."""

    producer = factory.SubFactory(ShopFactory)
    kind = "pesticide_sale"
    number = factory.Sequence(lambda n: f"农药经许（粤）{n:08d}")
    issuer = "遂溪县农业农村局"
    issued_on = datetime.date(2024, 1, 1)
    valid_until = datetime.date(2030, 12, 31)


class ShopPurchaseFactory(RecordFactory):
    """Twenty bottles of abamectin in a shop, all left."""

    class Meta:
        model = ShopPurchase

    producer = factory.SubFactory(ShopFactory)
    kind = InputKind.PESTICIDE
    name = "阿维菌素"
    registration_number = "PD20150001"
    manufacturer = "演示化工"
    batch_number = "B1"
    supplier = "县农资公司"
    quantity = 20
    left = factory.LazyAttribute(lambda lot: lot.quantity)
    unit = "瓶"
