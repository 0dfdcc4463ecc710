"""Scheme documents: both that ship are sound, and everything wrong with a bad one is said at once."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from rating import schemes
from rating.engine import parsing
from rating.engine.document import hundredths, shown
from tests.rating.engine.worlds import NUMBERS
from tests.rating.reference import tables


def faults(change: Callable[[dict[str, Any]], None], code: str = "gd-r1") -> list[str]:
    document = copy.deepcopy(schemes.document(code))
    change(document)
    with pytest.raises(parsing.SchemeError) as refused:
        parsing.parse(document, NUMBERS)
    return refused.value.faults


def criterion(document: dict[str, Any], code: str) -> dict[str, Any]:
    parts = document["criteria"] + document["bonus"] + document["deductions"]
    return next(item for item in parts if item["code"] == code)


def test_the_documents_have_every_row_of_the_contract_in_its_order() -> None:
    for code, rows in tables().items():
        scheme = parsing.parse(schemes.document(code), NUMBERS)
        named = [row for row in rows if row.max != "veto"]
        listed = [column for column in scheme.columns if column.listed]
        assert [column.code for column in listed] == [row.code for row in named]
        for column, row in zip(listed, named, strict=True):
            if row.max != "−":
                assert shown(column.points) == row.max.lstrip("+")
            assert column.organised_only == (row.applies == "org")
            span = column.measure.leaves()[0].selected.span.name
            assert span == row.window
        vetoes = [row.code for row in rows if row.max == "veto" or "→ E" in row.rule]
        assert [veto.code for veto in scheme.vetoes] == vetoes


def test_the_hangzhou_scheme_has_9_23_50() -> None:
    scheme = parsing.parse(schemes.document("hz-r1"), NUMBERS)
    first = [indicator for indicator in scheme.indicators if not indicator.parent]
    assert (len(first), len(scheme.indicators) - len(first), len(scheme.criteria)) == (9, 23, 50)


def test_an_unknown_scheme_is_no_document() -> None:
    with pytest.raises(KeyError):
        schemes.document("zz-r9")


def test_the_hash_does_not_depend_on_the_order_of_keys() -> None:
    document = schemes.document("gd-r1")
    turned = dict(reversed(document.items()))
    assert parsing.digest(document) == parsing.digest(turned)
    turned["version"] = "2"
    assert parsing.digest(document) != parsing.digest(turned)


def unknown_measure(d: dict[str, Any]) -> None:
    criterion(d, "GD201")["measure"] = {"average": "harvest.recorded"}


def unknown_kind(d: dict[str, Any]) -> None:
    criterion(d, "GD201")["measure"] = {"share": "harvest.recroded"}


def unknown_rule(d: dict[str, Any]) -> None:
    criterion(d, "GD201")["rule"] = {"curve": "8"}


def overlapping(d: dict[str, Any]) -> None:
    criterion(d, "GD201")["rule"]["bands"][1]["at_least"] = "0.95"


def unordered(d: dict[str, Any]) -> None:
    criterion(d, "GD201")["rule"]["bands"].reverse()


def mixed(d: dict[str, Any]) -> None:
    band = criterion(d, "GD201")["rule"]["bands"][1]
    band["at_most"] = band.pop("at_least")


def sums(d: dict[str, Any]) -> None:
    d["indicators"][0]["points"] = "11"


def no_clause(d: dict[str, Any]) -> None:
    del criterion(d, "GD201")["clause"]


def veto_grade(d: dict[str, Any]) -> None:
    d["vetoes"][0]["grade"] = "Z"


def too_high(d: dict[str, Any]) -> None:
    d["grades"][0]["cut"] = "100.01"


def never(d: dict[str, Any]) -> None:
    d["grades"][0]["gates"][1]["measure"] = {"count": "banned.found"}
    del d["grades"][0]["gates"][1]["at_most"]
    d["grades"][0]["gates"][1]["at_least"] = "1"


def twice(d: dict[str, Any]) -> None:
    criterion(d, "GD202")["code"] = "GD201"


def thousandths(d: dict[str, Any]) -> None:
    criterion(d, "GD201")["rule"]["bands"][0]["at_least"] = "0.955"


def float_number(d: dict[str, Any]) -> None:
    criterion(d, "GD201")["rule"]["bands"][0]["at_least"] = 0.95


def rule_sum(d: dict[str, Any]) -> None:
    criterion(d, "GD201")["points"] = "9"


def flag_of_sum(d: dict[str, Any]) -> None:
    criterion(d, "GD203")["rule"] = {"flag": "4"}


def needless_none(d: dict[str, Any]) -> None:
    criterion(d, "GD103")["none"] = "zero"


def missing_none(d: dict[str, Any]) -> None:
    del criterion(d, "GD203")["none"]


def unknown_key(d: dict[str, Any]) -> None:
    criterion(d, "GD203")["wieght"] = "1"


def supervision(d: dict[str, Any]) -> None:
    d["supervision"].pop()


def cuts(d: dict[str, Any]) -> None:
    d["grades"][1]["cut"] = "60"


def group(d: dict[str, Any]) -> None:
    d["evidence"]["check_group"] = ["GD999"]


def deduction_capped(d: dict[str, Any]) -> None:
    criterion(d, "GD-N1")["rule"] = {"per": "10", "cap": "20"}


@pytest.mark.parametrize(
    ("change", "place", "words"),
    [
        (unknown_measure, "GD201", "度量应恰为 count、sum"),
        (unknown_kind, "GD201", "“harvest.recroded”没有登记"),
        (unknown_rule, "GD201", "计分规则应恰为 scale、bands"),
        (overlapping, "GD201", "分段重叠：界限 0.95 出现两次"),
        (unordered, "GD201", "应从大到小"),
        (mixed, "GD201", "不能混用"),
        (sums, "GD1", "各项分值合计 10，应等于指标分值 11"),
        (no_clause, "GD201", "缺少“clause”"),
        (veto_grade, "GD-V1", "否决等级“Z”不存在，应为 AAAA、AAA、AA、A、B、C 之一"),
        (too_high, "AAAA", "最高等级永远达不到"),
        (never, "AAAA", "永远不能满足"),
        (twice, "GD201", "编号重复"),
        (thousandths, "GD201", "至多两位小数"),
        (float_number, "GD201", "至多两位小数的数（小数须加引号"),
        (rule_sum, "GD201", "最高分应等于该项的分值"),
        (flag_of_sum, "GD203", "flag 只能用于"),
        (needless_none, "GD103", "count 总有读数"),
        (missing_none, "GD203", "“none”应为 skip、full、zero、duty 之一"),
        (unknown_key, "GD203", "不认识的键“wieght”"),
        (supervision, "not_rated", "应恰有一行"),
        (cuts, "AA", "应低于上一等级"),
        (group, "GD999", "check_group 引用的评分标准不存在"),
        (deduction_capped, "GD-N1", "不设上限的 per"),
    ],
)
def test_a_fault_names_the_place_and_what_was_expected(change, place: str, words: str) -> None:
    found = faults(change)
    assert any(fault.startswith(place) and words in fault for fault in found), found


def test_all_faults_are_collected() -> None:
    def many(document: dict[str, Any]) -> None:
        for change in (unknown_measure, no_clause, sums, veto_grade, too_high):
            change(document)

    found = faults(many)
    for words in ("度量应恰为", "clause", "应等于指标分值", "否决等级", "永远达不到"):
        assert any(words in fault for fault in found)


@pytest.mark.parametrize("document", [{}, [], "gd-r1", {"code": 7, "criteria": [1, None]}])
def test_what_is_no_scheme_at_all_is_refused_in_words(document: Any) -> None:
    with pytest.raises(parsing.SchemeError) as refused:
        parsing.parse(document, NUMBERS)
    assert all("：" in fault for fault in refused.value.faults)


@pytest.mark.parametrize(
    ("given", "cents"),
    [
        ("0.95", 95),
        ("8", 800),
        (8, 800),
        ("-0.5", -50),
        ("0.955", None),
        (0.95, None),
        (True, None),
        ("", None),
    ],
)
def test_numbers_are_read_exactly(given: object, cents: int | None) -> None:
    assert hundredths(given) == cents
