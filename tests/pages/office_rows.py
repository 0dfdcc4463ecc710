"""One row of every business model in a division, for the walk over the back office."""

import datetime
import uuid

from agricredit.foundation.common.clock import now
from archives.models import CreditEvent, Producer
from archives.services.ledger import post
from archives.services.sealing import seal
from certificates.models import Certificate
from rating.models import Decision, Rating, RatingRun, Standing
from rating.services import rolls
from supervision.models import (
    EnforcementCertificate,
    FrequencyAssignment,
    GuidanceVisit,
    Inspection,
    Plan,
    Task,
)
from tests.factories.accounts import UserFactory
from tests.factories.archives import MembershipFactory, PlotFactory, ProducerFactory, ProducerProductFactory
from tests.factories.certificates import issued
from tests.factories.jobs import JobFactory
from tests.factories.ledger import draft
from tests.factories.records import HarvestFactory, InputPurchaseFactory, InputUseFactory
from tests.factories.supervision import EnforcementCertificateFactory
from tests.pages.city import effective_run, rate

DAY = datetime.date(2026, 11, 20)


def make_rows(region):
    """New rows of the division by model, what belongs to the whole division made once."""
    producer = ProducerFactory(region=region)
    officers = [EnforcementCertificateFactory(user=UserFactory(region_code=region)) for _ in range(2)]
    rows = {
        Producer: [producer],
        EnforcementCertificate: officers,
        CreditEvent: CreditEvent.objects.filter(
            pk__in=post([draft(producer_id=producer.pk, source="生产记录")]).new
        ),
        Certificate: [issued(producer=producer)],
    }
    for factory in (
        InputPurchaseFactory,
        InputUseFactory,
        HarvestFactory,
        PlotFactory,
        ProducerProductFactory,
        MembershipFactory,
    ):
        row = factory(producer=producer)
        rows[type(row)] = [row]
    job = JobFactory(region_code=region)
    rows[type(job)] = [job]
    return rows | _rated(producer, region) | _supervised(producer, region, [one.user for one in officers])


def _rated(producer, region):
    run = RatingRun.objects.filter(region_code=region, year=2025).first() or effective_run(
        region=region, seal_root="01" * 32
    )
    rating = rate(producer, "AAA", run=run)
    roll = rolls.select(region=region, scheme_code=run.scheme.code, year=2025, day=DAY)
    path, digest = rolls.store(run.pk, roll)
    RatingRun.objects.filter(pk=run.pk).update(roll_path=path, roll_sha256=digest, seal_size=seal().size)
    decision = Decision.objects.create(
        run=run,
        producer=producer,
        rating_version=1,
        ground=Decision.Ground.VETO,
        grade="C",
        reasons="抽检不合格",
        basis="评价方案第三条",
        noticed_by=UserFactory(region_code=region),
        noticed_on=DAY,
        statement_until=DAY,
    )
    return {
        RatingRun: [run],
        Rating: [rating],
        Decision: [decision],
        Standing: [Standing.objects.get(producer=producer)],
    }


def _supervised(producer, region, officers):
    plan, _made = Plan.objects.get_or_create(region_code=region, year=2026, defaults={"made_at": now()})
    task = Task.objects.create(
        plan=plan, producer=producer, kind="inspection", month=11, due_on=datetime.date(2026, 11, 30)
    )
    frequency = FrequencyAssignment.objects.create(
        producer=producer, year=2026, grade="AAA", risk="low", visits=2, sampling=10, assigned_at=now()
    )
    visit = GuidanceVisit.objects.create(
        uid=uuid.uuid4(),
        producer=producer,
        visited_on=DAY,
        visitor=officers[0],
        observations="记录齐全",
        entered_at=now(),
    )
    inspection = Inspection.objects.create(
        uid=uuid.uuid4(),
        producer=producer,
        inspected_on=DAY,
        officer=officers[0],
        officer_certificate="GD1",
        second_officer=officers[1],
        second_certificate="GD2",
        authority="农业农村局",
        notice_number="通〔2026〕1号",
        result=Inspection.Result.PASS,
        signature=Inspection.Signature.SIGNED,
        entered_at=now(),
    )
    return {
        Plan: [plan],
        Task: [task],
        FrequencyAssignment: [frequency],
        GuidanceVisit: [visit],
        Inspection: [inspection],
    }
