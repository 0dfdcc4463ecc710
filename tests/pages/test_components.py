"""The grade mark, the charts, the formats and the colours: what every screen is made of."""

import datetime
import re
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template, TemplateSyntaxError
from django.template.loader import render_to_string
from django.utils import translation

from agricredit.foundation.common.templatetags import charts, formats
from agricredit.foundation.common.templatetags.charts import Part
from agricredit.foundation.common.templatetags.grade_marks import CODE_MARKS, INK, MARKS, mark_of

SHEETS = Path(settings.BASE_DIR) / "agricredit/static/css"
CSS = "".join((SHEETS / name).read_text(encoding="utf-8") for name in ("charts.css", "agricredit.css"))
FACES = [(grade, "") for grade in MARKS] + [
    ("A", "绿码"),
    ("B", "蓝码"),
    ("C", "黄码"),
    ("D", "红码"),
    ("E", "灰码"),
]


def draw(grade, size=48, word=""):
    return Template("{% load grade_marks %}{% grade_mark grade size word %}").render(
        Context({"grade": grade, "size": size, "word": word})
    )


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = [
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def tokens(block):
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))


LIGHT = tokens("".join(part.split("}")[0] for part in CSS.split(":root {")[1:]))
DARK = {**LIGHT, **tokens(CSS.split(":root.app {")[1].split("}")[0])}
TEXT_ON = [
    *[(text, ground) for text in ("ink", "muted", "link") for ground in ("ground", "tint")],
    ("ink", "ok-tint"),
    ("ink", "warning-tint"),
    ("ink", "danger-tint"),
    ("on-brand", "brand"),
    ("brand", "ground"),
    ("brand", "ok-tint"),
    ("warning", "warning-tint"),
    ("danger", "danger-tint"),
    ("danger", "ground"),
    ("on-danger", "danger"),
    ("focus-ink", "focus"),
]
GRADES = [name for name in LIGHT if name.startswith("grade-")]


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_ON)
def test_text_stands_out_from_its_ground(palette, text, ground):
    assert contrast(palette[text], palette[ground]) >= 4.5


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_edges_of_fields_stand_out(palette):
    assert contrast(palette["edge"], palette["ground"]) >= 3


@pytest.mark.parametrize("grade", [name for name in GRADES if name != "grade-yellow"])
def test_letters_stand_out_on_every_grade(grade):
    assert contrast(LIGHT["on-grade"], LIGHT[grade]) >= 4.5


@pytest.mark.parametrize("mark", [*MARKS.values(), *CODE_MARKS.values()], ids=lambda mark: mark.word)
def test_the_marks_strokes_stand_out_from_its_ground(mark):
    assert contrast(mark.stroke, mark.ground) >= 4.5


def test_dark_letters_on_yellow():
    assert contrast(INK, LIGHT["grade-yellow"]) >= 4.5


@pytest.mark.parametrize(("grade", "word"), FACES)
@pytest.mark.parametrize("size", [24, 48, 96])
def test_every_mark_has_a_shape_a_word_and_a_label(grade, word, size):
    html = draw(grade, size, word)
    face = mark_of(grade, word)
    assert f'width="{size}" height="{size}"' in html
    letters = f"<b>{face.letters}</b> " if size == 24 and face.letters else ""
    assert f'<span class="word" aria-hidden="true">{letters}{face.word}</span>' in html
    assert re.search(r'role="img" aria-label="农安信用等级 [^"]*' + face.word + '"', html)
    assert "style=" not in html
    assert ("不作金融征信依据" in html) == (size > 24)


def test_no_two_marks_look_alike_without_colour():
    drawings = [
        re.sub(
            r"#[0-9a-f]{6}", "", draw(grade, 24, word).split("<svg")[1].split("</svg>")[0].split(">", 1)[1]
        )
        for grade, word in FACES
        if grade != "objection"
    ]
    assert len(set(drawings)) == len(drawings)


def test_leaves_count_the_grade():
    assert [MARKS[grade].leaves for grade in ("AAAA", "AAA", "AA", "A", "B", "C")] == [4, 3, 2, 1, 0, 0]


def test_the_schemes_own_word_wins():
    assert "放心主体" in draw("AAA", 48, "放心主体")


def test_an_unknown_grade_is_not_rated_and_an_odd_size_is_refused():
    assert "未评价" in draw("ZZ")
    with pytest.raises(TemplateSyntaxError):
        draw("A", 50)


def test_a_stacked_bar_is_titled_by_its_answer_and_has_its_table():
    html = Template("{% load charts %}{% stacked_bar '六成在 A 级以上' parts %}").render(
        Context({"parts": [Part("AAA", 60), Part("B", 39), Part("", 1), Part("C", 0)]})
    )
    assert "<figcaption>六成在 A 级以上</figcaption>" in html
    assert html.count("<rect class=") == 6
    assert html.count("<title>") == 3
    assert '<td class="number">60%</td>' in html
    assert '<td class="number">0</td>' in html


def test_bar_segments_fill_the_bar_and_small_parts_stay_visible():
    drawn = charts.segments([Part("AAA", 999_999), Part("C", 1)])
    assert float(drawn[1]["width"]) >= 4
    assert float(drawn[1]["x"]) + float(drawn[1]["width"]) == pytest.approx(charts.WIDTH, abs=0.2)


@pytest.mark.parametrize(
    ("count", "total", "text"),
    [(1, 2, "50%"), (1, 3, "33.3%"), (2, 3, "66.7%"), (0, 0, "0%"), (0, 9, "0%"), (1, 10_000, "<0.1%")],
)
def test_shares(count, total, text):
    assert charts.share(count, total) == text


def test_a_line_chart_places_its_points_from_zero():
    html = Template("{% load charts %}{% line_chart '三年来稳步上升' points %}").render(
        Context({"points": [("2023", 0), ("2024", 50), ("2025", 100)]})
    )
    assert 'points="40.0,200.0 360.0,125.0 680.0,50.0"' in html
    assert "<td>2025</td>" in html


def test_dates_quantities_and_points_in_chinese_and_english():
    day = datetime.date(2026, 3, 1)
    assert formats.full_date(day) == "2026年3月1日"
    assert formats.year_month(day) == "2026年3月"
    assert formats.month_day(datetime.date(2026, 8, 12)) == "8月12日"
    assert formats.moment(datetime.datetime(2026, 2, 28, 16, 5, tzinfo=datetime.UTC)) == "2026年3月1日 00:05"
    assert formats.mu(Decimal("12.50")) == "12.5 亩"
    assert formats.kilograms(Decimal("1200.000")) == "1,200 公斤"
    assert formats.points(8250) == "82.5"
    assert formats.full_date(None) == formats.points(None) == ""
    with translation.override("en"):
        assert formats.full_date(day) == "1 March 2026"


def test_pages_rendered_without_a_request_need_nothing():
    for name in ("500.html", "400.html"):
        assert "回首页" in render_to_string(name)
