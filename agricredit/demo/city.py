"""The demo city from nothing to a lived-in system, in the order in which a real one would come to be."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date
from io import StringIO
from itertools import islice
from typing import Any, TypeVar
from uuid import uuid5

from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import transaction

from agricredit.demo import elsewhere, files, labels, officials, reviews, shops, visits, words, year
from agricredit.demo.accounts import make_accounts
from agricredit.demo.people import SPACE, Person, people
from agricredit.foundation.accounts.models import User
from agricredit.foundation.calendar.services import load as load_calendar
from archives.models import Harvest, Plot, Producer, ProducerProduct, Product, Region, Sale
from archives.services import expected
from archives.services import figures as register_figures
from archives.services.holdings import hold_many
from archives.services.ledger import post
from archives.services.memberships import grant_membership
from archives.services.producers import register_many
from archives.services.records import RecordsRefused, record_many
from archives.services.reference import load_products, load_regions
from certificates.services import figures as certificate_figures
from certificates.services.issuing import issue
from rating.models import Rating, RatingRun
from rating.services import decisions, live, reregistrations, schemes, serving, steps
from supervision.services import frequency, plans

CITY = "4408"
HOME_TOWNSHIP = "440823106"
SCHEME = "gd-r1"
YEARS = (2024, 2025, 2026)
CHUNK = 4000
MEMBERS = (  # account, kind ("" for any), sector, as what it acts
    ("nonghu", "cooperative", "crops", "owner"),
    ("xiaohu", "smallholder", "crops", "owner"),
    ("yangzhi", "", "livestock", "owner"),
    ("yuchang", "", "aquaculture", "owner"),
    ("daiban", "smallholder", "crops", "helper"),
    ("daiban", "smallholder", "crops", "helper"),
)

Say = Callable[[str], None]
Row = TypeVar("Row")


def stands(producers: int) -> bool:
    """Whether a demo city of at least this size is already complete."""
    there = Producer.objects.filter(is_generated=True, key__startswith="DEMO-").count()
    rated = RatingRun.objects.filter(region_code=CITY, year=YEARS[1], state=RatingRun.State.EFFECTIVE)
    return there >= producers and rated.exists() and plans.covering(CITY, YEARS[2]) is not None


def build(producers: int, seed: int, say: Say) -> None:
    """Build what is missing; every step may be repeated, so an interrupted build is simply run again."""
    say("行政区划、产品目录、工作日历、评价方案")
    load_regions()
    load_products()
    load_calendar(range(2023, 2028))
    schemes.load_shipped()
    accounts = make_accounts()
    say(f"登记 {producers} 家生产主体")
    city = people(producers, _regions(seed), seed)
    _register(city)
    _settle(city, seed)
    _join(city, accounts)
    for each in YEARS:
        say(f"{each} 年的生产记录与监管信息")
        _live(city, each)
    for each in YEARS[:2]:
        say(f"{each} 年度评价")
        _rate(each, accounts)
    say("农资店、记录核实")
    shops.make(CITY, HOME_TOWNSHIP[:6], accounts["dian"])
    labels.make()
    elsewhere.make(CITY)
    reviews.make(CITY, HOME_TOWNSHIP[:6], accounts)
    say("档案资料、培训、承诺与告知，重复和重新登记的档案")
    files.make(CITY, HOME_TOWNSHIP, accounts)
    say("检查频次、年度计划、本年预估分")
    _supervise(accounts)
    live.rescore(Producer.objects.filter(is_generated=True).values_list("pk", flat=True))
    say("各乡镇档案完整和活跃情况、疑似重新登记")
    register_figures.measure()
    certificate_figures.measure()
    reregistrations.find(region=CITY)


def _regions(seed: int) -> list[Region]:
    """The city's villages: the home township's first, then those of its county, then the rest, shuffled."""
    villages = list(Region.objects.in_force().filter(code__startswith=CITY, level="village").order_by("code"))
    random.Random(seed).shuffle(villages)
    return sorted(
        villages, key=lambda row: (not row.code.startswith(HOME_TOWNSHIP), not row.code.startswith("440823"))
    )


def _register(city: list[Person]) -> None:
    known = dict(Producer.objects.filter(is_generated=True).values_list("key", "pk"))
    for group in _chunks((person for person in city if person.key not in known), 1000):
        known.update((row.key, row.pk) for row in register_many(rows=[person.fields for person in group]))
    for person in city:
        person.id = known[person.key]


def _settle(city: list[Person], seed: int) -> None:
    """Give everybody products of their sector and a plot."""
    by_sector: dict[str, list[Product]] = {}
    for product in Product.objects.order_by("code"):
        by_sector.setdefault(product.sector, []).append(product)
    holdings, ground = [], []
    for person in city:
        dice = random.Random(f"{seed}:{person.key}:holdings")
        chosen = dice.sample(by_sector[person.sector], k=min(2, len(by_sector[person.sector])))
        person.products = [product.pk for product in chosen]
        area = person.area = dice.randrange(3, 120)
        holdings += [
            ProducerProduct(producer_id=person.id, product=product, area_mu=area) for product in chosen
        ]
        ground.append(Plot(producer_id=person.id, name="1号地", area_mu=area, region=person.fields["region"]))
    hold_many(products=holdings, plots=ground)
    plots = dict(
        Plot.objects.filter(producer__is_generated=True, name="1号地").values_list("producer_id", "pk")
    )
    for person in city:
        person.plot = plots.get(person.id)


def _join(city: list[Person], accounts: dict[str, User]) -> None:
    """Let each demo account act for a careful producer of its kind near home; the helper for two families."""
    taken: set[str] = set()
    for name, kind, sector, role in MEMBERS:
        chosen = min(
            (person for person in city if person.key not in taken), key=lambda each: _fit(each, kind, sector)
        )
        taken.add(chosen.key)
        if not accounts[name].memberships.filter(producer=chosen.id).exists():
            grant_membership(
                user=accounts[name],
                producer=Producer.objects.get(pk=chosen.id),
                role=role,
                valid_from=date(2024, 1, 1),
            )


def _fit(person: Person, kind: str, sector: str) -> tuple[bool, ...]:
    """How far a producer is from what an account shall show, the least first."""
    return (
        person.sector != sector,
        bool(kind) and person.kind != kind,
        person.habit.name not in ("careful", "exemplary"),
        person.fields["registered_on"].year >= YEARS[0],
        not person.fields["region"].code.startswith(HOME_TOWNSHIP),
        not person.fields["region"].code.startswith(HOME_TOWNSHIP[:6]),
    )


def _live(city: list[Person], each: int) -> None:
    drafts = year.Drafts()
    for person in city:
        year.live(person, each, drafts)
    for noun, rows in drafts.by_noun.items():
        for group in _chunks(rows, CHUNK):
            _entered(noun, group)
    events = [*drafts.certified, *(fact for person in city for fact in officials.facts(person, each))]
    for batch in _chunks(events, CHUNK * 4):
        with transaction.atomic():
            post(batch)
    _certify(drafts.to_certify)
    for day in (*(date(each, month, 1) for month in (4, 7, 10)), date(each + 1, 1, 1)):
        expected.settle(on=min(day, year.LATEST))


def _entered(noun: str, group: list[Any]) -> None:
    """Enter records; those that are asked for a reason (harvested or sold too early) give one."""
    try:
        record_many(noun, group)
    except RecordsRefused as refused:
        asked = {fault.index for fault in refused.faults if fault.field == "reason"}
        record_many(
            noun,
            [replace(row, reason=words.HASTY) if at in asked else row for at, row in enumerate(group)],
        )


def _certify(wanted: list[year.ToCertify]) -> None:
    """Issue the certificates of recent sales; a batch inside an interval is refused, as anybody's is."""
    harvests = Harvest.objects.in_bulk([row.harvest for row in wanted], field_name="uid")
    sales = Sale.objects.in_bulk([row.sale for row in wanted], field_name="uid")
    for row in wanted:
        with suppress(ValidationError):
            issue(
                uid=uuid5(SPACE, f"certificate:{row.sale}"),
                harvest=harvests[row.harvest],
                sale=sales[row.sale],
                quantity=row.weight,
                bases=["quality_control"],
                issued_on=row.sold_on,
                actor=None,
            )


