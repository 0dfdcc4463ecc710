"""The public look-up by part of a name, initials and credit code, in the database."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db import connection

from agricredit.benchmarks import dataset, timing
from agricredit.foundation.common.clock import now
from agricredit.foundation.common.codes import make_credit_code
from agricredit.foundation.common.db import copy_in
from agricredit.foundation.common.grams import grams, initials
from archives.models import Producer

QUERIES = 400
_PLACES = [
    "遂溪",
    "徐闻",
    "雷州",
    "廉江",
    "吴川",
    "坡头",
    "麻章",
    "赤坎",
    "霞山",
    "城月",
    "界炮",
    "乐民",
    "草潭",
    "江洪",
    "杨柑",
    "黄略",
    "洋青",
    "岭北",
    "建新",
    "河头",
]
_WORDS = [
    "绿源",
    "丰收",
    "金穗",
    "万丰",
    "田园",
    "春晖",
    "红土",
    "南亚",
    "海丰",
    "富民",
    "兴农",
    "惠农",
    "康源",
    "天润",
    "益民",
    "合众",
    "永丰",
    "大地",
    "正茂",
    "锦绣",
]
_CROPS = [
    "蔬菜",
    "火龙果",
    "对虾",
    "菠萝",
    "荔枝",
    "生猪",
    "水稻",
    "番薯",
    "香蕉",
    "罗非鱼",
    "黄皮",
    "辣椒",
    "青枣",
    "莲藕",
    "桉蜜",
    "芒果",
    "生蚝",
    "白鸽",
]
_FORMS = ["种植专业合作社", "养殖专业合作社", "家庭农场", "农业发展有限公司", "农业科技有限公司"]
_COLUMNS = (
    *("key", "name", "name_folded", "name_grams", "initials", "kind", "nature", "sectors", "region_id"),
    *("credit_code", "contact_name", "address", "registered_on", "status", "is_generated"),
    *("created_at", "updated_at"),
)


def run(producers: int) -> dict[str, Any]:
    """p50 and p99 of the first 20 hits, by kind of query."""
    made = named_producers(producers)
    dice = random.Random(2)  # noqa: S311 - a sample
    names = list(
        Producer.objects.filter(pk__in=dice.sample(range(1, producers + 1), min(QUERIES, producers)))
    )
    queries = {
        "two_characters": [_part(dice, row.name, 2) for row in names],
        "three_characters": [_part(dice, row.name, 3) for row in names],
        "two_fragments": [f"{_part(dice, row.name, 2)} {_part(dice, row.name, 2)}" for row in names],
        "initials": [row.initials[:5] for row in names],
        "credit_code": [row.credit_code or "" for row in names],
        "miss": [f"鑫{_part(dice, row.name, 1)}淼{number}" for number, row in enumerate(names)],
    }
    return {
        "benchmark": "search",
        "producers": producers,
        "seconds": {"data": round(made, 1)},
        "search": {
            name: timing.percentiles(timing.each(_first_page, texts)) for name, texts in queries.items()
        },
    }


def named_producers(count: int, townships: int = dataset.TOWNSHIPS) -> float:
    """Fill the register with producers whose names look like a county's; return the seconds it took."""
    begun = time.perf_counter()
    dataset.regions(townships)
    with connection.cursor() as cursor:
        copy_in(cursor, "archives_producer", _COLUMNS, _rows(count, townships))
    dataset.settle()
    return time.perf_counter() - begun


def _first_page(text: str) -> list[Producer]:
    return list(Producer.objects.public().search(text)[:20])


def _part(dice: random.Random, name: str, length: int) -> str:
    first = dice.randrange(len(name) - length + 1)
    return name[first : first + length]


def _rows(count: int, townships: int) -> Iterator[tuple[Any, ...]]:
    dice, moment = random.Random(3), now()  # noqa: S311 - plainly generated names
    short = {word: initials(word) for word in (*_PLACES, *_WORDS, *_CROPS, *_FORMS)}
    for number in range(1, count + 1):
        parts = [dice.choice(words) for words in (_PLACES, _WORDS, _CROPS, _FORMS)]
        name = f"{parts[0]}{parts[1]}{number % 977}{parts[2]}{parts[3]}"
        letters = f"{short[parts[0]]}{short[parts[1]]}{number % 977}{short[parts[2]]}{short[parts[3]]}"
        region = f"440823{100 + number % townships}"
        code = make_credit_code(f"93440823{number:08d}")
        kind = "cooperative" if "合作社" in parts[3] else "enterprise"
        yield (
            *(f"B{number:09d}", name, name, grams(name), letters, kind, "legal_person", ["crops"], region),
            *(code, "", "", date(2018, 1, 1), "active", True, moment, moment),
        )
        if number % 100_000 == 0:
            sys.stderr.write(f"{number} producers\n")
