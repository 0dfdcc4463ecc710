"""Divisions: loaded set-based, idempotent, with validity; a subtree is a prefix."""

import datetime

import pytest
from django.core.exceptions import ValidationError

from agricredit.foundation.audit.models import AuditLine
from archives.models import Product, Region
from archives.services.reference import load_products, load_regions

pytestmark = pytest.mark.django_db
SMALL = (
    "code,name,level,parent\n44,广东省,province,\n4408,湛江市,city,44\n440823,遂溪县,county,4408\n"
    "440823101,黄略镇,township,440823\n"
)


def file(tmp_path, text):
    path = tmp_path / "regions.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_real_divisions_come_with_the_project_and_a_second_load_writes_nothing():
    first = load_regions()
    assert (first.read, first.written, first.ended) == (47237, 47237, 0)
    again = load_regions()
    assert (again.read, again.written, again.ended) == (47237, 0, 0)
    assert Region.objects.get(pk="440823101").full_name == "广东省湛江市遂溪县黄略镇"
    assert Region.objects.get(pk="110101").full_name == "北京市东城区"
    assert AuditLine.objects.filter(verb="regions.loaded").count() == 1


def test_a_code_that_ended_before_the_project_is_known_but_not_in_force():
    load_regions()
    town = Region.objects.get(pk="440823100")
    assert town.valid_to == datetime.date(2024, 12, 31)
    assert not Region.objects.in_force(datetime.date(2026, 1, 1)).filter(pk=town.pk).exists()
    assert Region.objects.in_force(datetime.date(2024, 6, 1)).filter(pk=town.pk).exists()


def test_a_change_of_divisions_keeps_the_old_code_with_the_day_it_ended(tmp_path):
    load_regions(path=file(tmp_path, SMALL))
    later = SMALL.replace("440823101,黄略镇", "440823102,新黄略镇").replace("遂溪县", "遂溪市")
    loaded = load_regions(path=file(tmp_path, later), effective=datetime.date(2027, 1, 1))
    assert (loaded.written, loaded.ended) == (
        3,
        1,
    )  # the county's name, the former town's full name, the new town
    assert Region.objects.get(pk="440823101").valid_to == datetime.date(2026, 12, 31)
    assert Region.objects.get(pk="440823102").valid_from == datetime.date(2027, 1, 1)
    assert Region.objects.get(pk="440823102").full_name == "广东省湛江市遂溪市新黄略镇"
    back = load_regions(path=file(tmp_path, later + "440823101,黄略镇,township,440823\n"))
    assert back.written == 1
    assert Region.objects.get(pk="440823101").valid_to is None


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("44082310,短镇,township,440823\n", "第6行的代码、级别或名称不正确"),
        ("440823101,又来,township,440823\n", "第6行的代码、级别或名称不正确"),
        ("440825101,别县镇,township,440823\n", "第6行的上级区划不正确"),
        ("440825101,别县镇,township,440825\n", "第6行的上级区划不在文件中"),
    ],
)
def test_a_file_that_cannot_be_right_is_refused_whole(tmp_path, line, sentence):
    with pytest.raises(ValidationError, match=sentence):
        load_regions(path=file(tmp_path, SMALL + line))
    assert not Region.objects.exists()


def test_a_subtree_is_a_prefix(tmp_path):
    load_regions(path=file(tmp_path, SMALL))
    assert [r.code for r in Region.objects.subtree("4408")] == ["4408", "440823", "440823100", "440823101"]
    assert Region.objects.subtree("").count() == 5


def test_the_catalogue_loads_again_without_doubling():
    assert load_products() == load_products() == Product.objects.count() == 69
    assert Product.objects.get(name="长豇豆").certificate_required
    assert not Product.objects.get(name="水稻").certificate_required
