"""The register as a sheet: producers with what they grow and where, upserted by key, code or identity number.

An empty cell leaves what is there. A row needs something by which it is recognised when it comes again: a
key, a credit code or an identity number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agricredit.foundation.accounts.jurisdiction import scope_of
from agricredit.foundation.common import clock
from agricredit.foundation.common.crypto import keyed_hash
from agricredit.foundation.common.exporting import pages
from agricredit.foundation.common.masking import mask_identity, mask_phone
from archives.models import (
    Activity,
    Plot,
    Producer,
    ProducerKind,
    ProducerNature,
    ProducerProduct,
    ProducerStatus,
    Product,
    Region,
    Sector,
)
from archives.services import producer_loads
from archives.services.producer_fields import TAKEN, cleaned
from archives.services.producers import new_key
from archives.services.sheets.base import Row, Seen, Sheet, Verdict
from archives.services.sheets.columns import (
    Column,
    Wrong,
    as_decimal,
    choice,
    code,
    day,
    parts,
    plain,
    several,
    words,
)

MASK = "*"
_COLUMN_OF = {"key": "producer"}
_COMPARED = (
    "name", "kind", "nature", "sectors", "region_id", "credit_code", "identity_hash", "contact_name",
    "phone_hash", "address", "registered_on", "activities",
)  # fmt: skip
_SHOWN_AS = {"region_id": "region", "identity_hash": "identity_number", "phone_hash": "phone"}
OWN_FIELDS = frozenset({"contact_name", "phone_hash", "address"})
STATUSES = {s: s.label for s in ProducerStatus if s != ProducerStatus.MERGED}


def _plots(text: str) -> list[tuple[str, Decimal | None]]:
    """``东地=5.5;西地``: names with their area in mu."""
    found = []
    for part in parts(text):
        name, _sign, area = part.replace("＝", "=").partition("=")
        if not name.strip() or len(name.strip()) > 80:
            raise Wrong(_("地块名称须为1至80个字，如“东地=5.5;西地”。"))
        size = as_decimal(area.strip(), 2) if area.strip() else None
        if size is not None and not 0 < size < 10**8:
            raise Wrong(_("面积须大于0。"))
        found.append((name.strip(), size))
    return found


def _written_plots(plots: list[tuple[str, Decimal | None]]) -> str:
    return ";".join(name if area is None else f"{name}={plain(area)}" for name, area in plots)


COLUMNS = (
    code("producer", gettext_lazy("主体编号"), 64, example="SX-0001",
          note=gettext_lazy("本单位给主体的固定编号；再次导入时按编号、信用代码或身份号码更新，三者至少填一项。")),
    words("name", gettext_lazy("名称"), 160, required=True, example=gettext_lazy("绿源蔬菜专业合作社")),
    choice("kind", gettext_lazy("主体类型"), dict(ProducerKind.choices), required=True,
           example=ProducerKind.COOPERATIVE.label),
    choice("nature", gettext_lazy("法律性质"), dict(ProducerNature.choices), required=True,
           example=ProducerNature.LEGAL_PERSON.label),
    several("sectors", gettext_lazy("行业"), dict(Sector.choices), example=Sector.CROPS.label,
            note=gettext_lazy("多个用分号隔开。")),
    several("activities", gettext_lazy("从事环节"), dict(Activity.choices), example=Activity.PRODUCTION.label,
            note=gettext_lazy("多个用分号隔开；不填为生产。")),
    code("region", gettext_lazy("所在区划代码"), 12, required=True, example="440823100201",
          note=gettext_lazy("最好填到村（12位）或乡镇（9位）。")),
    code("credit_code", gettext_lazy("统一社会信用代码"), 18, example="93440823MA4UL0006B",
          note=gettext_lazy("18位；自然人不填。")),
    code("identity_number", gettext_lazy("公民身份号码"), 18, mask=mask_identity,
          note=gettext_lazy("只有自然人和个体工商户经营者需要；加密保存，导出时遮盖。")),
    words("contact_name", gettext_lazy("联系人"), 80, example=gettext_lazy("陈某")),
    code("phone", gettext_lazy("联系电话"), 20, mask=mask_phone, example="13800000000",
          note=gettext_lazy("11位手机号码；加密保存，导出时遮盖，遮盖的号码导入时不改动原来的。")),
    words("address", gettext_lazy("地址"), 240, example=gettext_lazy("遂城镇西溪村")),
    day("registered_on", gettext_lazy("建档日期"), example="2026-01-05",
        note=gettext_lazy("不填为导入当天。")),
    choice("status", gettext_lazy("状态"), STATUSES, example=ProducerStatus.ACTIVE.label,
           note=gettext_lazy("只对新建的主体有效，不填为正常；已有主体的状态请在其页面上变更。")),
    Column("products", gettext_lazy("产品"), read=parts, write=";".join, example=gettext_lazy("长豇豆;辣椒"),
           note=gettext_lazy("农产品目录中的名称或代码，多个用分号隔开；只增加，不减少。")),
    Column("plots", gettext_lazy("地块"), read=_plots, write=_written_plots,
           example=gettext_lazy("东地=5.5;西地"),
           note=gettext_lazy("名称=面积（亩），多个用分号隔开；只增加，不减少。")),
)  # fmt: skip


@dataclass
class Plan:
    """What writing a row takes: the columns of its producer, the row it changes, and new holdings."""

    values: dict[str, Any]
    known: Producer | None
    differing: list[str]
    products: list[Product] = field(default_factory=list)
    plots: list[tuple[str, Decimal | None]] = field(default_factory=list)


class ProducerSheet(Sheet):
    """See the module."""

    name = "producers"
    title = gettext_lazy("生产主体")
    permission = "archives.import_producers"
    explains = gettext_lazy("新建或更新主体档案；空着的单元格不改动原有内容。")
    model = Producer
    columns = COLUMNS

    def judge(self, rows: Sequence[Row], seen: Seen, actor: Any) -> None:
        """Three look-ups for the whole set, then the register's own checks row by row."""
        for row in rows:
            self.read(row)
            row.label = row.cells.get("name", "")
        known = _Known(rows, actor)
        for row in rows:
            self._judge(row, known, seen, actor)

    def _judge(self, row: Row, known: _Known, seen: Seen, actor: Any) -> None:
        unread = {column for column, _message in row.faults}
        self._look_for_repeats(row, seen)
        given = dict(row.values)
        producer = known.match(row)
        _drop_masked(row, given, producer)
        status = given.pop("status", None)
        products, plots = known.products_of(row, given.pop("products", [])), given.pop("plots", [])
        fields = {**_current(producer), **given} if producer else given
        fields["key"] = fields.pop("producer", None)
        if producer is None:
            fields.setdefault("registered_on", clock.today())
        try:
            values = cleaned(
                fields, producer, actor, regions=known.regions, look_for_taken=False, searched=False
            )
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                column = _COLUMN_OF.get(name, name)
                for message in messages if column not in unread else ():
                    row.refuse(column, message)
        if not row.sound:
            return
        if producer is not None and status not in (None, producer.status):
            row.refuse("status", _("已有主体的状态请在其页面上变更，并写明理由。"))
        if producer is None:
            values["key"] = values.get("key") or new_key()
        values["status"] = producer.status if producer else status or ProducerStatus.ACTIVE
        differing = [] if producer is None else [n for n in _COMPARED if getattr(producer, n) != values[n]]
        row.plan = Plan(values, producer, differing)
        _keep_to_own(row, row.plan, actor)
        known.add_holdings(row.plan, products, plots)
        if row.sound:
            self._settle(row, row.plan)

    def _look_for_repeats(self, row: Row, seen: Seen) -> None:
        for name in ("producer", "credit_code", "identity_number"):
            text = row.values.get(name)
            before = seen.first(row, name, text) if text and MASK not in text else None
            if before is not None:
                row.refuse(name, _("%(place)s已有这个主体。") % {"place": before})

    def _settle(self, row: Row, plan: Plan) -> None:
        if plan.known is None:
            row.verdict = Verdict.NEW
            return
        for name in plan.differing:
            column = self.named(_SHOWN_AS.get(name, name))
            before, after = getattr(plan.known, column.field, None), plan.values.get(column.field)
            if name == "region_id":
                before, after = plan.known.region_id, plan.values["region_id"]
            row.changes.append((column.field, _shown(column, before), _shown(column, after)))
        if plan.products:
            row.changes.append(("products", "", ";".join(product.name for product in plan.products)))
        if plan.plots:
            row.changes.append(("plots", "", _written_plots(plan.plots)))
        row.verdict = Verdict.CHANGED if row.changes else Verdict.UNCHANGED

    def write(self, rows: Sequence[Row], actor: Any) -> None:
        """One insert, one update, one call to the ledger."""
        producer_loads.write([row.plan for row in rows], actor=actor)

    def identity_of(self, row: Row) -> str:
        """The producer's key."""
        if row.plan is None or not row.sound:
            return ""
        return str(row.plan.known.key if row.plan.known else row.plan.values["key"])

    def rows_of(self, queryset: QuerySet[Any]) -> Iterator[list[Any]]:
        """Personal numbers are masked: an export is no way to a list of them."""
        for page in pages(queryset.select_related(None)):
            ids = [producer.pk for producer in page]
            products: dict[int, list[str]] = {}
            for owner, name in (
                ProducerProduct.objects.filter(producer_id__in=ids)
                .order_by("pk")
                .values_list("producer_id", "product__name")
            ):
                products.setdefault(owner, []).append(name)
            plots: dict[int, list[tuple[str, Decimal | None]]] = {}
            for plot in Plot.objects.filter(producer_id__in=ids).order_by("pk"):
                plots.setdefault(plot.producer_id, []).append((plot.name, plot.area_mu))
            for producer in page:
                yield self._cells(producer, products.get(producer.pk, []), plots.get(producer.pk, []))

    def _cells(self, producer: Producer, products: list[str], plots: list[Any]) -> list[Any]:
        own = {**_current(producer), "producer": producer.key, "products": products, "plots": plots}
        own["region"] = producer.region_id
        own["status"] = producer.status
        if producer.status == ProducerStatus.MERGED:
            own["status"] = ""
        cells = []
        for column in self.columns:
            text = column.cell(own[column.field])
            cells.append(column.mask(text) if column.mask else text)
        return cells


