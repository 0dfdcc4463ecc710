"""What the bureau keeps on the demo city's producers: papers, people, pledges, training; what needs cleaning.

The producers of the home township have full files; licences there end soon or have ended, an entry or two
waits for a check. All of it is generated and says so.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import segno
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from agricredit.demo.people import SPACE
from agricredit.foundation.accounts.models import User
from archives.models import (
    NoticeText,
    Plot,
    Procedure,
    Producer,
    ProducerProduct,
    Product,
    ProductionBatch,
    Region,
    TrainingSession,
)
from archives.portal.offline.parcels import Item, Parcel
from archives.portal.offline.records import HANDLERS
from archives.portal.offline.taking import take
from archives.services import duplicates, idle
from archives.services.holdings import hold_many
from archives.services.producers import register_many
from archives.services.records import set_procedure
from archives.services.register import documents, keeping, texts, training

ISSUER = "演示农业农村局"
YEAR = 2026
FILED = 12
"""So many producers of the home township have full files."""
#: Ends of licences in turn: long over, over since last month, soon, next year, in years.
ENDS = (date(2026, 6, 30), date(2026, 10, 31), date(2026, 12, 10), date(2027, 8, 31), date(2030, 5, 31))
TEXTS = (
    ("pledge", "农产品质量安全信用承诺书（演示）", "依法记录生产活动，不使用禁用药物，遵守安全间隔期。"),
    ("notice", "农产品质量安全告知书（演示）", "如实记录投入品使用，按规定开具承诺达标合格证。"),
    ("leaflet", "科学用药明白纸（演示）", "看标签、记台账、守间隔。"),
)  # fmt: skip
COURSES = (
    ("农药安全使用培训（演示）", date(2026, 3, 12), Decimal(4)),
    ("承诺达标合格证培训（演示）", date(2026, 6, 18), Decimal(4)),
    ("农产品质量安全法宣讲（演示）", date(2026, 10, 22), Decimal(8)),
)


@transaction.atomic
def make(region: str, home: str, accounts: dict[str, User]) -> None:
    """Fill the files once; what is there already is left as it is."""
    if NoticeText.objects.filter(region_id=region).exists():
        return
    own = Producer.objects.filter(memberships__user=accounts["nonghu"]).earliest("pk")
    near = Producer.objects.filter(region__code__startswith=home, is_generated=True, status="active")
    rows = [own, *near.exclude(pk=own.pk).order_by("pk")[: FILED - 1]]
    _tell(region, home[:6], rows)
    _train(home[:6])
    for number, producer in enumerate(rows):
        _fill(producer, number)
    _papers(own, accounts["nonghu"])
    _papers(next((row for row in rows[1:] if row.is_organised), own), accounts["xian"])
    _queue(own, accounts["nonghu"])
    _to_clean(home[:6])
    duplicates.find(region=home[:6])
    idle.find(region=region, months=12)


def _tell(region: str, county: str, rows: Sequence[Producer]) -> None:
    """Texts in force in the city, handed out in the home county; pledges of those with files."""
    place = Region.objects.get(pk=region)
    made = {
        kind: texts.publish(
            kind=kind, region=place, title=title, version=str(YEAR), body=body, in_force_on=date(YEAR, 1, 5)
        )
        for kind, title, body in TEXTS
    }
    texts.deliver(text=made["notice"], region=county, way="meeting")
    texts.deliver(text=made["leaflet"], region=county, way="online", kind="cooperative")
    for producer in rows[1:]:  # the cooperative itself is asked to sign on its home page
        keeping.add(
            noun="pledge", producer=producer, text=made["pledge"], signed_on=date(YEAR, 2, 20),
            signer=producer.contact_name, way="paper",
        )  # fmt: skip


def _train(county: str) -> None:
    there = list(
        Producer.objects.filter(region__code__startswith=county, is_generated=True).order_by("pk")[:60]
    )
    for number, (title, day, hours) in enumerate(COURSES):
        session: TrainingSession = training.hold(
            title=title, audience="producers", held_on=day, hours=hours, organiser=ISSUER, place="县农技站",
            region=Region.objects.get(pk=county),
        )  # fmt: skip
        training.attend(
            session=session, attendees=[(row, row.contact_name) for row in there[number :: number + 1]]
        )


def _fill(producer: Producer, number: int) -> None:
    """Licence, quality person, system, plan, procedure, measure and honour, as far as its form has them."""
    given: list[tuple[str, dict[str, Any]]] = [
        ("green_control", {"measure": "physical", "begun_on": date(YEAR, 3, 1), "detail": "黄板（演示）"}),
    ]
    if producer.is_organised:
        given += [
            ("licence", {"kind": "business", "number": producer.credit_code, "issuer": "演示市场监管局",
                         "issued_on": producer.registered_on, "valid_until": ENDS[number % len(ENDS)]}),
            ("staff", {"name": producer.contact_name, "duty": "controller", "from_on": date(2025, 3, 1)}),
            ("filing", {"kind": "quality_system", "title": "管理制度（演示）", "filed_on": date(2025, 3, 1)}),
            ("filing", {"kind": "emergency_plan", "title": "应急预案（演示）", "filed_on": date(2025, 3, 1)}),
        ]  # fmt: skip
    if number % 3 == 0:
        given.append(("honour", {
            "kind": "model_cooperative" if producer.kind == "cooperative" else "other",
            "title": "示范主体（演示）", "level": ("county", "city", "province")[number % 9 // 3],
            "issuer": ISSUER, "granted_on": date(2025, 9, 1), "valid_until": date(2027, 8, 31),
        }))  # fmt: skip
    for noun, values in given:
        keeping.add(noun=noun, producer=producer, **values)


def _papers(own: Producer, by: User) -> None:
    """Its batches follow a procedure; an honour with its scan, unchecked where it sent that in itself."""
    product = Product.objects.filter(growers__producer=own).order_by("code").first()
    rules: Procedure = keeping.add(
        noun="procedure",
        producer=own,
        title=f"{product}生产操作规程（演示）",
        version="2025",
        product=None,
        standard="演示企业标准",
        in_force_on=date(2025, 1, 10),
        steps="选地、育苗、整地、定植、管理、采收。",
    )
    for batch in ProductionBatch.objects.active().filter(producer=own, occurred_on__gte=rules.in_force_on):
        set_procedure(row=batch, procedure=rules)
    keeping.add(noun="base", producer=own, name="东头基地（演示）", area_mu=Decimal(80), actor=by)
    honour = keeping.add(
        noun="honour", producer=own, kind="brand", title="区域公用品牌授权（演示）", level="city",
        issuer="演示协会", granted_on=date(YEAR, 5, 1), actor=by,
    )  # fmt: skip
    scan = BytesIO()
    segno.make("AgriCredit demo document").save(scan, kind="png", scale=6)
    for row, title, personal in ((honour, "品牌授权书（演示）", False), (None, "负责人证件（演示）", True)):
        upload = SimpleUploadedFile("scan.png", scan.getvalue(), "image/png")
        documents.keep(producer=own, upload=upload, title=title, row=row, personal=personal, actor=by)


def _queue(own: Producer, owner: User) -> None:
    """Two phones of one cooperative: a record sent in, the same otherwise worded, one without its fact."""
    holding = ProducerProduct.objects.filter(producer=own).order_by("product__code").first()
    plot = Plot.objects.open().filter(producer=own).order_by("pk").first()
    if holding is None:
        return
    said = {
        "product": str(holding.product_id), "plot": str(plot.pk) if plot else "none", "severity": "轻",
        "production": "none", "treatment": "挂黄板", "day": "other", "occurred_on": "2026-11-16",
    }  # fmt: skip
    moment = datetime(2026, 11, 16, 9, tzinfo=UTC)
    for phone, pest, name in ((1, "蓟马", "a"), (2, "蚜虫", "a"), (2, "", "b")):
        item = Item(
            uid=uuid.uuid5(SPACE, f"{own.key}:queue:{name}"), noun="pest", producer=own.pk,
            answers={**said, "pest": pest}, made_at=moment, made_by=owner.pk, sure=True,
        )  # fmt: skip
        device = uuid.uuid5(SPACE, f"{own.key}:phone:{phone}")
        take(Parcel(device=device, user=owner.pk, sent_at=moment, items=[item]), owner, HANDLERS)


def _to_clean(county: str) -> None:
    """Two files opened twice, and one opened anew by the principal of a file with the lowest grade."""
    known = Producer.objects.filter(region__code__startswith=county, is_generated=True, status="active")
    twice = list(known.filter(kind="family_farm").order_by("pk")[:2])
    bad = known.filter(standing__official_grade="C").order_by("pk").first()
    plots = {plot.producer_id: plot for plot in Plot.objects.filter(producer__in=[bad] if bad else [])}
    rows = [
        {"key": f"DEMO-TWICE-{number}", "name": f"{row.name}（二部）", "registered_on": date(2026, 4, 1)}
        | _like(row)
        for number, row in enumerate(twice)
    ]
    if bad is not None:
        anew = {"key": "DEMO-AGAIN-0", "name": f"{bad.name[:6]}新家庭农场", "registered_on": date(2026, 7, 1)}
        rows.append(anew | _like(bad))
    made = register_many(rows=rows)
    if bad is not None and bad.pk in plots:
        old = plots[bad.pk]
        again = Plot(producer=made[-1], name=old.name, area_mu=old.area_mu, region=old.region)
        hold_many(products=[], plots=[again])


def _like(row: Producer) -> dict[str, Any]:
    """A family farm at the same place, with the same contact and telephone."""
    return {
        "kind": "family_farm", "nature": "individual_business", "sectors": list(row.sectors),
        "region": row.region_id, "contact_name": row.contact_name, "phone": row.phone,
        "address": row.address, "is_generated": True,
    }  # fmt: skip