def _rate(each: int, accounts: dict[str, User]) -> None:
    """Run, review, show and give effect to a past year's rating, with the dates it would have had."""
    if RatingRun.objects.filter(region_code=CITY, year=each, scheme__code=SCHEME).exists():
        return
    output = StringIO()
    call_command("rate", year=each, scheme=SCHEME, region=CITY, wait=True, stdout=output)
    run = RatingRun.objects.get(pk=int(output.getvalue()))
    steps.to_review(run=run, actor=None, on=date(each + 1, 1, 20))
    run.refresh_from_db()
    steps.to_notice(run=run, actor=None, on=date(each + 1, 2, 10))
    run.refresh_from_db()
    _decide(run, accounts, notice=date(each + 1, 1, 22), decided=date(each + 1, 2, 20))
    steps.take_effect(run=run, actor=None, on=date(each + 1, 3, 2))
    run.refresh_from_db()
    frequency.assign(run=run)


def _decide(run: RatingRun, accounts: dict[str, User], notice: date, decided: date) -> None:
    """Most vetoes and lowest grades were decided in time; a few still wait for a person, as in life."""
    pending = Rating.objects.current().filter(run=run, status=Rating.Status.PENDING).order_by("producer_id")
    for number, rating in enumerate(pending.select_related("run", "producer")):
        if run.year == YEARS[1] and number % 5 == 4:
            continue
        decision = decisions.give_notice(
            rating=rating,
            reasons=decisions.evidence_text(rating),
            basis="农产品质量安全法第五十四条；评价方案（平台默认参数）",
            actor=accounts["shi"],
            on=notice,
        )
        handed: dict[str, Any] = {
            "method": "direct",
            "recipient": "主体负责人（演示数据）",
            "actor": accounts["shi"],
        }
        serving.serve_notice(decision=decision, on=notice, **handed)
        decisions.confirm(
            decision=decision, reason="经陈述申辩期满，认定成立。", actor=accounts["shi2"], on=decided
        )
        serving.serve_decision(decision=decision, on=decided, **handed)


def _supervise(accounts: dict[str, User]) -> None:
    """The year's plan as brought up to date in November (tasks of the months before it are not shown)."""
    plan = plans.make(region_code=CITY, year=YEARS[2], on=date(YEARS[2], 11, 2))
    plans.publish(plan=plan, actor=accounts["shi"])
    visits.make(plan, accounts)


def _chunks(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    source = iter(rows)
    while group := list(islice(source, size)):
        yield group