class _Known:
    """What the register already has of a set of rows."""

    def __init__(self, rows: Sequence[Row], actor: Any) -> None:
        values = [row.values for row in rows]
        keys = {v["producer"] for v in values if v.get("producer")}
        codes = {v["credit_code"].upper() for v in values if v.get("credit_code")}
        self.hashes = {
            row.number: keyed_hash(row.values["identity_number"].upper(), "identity")
            for row in rows
            if row.values.get("identity_number") and MASK not in row.values["identity_number"]
        }
        living = Producer.objects.exclude(status=ProducerStatus.MERGED)
        self.by_key = {p.key: p for p in Producer.objects.filter(key__in=keys)}
        self.by_code = {p.credit_code: p for p in living.filter(credit_code__in=codes)}
        hashes = set(self.hashes.values())
        self.by_identity = {p.identity_hash: p for p in living.filter(identity_hash__in=hashes)}
        found = {p.pk for group in (self.by_key, self.by_code, self.by_identity) for p in group.values()}
        visible = Producer.objects.all() if actor is None else Producer.objects.visible_to(actor)
        self.visible = set(visible.filter(pk__in=found).values_list("pk", flat=True))
        self.regions = Region.objects.in_bulk({v["region"] for v in values if v.get("region")})
        named = {name for v in values for name in v.get("products", [])}
        self.products = {p.name: p for p in Product.objects.filter(name__in=named)}
        self.products |= {p.code: p for p in Product.objects.filter(code__in=named)}
        grown = ProducerProduct.objects.filter(producer_id__in=found)
        self.grown = set(grown.values_list("producer_id", "product_id"))
        self.plots = set(Plot.objects.filter(producer_id__in=found).values_list("producer_id", "name"))

    def match(self, row: Row) -> Producer | None:
        """The producer that the row is about, None for a new one; a code that another one has is a fault."""
        claims = {
            "producer": self.by_key.get(row.values.get("producer", "")),
            "credit_code": self.by_code.get(row.values.get("credit_code", "").upper()),
            "identity_number": self.by_identity.get(self.hashes.get(row.number)),
        }
        given = [name for name in claims if row.values.get(name)]
        if not given and row.sound:
            row.refuse(
                "producer", _("主体编号、统一社会信用代码、公民身份号码至少填一项，再次导入时才认得出。")
            )
        own = claims["producer"]
        if own is None and not row.values.get("producer"):
            own = claims["credit_code"] or claims["identity_number"]
        for name, producer in claims.items():
            hidden = producer is not None and producer.pk not in self.visible
            if producer is not None and (hidden or own is None or producer.pk != own.pk):
                row.refuse(name, str(TAKEN["key" if name == "producer" else name]))
        if own is not None and own.status == ProducerStatus.MERGED:
            row.refuse("producer", _("该主体已合并，请在合并后的主体上变更。"))
        return own if own is None or own.pk in self.visible else None

    def products_of(self, row: Row, names: list[str]) -> list[Product]:
        """The products that the row names."""
        for name in dict.fromkeys(names):
            if name not in self.products:
                row.refuse("products", _("农产品目录中没有“%(text)s”。") % {"text": name})
        return [self.products[name] for name in dict.fromkeys(names) if name in self.products]

    def add_holdings(self, plan: Plan, products: list[Product], plots: list[Any]) -> None:
        """What the producer does not have yet of the products and plots named."""
        owner = plan.known.pk if plan.known else 0
        plan.products += [product for product in products if (owner, product.pk) not in self.grown]
        plan.plots += [(name, area) for name, area in plots if (owner, name) not in self.plots]


