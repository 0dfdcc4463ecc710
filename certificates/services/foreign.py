"""Certificates of other platforms as a sheet: pulled by an exchange, or brought in a file. Read only here.

A certificate is known by its platform and its code there. One of our own that another platform returns is
recognised by its code and left alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agricredit.foundation.audit.services import record
from agricredit.foundation.common import clock
from agricredit.foundation.common.exporting import pages
from archives.models import Producer
from archives.services.sheets import Row, Seen, Sheet, Verdict, add_sheet
from archives.services.sheets.base import find_producers, owner_of
from archives.services.sheets.columns import amount, choice, day, words
from archives.services.sheets.entries import CODE, PRODUCER
from certificates.models import Certificate, ForeignCertificate

NAME = "certificates"
_KEPT = ("product", "quantity", "origin", "batch", "issued_on", "status", "void_reason")


class ForeignCertificateSheet(Sheet):
    """One row a certificate, as the other platform has it now."""

    name = NAME
    title = gettext_lazy("其他平台的合格证")
    permission = "certificates.import_foreigncertificate"
    explains = gettext_lazy("在其他追溯平台开具的承诺达标合格证；只供查看，在本平台不能修改，也不计入评价。")
    model = ForeignCertificate
    columns = (
        words("platform", gettext_lazy("开具平台"), 80, required=True, example=gettext_lazy("省追溯平台")),
        words("code", gettext_lazy("查验码"), 80, required=True, text=True, example="GD20260315000001"),
        PRODUCER,
        CODE,
        words("product", gettext_lazy("产品"), 80, required=True, example=gettext_lazy("长豇豆")),
        amount("quantity", gettext_lazy("数量（公斤）"), example="500"),
        words("origin", gettext_lazy("产地（证面）"), 200),
        words("batch", gettext_lazy("批次号"), 80, text=True),
        day("issued_on", gettext_lazy("开具日期"), required=True, example="2026-03-15"),
        choice("status", gettext_lazy("状态"), dict(ForeignCertificate.Status.choices),
               note=gettext_lazy("不填为有效。")),
        words("void_reason", gettext_lazy("作废原因"), 200),
    )  # fmt: skip

    def judge(self, rows: Sequence[Row], seen: Seen, actor: Any) -> None:
        """New, changed there, unchanged, or one of our own that came back."""
        for row in rows:
            self.read(row)
            row.label = row.values.get("code", "")
        producers = find_producers(rows, actor)
        codes = {row.values["code"] for row in rows if "code" in row.values}
        own = dict(Certificate.objects.filter(code__in=codes).values_list("code", "producer_id"))
        known = {(row.platform, row.code): row for row in ForeignCertificate.objects.filter(code__in=codes)}
        for row in rows:
            _check(row)
            if row.number in producers and {"platform", "code"} <= row.values.keys():
                self._judge(row, producers[row.number], own, known, seen)

    def _judge(
        self, row: Row, producer: Producer, own: dict[str, int],
        known: dict[tuple[str, str], ForeignCertificate], seen: Seen,
    ) -> None:  # fmt: skip
        given = row.values
        key = given["platform"], given["code"]
        before = seen.first(row, NAME, key)
        if before is not None:
            row.refuse("code", _("%(place)s已有同一项信息。") % {"place": before})
        there = known.get(key)
        owner = own.get(given["code"], there.producer_id if there else producer.pk)
        if owner != producer.pk:
            row.refuse("code", _("这个查验码的合格证是另一个主体的，请与对方平台核对。"))
        if not row.sound:
            return
        if given["code"] in own:
            row.verdict = Verdict.UNCHANGED
            return
        row.plan = _row(given, producer)
        if there is not None:
            self._compare(row, there)

    def _compare(self, row: Row, there: ForeignCertificate) -> None:
        if there.status == ForeignCertificate.Status.VOID and row.plan.status != there.status:
            row.refuse("status", _("已作废的合格证不能恢复，请与对方平台核对。"))
            return
        row.plan.received_at = there.received_at
        for name in _KEPT:
            before, after = getattr(there, name), getattr(row.plan, name)
            if before != after:
                column = self.named(name)
                row.changes.append((name, column.cell(before), column.cell(after)))
        row.verdict = Verdict.CHANGED if row.changes else Verdict.UNCHANGED

    def write(self, rows: Sequence[Row], actor: Any) -> None:
        """One statement and one audit line."""
        ForeignCertificate.objects.bulk_create(
            [row.plan for row in rows], batch_size=1_000, update_conflicts=True,
            unique_fields=["platform", "code"], update_fields=[*_KEPT, "changed_at"],
        )  # fmt: skip
        names = "、".join(sorted({row.plan.platform for row in rows}))
        record(verb="certificate.foreign_kept", actor=actor, platform=names, count=len(rows))

    def identity_of(self, row: Row) -> str:
        """Its code."""
        return str(row.values.get("code", "")) if row.sound else ""

    def rows_of(self, queryset: QuerySet[Any]) -> Iterator[list[Any]]:
        """As they came."""
        for page in pages(queryset.select_related(None).select_related("producer")):
            for row in page:
                yield self.cells(row, owner_of(row.producer))


def _check(row: Row) -> None:
    """What single cells say, whatever else is wrong."""
    given = row.values
    if "issued_on" in given and given["issued_on"] > clock.today():
        row.refuse("issued_on", _("日期不能晚于今天：尚未生效的不能导入。"))
    if "quantity" in given and given["quantity"] <= 0:
        row.refuse("quantity", _("数量须大于0。"))
    if given.get("void_reason") and given.get("status") != ForeignCertificate.Status.VOID:
        row.refuse("void_reason", _("只有已作废的才有作废原因。"))


def _row(given: dict[str, Any], producer: Producer) -> ForeignCertificate:
    now = clock.now()
    texts = {name: given.get(name, "") for name in ("platform", "code", "product", "origin", "batch")}
    return ForeignCertificate(
        **texts, producer=producer, quantity=given.get("quantity"), issued_on=given["issued_on"],
        status=given.get("status", ForeignCertificate.Status.ISSUED),
        void_reason=given.get("void_reason", ""), received_at=now, changed_at=now,
    )  # fmt: skip


add_sheet(ForeignCertificateSheet())
