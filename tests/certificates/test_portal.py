"""卖货开证 on the phone: three taps, refusals with the first allowed day, paper, voiding."""

import datetime
from decimal import Decimal

import pytest

from archives.models import Harvest, Sale
from archives.services.records import record_harvest, record_self_test, record_use
from certificates.models import Certificate
from tests.archives.portal.farm import make_farm
from tests.certificates.selling import sale
from tests.factories.archives import PlotFactory, ProducerProductFactory, ProductFactory
from tests.factories.certificates import issued

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 11, 21, 10, tzinfo=datetime.timezone(datetime.timedelta(hours=8)))
DAY = datetime.date(2026, 11, 20)


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr("agricredit.foundation.common.clock.now", lambda: NOW)


@pytest.fixture
def farm(db):
    return make_farm()


@pytest.fixture
def batch(farm):
    """120 kg of yesterday."""
    return record_harvest(
        producer=farm.producer,
        occurred_on=DAY,
        actor=farm.user,
        product=farm.product,
        plot=farm.plot,
        quantity=Decimal("120"),
        unit="公斤",
    )


def spray(farm, days=7, on=DAY):
    record_use(
        producer=farm.producer,
        occurred_on=on,
        product=farm.product,
        plot=farm.plot,
        kind="pesticide",
        name="阿维菌素",
        quantity=Decimal("1"),
        unit="瓶",
        interval_days=days,
    )


def test_a_batch_is_sold_and_certified_in_three_taps(farm, batch):
    assert 'href="/my/certificates/"' in farm.get("/my/")  # one
    path = f"/my/certificates/sell/{batch.uid}/"
    assert path in farm.get("/my/certificates/")  # two
    form = farm.client.get(path).context["form"]
    assert form["quantity"].value() == "120"
    assert form["bases"].value() == ["quality_control"]
    response = farm.client.post(path, sale())  # three
    row = Certificate.objects.get()
    assert response["Location"] == f"/my/certificates/{row.code}/"
    assert (row.harvest, row.quantity, row.sale.buyer, row.issued_by) == (
        batch,
        40,
        "霞山批发市场",
        farm.user,
    )
    html = farm.get(response["Location"])
    assert "已开证，卖货和采收也一起记好了。" in html
    assert row.code in html
    assert "data:image/svg+xml" in html
    assert "还可开 80 公斤" in farm.get("/my/certificates/")


def test_the_last_buyer_and_basis_stand_there_already(farm, batch):
    farm.client.post(f"/my/certificates/sell/{batch.uid}/", sale())
    form = farm.client.get(f"/my/certificates/sell/{batch.uid}/").context["form"]
    assert (form["buyer"].value(), form["quantity"].value()) == ("霞山批发市场", "80")


def test_a_batch_harvested_in_its_interval_is_refused_with_the_first_day(farm, batch):
    spray(farm)
    path = f"/my/certificates/sell/{batch.uid}/"
    html = farm.get(path)
    assert "现在不能卖、不能开证" in html
    assert "阿维菌素还在安全间隔期内，11月27日起可采收。" in html
    assert "卖货并开证" not in html
    response = farm.client.post(path, sale())
    assert response.status_code == 200
    assert "11月27日起可采收" in response.content.decode()
    assert Certificate.objects.count() == Sale.objects.count() == 0


def test_a_new_batch_is_harvested_sold_and_certified_at_once(farm):
    html = farm.get("/my/certificates/sell/new/")
    assert "哪块地采的？" in html
    path = f"/my/certificates/sell/new/?product={farm.product.pk}&plot={farm.plot.pk}"
    assert "今天采收 · 3号地" in farm.get(path)
    response = farm.client.post(path, sale(quantity="33.5"))
    assert response.status_code == 302
    harvest = Harvest.objects.get()
    assert (harvest.plot, harvest.quantity) == (farm.plot, Decimal("33.5"))
    assert harvest.occurred_on == datetime.date(2026, 11, 21)


def test_a_new_batch_in_the_interval_is_refused_and_not_harvested(farm):
    spray(farm)
    path = f"/my/certificates/sell/new/?product={farm.product.pk}&plot={farm.plot.pk}"
    assert "11月27日起可采收" in farm.get(path)
    farm.client.post(path, sale())
    assert Harvest.objects.count() == Certificate.objects.count() == 0


def test_another_plot_is_not_held_up(farm):
    spray(farm)
    other = PlotFactory(producer=farm.producer, name="5号地")
    path = f"/my/certificates/sell/new/?product={farm.product.pk}&plot={other.pk}"
    assert farm.client.post(path, sale()).status_code == 302


def test_which_product_is_asked_of_those_who_grow_several(farm):
    rice = ProductFactory(name="水稻", certificate_required=False)
    pepper = ProductFactory(name="辣椒")
    for product in (rice, pepper):
        ProducerProductFactory(producer=farm.producer, product=product)
    html = farm.get("/my/certificates/sell/new/")
    assert "卖哪种产品？" in html
    assert "辣椒" in html
    assert "水稻" not in html  # not covered by the order


