"""Loading what the archives stand on: administrative divisions and the product catalogue."""

from __future__ import annotations

import csv
import datetime
import io
import lzma
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from agricredit.foundation.audit.services import record
from agricredit.foundation.common import clock
from agricredit.foundation.common.db import copy_in
from archives.models import Product
from archives.models.regions import CODE_LENGTHS

# Levels that exist only for the code's sake and are left out of a full name.
NAMELESS = {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"}
XZ = b"\xfd7zXZ\x00"
_STAGED = ["code", "name", "full_name", "level", "parent_id", "valid_to"]
_MAKE_STAGE = """
    CREATE TEMP TABLE region_stage (
        code text PRIMARY KEY, name text, full_name text, level text, parent_id text, valid_to date
    ) ON COMMIT DROP
"""
# What an order of this platform has ended or opened stays so until the file knows it too.
_UPSERT = """
    INSERT INTO archives_region AS r (code, name, full_name, level, parent_id, valid_from, valid_to)
    SELECT code, name, full_name, level, parent_id, CASE WHEN valid_to IS NULL THEN %s::date END, valid_to
    FROM region_stage ORDER BY length(code), code
    ON CONFLICT (code) DO UPDATE SET name = excluded.name, full_name = excluded.full_name,
        level = excluded.level, parent_id = excluded.parent_id,
        valid_to = CASE WHEN r.code IN (SELECT old_id FROM archives_regionsuccession)
            THEN r.valid_to ELSE excluded.valid_to END
    WHERE (r.name, r.full_name, r.level, r.parent_id) IS DISTINCT FROM
          (excluded.name, excluded.full_name, excluded.level, excluded.parent_id)
       OR (r.valid_to IS DISTINCT FROM excluded.valid_to
           AND r.code NOT IN (SELECT old_id FROM archives_regionsuccession))
"""
_END = """
    UPDATE archives_region r SET valid_to = greatest(%s::date, r.valid_from) WHERE valid_to IS NULL
    AND NOT EXISTS (SELECT 1 FROM region_stage s WHERE s.code = r.code)
    AND NOT EXISTS (SELECT 1 FROM archives_regionsuccession n WHERE n.new_id = r.code)
"""


@dataclass(frozen=True)
class LoadedRegions:
    """What a load did: how many divisions the file has, how many rows were written, how many ended."""

    read: int
    written: int
    ended: int


def load_regions(
    *, path: Path | None = None, effective: datetime.date | None = None, actor: Any = None
) -> LoadedRegions:
    """Bring the divisions to what the file says (by default the one that ships); safe to repeat.

    Codes that ended before the project began but still stand in old archives ship beside it
    (regions_former.csv). A division new to a table that already has some is valid from ``effective`` (today);
    one that is no longer in the file ends the day before. Nothing is ever deleted. ValidationError names a
    line that cannot be right.
    """
    day = effective or clock.today()
    rows = list(_regions(path))  # read before the database is asked: a fault keeps its own words
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_MAKE_STAGE)
        read = copy_in(cursor, "region_stage", _STAGED, rows)
        cursor.execute("SELECT EXISTS (SELECT 1 FROM archives_region)")
        known = cursor.fetchone()[0]
        cursor.execute(_UPSERT, [day if known else None])
        written = cursor.rowcount
        cursor.execute(_END, [day - datetime.timedelta(days=1)])
        ended = cursor.rowcount
        cursor.execute("DROP TABLE region_stage")
        if written or ended:
            record(verb="regions.loaded", actor=actor, count=written, ended=ended)
    return LoadedRegions(read, written, ended)


def _regions(path: Path | None) -> Iterator[tuple[str, str, str, str, str | None, str | None]]:
    """Rows with the full name denormalised; a parent must come before its children."""
    full_names: dict[str, str] = {}
    for number, row in enumerate(_region_rows(path), start=2):
        code, name, level, parent = row["code"], row["name"], row["level"], row["parent"]
        ended = row.get("valid_to") or None
        if ended and code in full_names:
            continue  # the file given has it again
        if CODE_LENGTHS.get(level) != len(code) or not code.isdigit() or not name or code in full_names:
            raise ValidationError(_("行政区划文件第%(row)d行的代码、级别或名称不正确。") % {"row": number})
        if parent and not code.startswith(parent):
            raise ValidationError(_("行政区划文件第%(row)d行的上级区划不正确。") % {"row": number})
        if parent and parent not in full_names:
            if ended:
                continue  # the file given does not reach there
            raise ValidationError(_("行政区划文件第%(row)d行的上级区划不在文件中。") % {"row": number})
        full_names[code] = full_names.get(parent, "") + ("" if name in NAMELESS else name)
        yield code, name, full_names[code] or name, level, parent or None, ended


def _region_rows(path: Path | None) -> Iterator[dict[str, str]]:
    shipped = resources.files("archives") / "data"
    yield from _rows_of((path or shipped / "regions.csv.xz").read_bytes())
    yield from _rows_of((shipped / "regions_former.csv").read_bytes())


def _rows_of(data: bytes) -> Iterator[dict[str, str]]:
    if data.startswith(XZ):
        data = lzma.decompress(data)
    yield from csv.DictReader(io.StringIO(data.decode(), newline=""))


def load_products(*, actor: Any = None) -> int:
    """Bring the catalogue to what the project ships; safe to repeat. Return how many products it has."""
    text = (resources.files("archives") / "data" / "products.yaml").read_text(encoding="utf-8")
    document = yaml.safe_load(text)
    products = [
        Product(
            code=code,
            name=name,
            category=category,
            sector=group["sector"],
            certificate_required=category not in document["certificate_exempt"],
            animal=document["animals"].get(name, ""),
            yield_kg_per_mu=group.get("yield"),
            packages_per_mu=group.get("packages"),
        )
        for category, group in document["products"].items()
        for code, name in group["items"].items()
    ]
    fields = ["name", "category", "sector", "certificate_required", "animal"]
    with transaction.atomic():
        if not Product.objects.exclude(yield_kg_per_mu=None).exists():
            fields += ["yield_kg_per_mu", "packages_per_mu"]  # later they are the officers' to change
        Product.objects.bulk_create(
            products,
            update_conflicts=True,
            unique_fields=["code"],
            update_fields=fields,
        )
        record(verb="products.loaded", actor=actor, count=len(products))
    return len(products)
