"""What is expected of a file and missing, and how complete it is; one statement for any set of files.

What is expected of whom is data (``data/register.yaml``); how an item is found stands here beside its words.
The share is posted as ``profile.completed`` whenever it changed, and never twice for the same change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.common import clock
from archives import vocabulary
from archives.models import ORGANISED_KINDS, Producer
from archives.services import ledger

SOURCE = "profile"
CHUNK = 20_000

_TRADE_LICENCES = ("pesticide_sale", "veterinary_sale", "slaughter", "seed", "feed")


@dataclass(frozen=True)
class Item:
    """One thing expected: its words, the SQL that finds it for ``p``, and where the producer can add it."""

    label: str | Promise
    found: str
    noun: str = ""


def _in(codes: Iterable[str]) -> str:
    return ", ".join(f"'{code}'" for code in codes)


def _row(table: str, condition: str = "TRUE", *, ends: bool = True, checked: bool = True) -> str:
    """Whether an entry in force meets the condition; one that a check refused does not count."""
    end = "AND (k.valid_until IS NULL OR k.valid_until >= %(today)s)" if ends else ""
    check = "AND k.check_outcome <> 'fail'" if checked else ""
    return (
        f"EXISTS (SELECT 1 FROM archives_{table} k WHERE k.producer_id = p.id AND k.ended_on IS NULL"  # noqa: S608 - names of our own tables and columns
        f" AND {condition} {end} {check})"
    )


ITEMS: dict[str, Item] = {
    "code": Item(
        _("统一社会信用代码或公民身份号码"),
        "CASE WHEN p.nature = 'natural_person' THEN p.identity_hash ELSE p.credit_code END IS NOT NULL",
    ),
    "village": Item(_("所在乡镇或村"), "length(p.region_id) >= 9"),
    "contact": Item(_("联系人"), "p.contact_name <> ''"),
    "phone": Item(_("联系电话"), "p.phone_hash IS NOT NULL"),
    "address": Item(_("地址"), "p.address <> ''"),
    "sectors": Item(_("行业"), "cardinality(p.sectors) > 0"),
    "product": Item(
        _("种养的产品"),
        "EXISTS (SELECT 1 FROM archives_producerproduct k WHERE k.producer_id = p.id)",
        "product",
    ),
    "plot": Item(_("地块"), _row("plot", ends=False, checked=False), "plot"),
    "licence": Item(_("营业执照"), _row("licence", "k.kind = 'business'"), "licence"),
    "principal": Item(
        _("法定代表人或负责人证件"),
        _row("identity", "k.relation IN ('legal', 'principal')", ends=False, checked=False),
        "identity",
    ),
    "quality_person": Item(
        _("内控员或质量安全员"),
        _row("staffmember", f"k.duty IN ({_in(vocabulary.codes_with('duties', 'quality'))})"),
        "staff",
    ),
    "quality_system": Item(_("质量安全管理制度"), _row("filing", "k.kind = 'quality_system'"), "filing"),
    "emergency_plan": Item(_("应急预案"), _row("filing", "k.kind = 'emergency_plan'"), "filing"),
    "trade_licence": Item(
        _("经营或屠宰许可证"), _row("licence", f"k.kind IN ({_in(_TRADE_LICENCES)})"), "licence"
    ),
}


def _asked_of(item: str) -> str:
    """The SQL condition on ``p`` by which an item is expected; FALSE when the file asks it of nobody."""
    conditions = []
    for group in vocabulary.document()["expected"]:
        if item not in group["items"]:
            continue
        parts = ["TRUE"]
        if group.get("organised"):
            parts.append(f"p.kind IN ({_in(ORGANISED_KINDS)})")
        if group.get("activities"):
            parts.append(f"p.activities && ARRAY[{_in(group['activities'])}]::varchar[]")
        conditions.append("(" + " AND ".join(parts) + ")")
    return " OR ".join(conditions) or "FALSE"


def _compute() -> str:
    """The upsert of profiles for the producers that ``{who}`` selects; returns those to be posted."""
    asked = {code: f"({_asked_of(code)})" for code in ITEMS}
    missing = ", ".join(
        f"CASE WHEN {asked[code]} AND NOT ({item.found}) THEN '{code}' END" for code, item in ITEMS.items()
    )
    count = " + ".join(f"{condition}::int" for condition in asked.values())
    return f"""
        INSERT INTO archives_profile AS f
            (producer_id, share, missing, missing_count, computed_on, postings)
        SELECT id, (200 * (asked - cardinality(missing)) + asked) / (2 * asked), missing,
            cardinality(missing), %(today)s, 0
        FROM (
            SELECT p.id, array_remove(ARRAY[{missing}]::varchar[], NULL) AS missing, {count} AS asked
            FROM archives_producer p
            WHERE {{who}} AND p.status IN ('active', 'paused')
        ) judged
        ORDER BY id
        ON CONFLICT (producer_id) DO UPDATE SET share = excluded.share, missing = excluded.missing,
            missing_count = excluded.missing_count, computed_on = excluded.computed_on
        WHERE (f.share, f.missing, f.posted_share)
            IS DISTINCT FROM (excluded.share, excluded.missing, excluded.share)
    """  # noqa: S608 - constants of this module and codes of its data file


_COMPUTE = _compute()
_OF_SOME = "p.id = ANY(%(ids)s)"
_OF_RANGE = "p.id > %(low)s AND p.id <= %(high)s"
_TO_POST = """
    UPDATE archives_profile f SET posted_share = f.share, postings = f.postings + 1
    FROM archives_producer p
    WHERE p.id = f.producer_id AND {who} AND f.posted_share IS DISTINCT FROM f.share
    RETURNING f.producer_id, f.share, f.postings, p.region_id
"""


def refresh(producer_ids: Iterable[int]) -> int:
    """Work out the files given and post what changed; return how many were posted."""
    return _refresh(_OF_SOME, {"ids": list(producer_ids)})


def refresh_everyone(progress: Callable[[int, int], None] | None = None) -> int:
    """Work out every file, a transaction each 20,000 ids; safe to stop and repeat. Return how many posted."""
    last = Producer.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    posted = 0
    for low in range(0, last, CHUNK):
        posted += _refresh(_OF_RANGE, {"low": low, "high": low + CHUNK})
        if progress is not None:
            progress(min(low + CHUNK, last), last)
    return posted


def worked_out(producer_ids: Iterable[int]) -> list[ledger.EventDraft]:
    """Work out the files given; what the caller must post in the same transaction."""
    return _worked_out(_OF_SOME, {"ids": list(producer_ids)})


@transaction.atomic
def _refresh(who: str, given: dict[str, Any]) -> int:
    drafts = _worked_out(who, given)
    if drafts:
        ledger.post(drafts)
    return len(drafts)


def _worked_out(who: str, given: dict[str, Any]) -> list[ledger.EventDraft]:
    day = clock.today()
    with connection.cursor() as cursor:
        cursor.execute(_COMPUTE.format(who=who), {**given, "today": day})
        cursor.execute(_TO_POST.format(who=who), given)
        changed = cursor.fetchall()
    return [
        ledger.EventDraft(
            uid=f"{SOURCE}:{producer_id}:{number}",
            producer_id=producer_id,
            kind="profile.completed",
            value=share,
            occurred_on=day,
            region=region,
            source=SOURCE,
        )
        for producer_id, share, number, region in changed
    ]


def labels(codes: Iterable[str]) -> list[str]:
    """Missing items in words."""
    return [str(ITEMS[code].label) for code in codes if code in ITEMS]