def test_more_than_was_harvested_asks_for_a_reason(farm, batch):
    path = f"/my/certificates/sell/{batch.uid}/"
    response = farm.client.post(path, sale(quantity="200"))
    form = response.context["form"]
    assert form.errors["quantity"] == ["这一批还剩120公斤可卖；确实卖了更多请写明原因。"]
    assert not form["over_quantity_reason"].is_hidden
    assert Sale.objects.count() == 0
    response = farm.client.post(path, sale(quantity="200", over_quantity_reason="少记了一筐"))
    assert response.status_code == 302
    assert Certificate.objects.get().over_quantity_reason == "少记了一筐"


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"quantity": "0"}, "quantity", ""),
        ({"quantity": ""}, "quantity", ""),
        ({"bases": []}, "bases", ""),
        ({"bases": ["forged"]}, "bases", ""),
        ({"bases": ["self_test"]}, "bases", "没有该产品近30天合格的自行检测记录，请先记一笔自检。"),
        ({"buyer": "长" * 121}, "buyer", ""),
    ],
)
def test_a_refusal_stands_beside_its_field_and_nothing_is_kept(farm, batch, change, field, sentence):
    response = farm.client.post(f"/my/certificates/sell/{batch.uid}/", sale(**change))
    assert response.status_code == 200
    assert field in response.context["form"].errors
    assert sentence in response.content.decode()
    assert Sale.objects.count() == Certificate.objects.count() == 0


def test_a_test_on_record_may_be_the_basis(farm, batch):
    record_self_test(
        producer=farm.producer, occurred_on=DAY, product=farm.product, method="rapid", passed=True
    )
    response = farm.client.post(f"/my/certificates/sell/{batch.uid}/", sale(bases=["self_test"]))
    assert response.status_code == 302


def test_sending_twice_is_selling_once(farm, batch):
    data = sale()
    path = f"/my/certificates/sell/{batch.uid}/"
    first, second = farm.client.post(path, data), farm.client.post(path, data)
    assert first["Location"] == second["Location"]
    assert Certificate.objects.count() == Sale.objects.count() == 1


def test_the_same_page_sent_again_with_another_amount_asks_first(farm, batch):
    data = sale()
    path = f"/my/certificates/sell/{batch.uid}/"
    farm.client.post(path, data)
    response = farm.client.post(path, {**data, "quantity": "41"})
    assert "刚才已经用这一页开过一张证" in response.content.decode()
    assert Certificate.objects.count() == 1
    fresh = response.context["form"]["uid"].value()
    assert fresh != data["uid"]
    farm.client.post(path, {**data, "quantity": "41", "uid": fresh})
    assert Certificate.objects.count() == 2


def test_a_foreign_batch_or_certificate_is_unknown(farm):
    other = issued()
    farm.get(f"/my/certificates/sell/{other.harvest.uid}/", status=404)
    for page in ("", "void/", "label.pdf", "sheet.pdf"):
        farm.get(f"/my/certificates/{other.code}/{page}", status=404)
    assert farm.client.post(f"/my/certificates/{other.code}/void/", {"choice": "other"}).status_code == 404
    assert other.code not in farm.get("/my/certificates/all/")


@pytest.mark.parametrize("layout", ["label", "sheet"])
def test_it_prints_as_pdf(farm, layout):
    row = issued(producer=farm.producer)
    response = farm.client.get(f"/my/certificates/{row.code}/{layout}.pdf")
    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF-")


def test_voiding_says_why_and_the_public_page_shows_it(farm, client):
    row = issued(producer=farm.producer)
    path = f"/my/certificates/{row.code}/void/"
    assert "choice" in farm.client.post(path, {}).context["form"].errors
    assert "reason" in farm.client.post(path, {"choice": "other", "reason": " "}).context["form"].errors
    farm.client.post(path, {"choice": "这批没有卖成"})
    row.refresh_from_db()
    assert (row.status, row.void_reason, row.voided_by) == ("void", "这批没有卖成", farm.user)
    assert "已作废" in farm.get(f"/my/certificates/{row.code}/")
    assert "已作废" in client.get(f"/c/{row.code}/").content.decode()
    assert "这张合格证已经作废。" in farm.client.post(path, {"choice": "这批没有卖成"}).content.decode()


def test_a_helper_issues_but_does_not_void():
    farm = make_farm(role="helper", member="helper")
    row = issued(producer=farm.producer)
    assert "作废" not in farm.get(f"/my/certificates/{row.code}/")
    farm.get(f"/my/certificates/{row.code}/void/", status=403)
    farm.get("/my/certificates/")


def test_without_a_covered_product_it_says_what_to_do_next(farm):
    farm.producer.products.all().delete()
    html = farm.get("/my/certificates/")
    assert "还没有要开合格证的产品" in html
    assert "/my/records/new/sale/" in html


def test_the_list_is_paged_and_a_forged_cursor_unknown(farm):
    for _number in range(21):
        issued(producer=farm.producer)
    response = farm.client.get("/my/certificates/all/")
    assert len(response.context["certificates"]) == 20
    after = response.context["next_cursor"]
    assert len(farm.client.get("/my/certificates/all/", {"after": after}).context["certificates"]) == 1
    farm.get("/my/certificates/all/", status=404, after="forged")


def test_the_page_of_selling_costs_a_known_number_of_queries(farm, batch, django_assert_num_queries):
    path = f"/my/certificates/sell/{batch.uid}/"
    farm.get(path)
    with django_assert_num_queries(11):
        farm.get(path)
