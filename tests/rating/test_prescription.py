"""Weak criteria: exactly what the results say was lost, by division and kind, within one's own region."""

from collections import Counter

import numpy as np
import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from agricredit.foundation.jobs.testing import run_all_jobs
from archives.models import ProducerProduct, Product
from rating.engine.columns import NOT_APPLICABLE
from rating.engine.scheme import ProducerKind
from rating.models import Rating
from rating.services import runs, schemes
from rating.services.prescription import Asked, prescribe
from tests.factories.accounts import UserFactory, enter
from tests.factories.rating import make_run, shipped
from tests.rating import examples

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(db):
    shipped()
    examples.load()
    made = runs.start(scheme="gd-r1", region="4408", year=2024, actor=None)
    run_all_jobs()
    made.refresh_from_db()
    return made


def lost_by_hand(run, **filters):
    """From the results' own bytes, one by one."""
    scheme = schemes.parsed(run.scheme)
    lost, losers = Counter(), Counter()
    for rating in Rating.objects.filter(run=run, **filters):
        points = np.frombuffer(bytes(rating.points), "<i4").tolist()
        for column, got in zip(scheme.columns, points, strict=True):
            if column in scheme.bonus or got == NOT_APPLICABLE:
                continue
            missing = got if column in scheme.deductions else column.points - got
            lost[column.code] += missing
            losers[column.code] += missing > 0
    return {code: (lost[code], losers[code]) for code in lost if lost[code]}


def told(found):
    return {one.criterion.code: (one.lost, one.losers) for one in found.weaknesses}


def test_the_sums_are_those_of_the_results(run):
    found = prescribe(run, Asked("4408"))
    assert told(found) == lost_by_hand(run)
    assert found.producers == run.producers
    lost = [one.lost for one in found.weaknesses]
    assert lost == sorted(lost, reverse=True)
    assert sum(amount for _name, amount in found.indicators(schemes.parsed(run.scheme))) == sum(lost)


def test_a_division_a_kind_and_a_product_are_chosen(run):
    county = Rating.objects.filter(run=run).values_list("region_id", flat=True).first()[:6]
    assert told(prescribe(run, Asked(county))) == lost_by_hand(run, region_id__startswith=county)
    by_kind = told(prescribe(run, Asked("4408", kind="cooperative")))
    assert by_kind == lost_by_hand(run, kind=int(ProducerKind.cooperative))
    one = Rating.objects.filter(run=run).first()
    product = Product.objects.create(code="T-1", name="番薯叶", sector="crops")
    ProducerProduct.objects.create(producer_id=one.producer_id, product=product)
    found = prescribe(run, Asked("4408", product="番薯叶"))
    assert (told(found), found.producers) == (lost_by_hand(run, producer=one.producer_id), 1)


def test_a_criterion_is_followed_down_to_its_producers(run):
    code = prescribe(run, Asked("4408")).weaknesses[0].criterion.code
    found = prescribe(run, Asked("4408", code=code))
    weakness = next(one for one in found.weaknesses if one.criterion.code == code)
    assert sum(one.lost for one in found.divisions) == sum(one.lost for one in found.kinds) == weakness.lost
    assert sum(one.producers for one in found.divisions) == weakness.applicable
    assert len(found.losers) == weakness.losers
    assert sum(lost for _producer, lost in found.losers) == weakness.lost


def test_what_cannot_be_answered_is_said(run):
    with pytest.raises(ValidationError, match="应在该次评价的地区之内"):
        prescribe(run, Asked("330100"))
    with pytest.raises(ValidationError, match="没有“XX1”这一项"):
        prescribe(run, Asked("4408", code="XX1"))
    with pytest.raises(ValidationError, match="没有主体登记"):
        prescribe(run, Asked("4408", product="火龙果树苗王"))
    with pytest.raises(ValidationError, match="没有留存各项度量"):
        prescribe(make_run(region="440823"), Asked("440823"))


def test_the_page_shows_charts_and_names_within_ones_own_region(run, client):
    enter(client, UserFactory(role="city_officer"))
    page = reverse("admin:rating_ratingrun_weak", args=[run.pk])
    html = client.get(page).content.decode()
    assert "丢分最多的项目" in html
    code = prescribe(run, Asked("4408")).weaknesses[0].criterion.code
    html = client.get(page, {"region": "4408", "code": code}).content.decode()
    assert "哪些地方少得多" in html
    assert "少得最多的" in html
    enter(client, UserFactory(role="county_officer", region_code="440823"))
    assert client.get(page).status_code == 200
    assert client.get(page, {"region": "440881"}).status_code == 403