def _keep_to_own(row: Row, plan: Plan, actor: Any) -> None:
    """A producer's own account keeps its contact and holdings; what is registered the authority registers."""
    if actor is None or scope_of(actor).kind != "own":
        return
    if plan.known is None:
        row.refuse("producer", _("本账号只能更新自己的主体，新建主体请联系当地农业农村部门。"))
    for name in plan.differing:
        if name not in OWN_FIELDS:
            row.refuse(_SHOWN_AS.get(name, name), _("此项由农业农村部门登记，本账号不能变更。"))


def _shown(column: Column, value: Any) -> str:
    return column.mask(str(value or "")) if column.mask else column.cell(value)


def _drop_masked(row: Row, given: dict[str, Any], producer: Producer | None) -> None:
    """A masked number says nothing new: it must be the mask of what is there."""
    for name, mask in (("phone", mask_phone), ("identity_number", mask_identity)):
        text = given.get(name) or ""
        if MASK in text:
            current = getattr(producer, name) if producer else None
            if not current or mask(current) != text:
                row.refuse(name, _("这是遮盖后的号码，请填写完整的号码或留空。"))
            del given[name]


def _current(row: Producer) -> dict[str, Any]:
    names = (
        "name kind nature sectors credit_code identity_number contact_name phone address registered_on"
        " is_generated activities"
    )
    return {**{name: getattr(row, name) for name in names.split()}, "region": row.region_id}
