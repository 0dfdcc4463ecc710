"""Rows of every floor are found by division and by producer as the register finds them."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from archives.admin.finding import ProducerSearch
from archives.divisions import once_below
from archives.models import Producer
from rating.models import Rating, Standing
from tests.archives.test_divisions import FIRST, split  # noqa: F401 - a fixture
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import ProducerFactory
from tests.factories.rating import make_rating, make_run

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("split")
def test_rows_that_keep_the_code_of_their_day_are_found_by_what_it_became_and_by_what_it_was():
    """A result of before the changes bears the code of then, one of after them that of now."""
    run = make_run(region="4408", state="effective")
    kept = {"before": FIRST, "after": "440823901", "elsewhere": "440825"}
    for name, code in kept.items():
        make_rating(run=run, producer=ProducerFactory(name=name), region_id=code)

    def rated(text):
        rows = Rating.objects.filter(once_below(text, "region_id"))
        return set(rows.values_list("producer__name", flat=True))

    for text in (FIRST, "440823900", "440823901", "遂城镇", "新城街道", "440823"):
        assert rated(text) == {"before", "after"}, text
    assert rated("没有这里") == rated("440823777") == set()
    assert rated(" ") == set(kept)
    desk = enter(Client(), UserFactory(role="city_officer"))
    listed = desk.get(reverse("admin:rating_rating_changelist"), {"region": "新城街道"})
    assert {str(row.producer) for row in listed.context["cl"].result_list} == {"before", "after"}
    assert "新城街道" in listed.content.decode()
    answer = desk.get(f"/api/v1/rating/runs/{run.pk}/ratings/", {"region": "440823900"})
    assert len(answer.json()["results"]) == 2


@pytest.mark.usefixtures("split")
def test_lists_of_every_floor_find_a_producer_as_the_register_does():
    """By part of the name, initials and old divisions: no list has a search of its own columns."""
    desk = enter(Client(), UserFactory())
    producers_rows = [
        (model, shown)
        for model, shown in admin.site._registry.items()
        if model is not Producer and any(field.related_model is Producer for field in model._meta.fields)
    ]
    assert {"Rating", "Standing", "Certificate", "Task", "Sale"} <= {m.__name__ for m, _ in producers_rows}
    for model, shown in producers_rows:
        assert not shown.search_fields or isinstance(shown, ProducerSearch), model
    named = ProducerFactory(name="遂溪县洋青番薯专业合作社", region="440823901")
    Standing.objects.create(producer=named)
    address = reverse("admin:rating_standing_changelist")
    for asked in ({"q": "洋青 番薯"}, {"q": "sxxyq"}, {"q": named.key}, {"township": "遂城街道"}):
        assert len(desk.get(address, asked).context["cl"].result_list) == 1, asked
    for asked in ({"q": "荔枝"}, {"township": "黄略镇"}):
        assert not desk.get(address, asked).context["cl"].result_list, asked
