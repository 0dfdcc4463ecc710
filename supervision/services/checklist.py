"""The item list of an administrative inspection: no check outside it (三个不查)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from archives.models import Activity, Producer

FOLDER = Path(__file__).resolve().parent.parent / "data"
EVERYTHING = (Activity.PRODUCTION.value, Activity.INPUT_SALE.value)
"""Of whoever does all this every item is looked at."""
ANSWERS = {
    "ok": gettext_lazy("符合"),
    "corrected": gettext_lazy("当场改正"),
    "fault": gettext_lazy("不符合"),
    "not_applicable": gettext_lazy("不涉及"),
}


@dataclass(frozen=True)
class Item:
    """One thing to look at, and the law that lets officers look at it."""

    code: str
    name: str
    clause: str


@cache
def items(activities: tuple[str, ...] = (Activity.PRODUCTION.value,)) -> tuple[Item, ...]:
    """The item list in its order: producers', then input shops' where the subject sells inputs."""
    shops = _read("shop_items.yaml") if Activity.INPUT_SALE in activities else ()
    only_shop = bool(shops) and Activity.PRODUCTION not in activities
    return shops if only_shop else (*_read("items.yaml"), *shops)


def items_of(producer: Producer) -> tuple[Item, ...]:
    """What an inspection of this subject may look at."""
    return items(tuple(producer.activities))


def _read(name: str) -> tuple[Item, ...]:
    return tuple(Item(**row) for row in yaml.safe_load((FOLDER / name).read_text(encoding="utf-8")))


def in_words(answers: Iterable[Mapping[str, str]]) -> list[tuple[str, str]]:
    """Recorded answers as (what was looked at, what was found), in the reader's language."""
    names = {item.code: item.name for item in items(EVERYTHING)}
    return [
        (_(names.get(row["code"], row["code"])), str(ANSWERS.get(row["answer"], row["answer"])))
        for row in answers
    ]


def checked(answers: dict[str, str], producer: Producer) -> list[dict[str, str]]:
    """The answers in the list's order; refuses an unknown item, an unknown answer and an empty list."""
    wanted = items_of(producer)
    known = {item.code for item in wanted}
    for code, answer in answers.items():
        if code not in known:
            raise ValidationError({"items": _("“%(item)s”不在检查项目清单内。") % {"item": code}})
        if answer not in ANSWERS:
            raise ValidationError({"items": _("检查项目“%(item)s”的结果不对。") % {"item": code}})
    if not answers:
        raise ValidationError({"items": _("至少要填写一个检查项目的结果。")})
    return [{"code": item.code, "answer": answers[item.code]} for item in wanted if item.code in answers]
