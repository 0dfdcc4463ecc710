"""What a producer grows and where: its products and plots."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agricredit.foundation.audit.services import record
from archives.models import Plot, Producer, ProducerProduct, Product, Region
from archives.services.register import completeness, keeping


@transaction.atomic
def add_product(
    *, producer: Producer, product: Product, area_mu: Decimal | None = None, actor: Any = None
) -> ProducerProduct:
    """Let the producer's records name a product; adding it again returns what is there."""
    _check_area(area_mu)
    holding, new = ProducerProduct.objects.get_or_create(
        producer=producer, product=product, defaults={"area_mu": area_mu}
    )
    if new:
        record(
            verb="producer.product_added",
            actor=actor,
            target=producer,
            region_code=producer.region_id,
            product=product.name,
        )
        completeness.refresh([producer.pk])
    return holding


@transaction.atomic
def change_product(
    *, holding: ProducerProduct, area_mu: Decimal | None, actor: Any = None
) -> ProducerProduct:
    """Correct the area on which a producer grows a product."""
    producer = keeping.locked(holding.producer)
    rows = ProducerProduct.objects.select_for_update(of=("self",)).select_related("product")
    row: ProducerProduct = rows.get(pk=holding.pk)
    _check_area(area_mu)
    if row.area_mu == area_mu:
        return row
    row.area_mu = area_mu
    row.save(update_fields=["area_mu"])
    record(
        verb="producer.product_changed", actor=actor, target=producer, region_code=producer.region_id,
        product=row.product.name, area=str(area_mu or "—"),
    )  # fmt: skip
    return row


@transaction.atomic
def remove_product(*, holding: ProducerProduct, reason: str, actor: Any = None) -> None:
    """The producer grows a product no longer: new records cannot name it, those that do stay as they are."""
    producer = keeping.locked(holding.producer)
    if not reason.strip():
        raise ValidationError({"reason": _("请填写理由。")})
    rows = ProducerProduct.objects.select_for_update(of=("self",)).select_related("product")
    row: ProducerProduct = rows.get(pk=holding.pk)
    name = row.product.name
    row.delete()
    record(
        verb="producer.product_removed", actor=actor, target=producer, region_code=producer.region_id,
        product=name, reason=reason.strip()[:240],
    )  # fmt: skip
    completeness.refresh([producer.pk])


@transaction.atomic
def add_plot(
    *,
    producer: Producer,
    name: str,
    area_mu: Decimal | None = None,
    region: Region | None = None,
    actor: Any = None,
) -> Plot:
    """Give a producer a plot; its name is unique for the producer. Adding it again returns what is there."""
    _check_area(area_mu)
    if not name.strip() or len(name.strip()) > 80:
        raise ValidationError({"name": _("请填写地块名称，最多80个字。")})
    plot, new = Plot.objects.get_or_create(
        producer=producer, name=name.strip(), defaults={"area_mu": area_mu, "region": region}
    )
    if new:
        record(
            verb="producer.plot_added",
            actor=actor,
            target=producer,
            region_code=producer.region_id,
            plot=plot.name,
        )
        completeness.refresh([producer.pk])
    return plot


def _check_area(area_mu: Decimal | None) -> None:
    if area_mu is not None and area_mu <= 0:
        raise ValidationError({"area_mu": _("面积须大于0。")})


@transaction.atomic
def hold_many(
    *, products: Iterable[ProducerProduct] = (), plots: Iterable[Plot] = (), actor: Any = None
) -> tuple[int, int]:
    """Give many producers their products and plots (unsaved rows) in two inserts and one audit line.

    For loads: rows that are there already stay as they are. Returns how many products and plots were given.
    """
    held, made = list(products), list(plots)
    completeness.refresh(insert_many(products=held, plots=made, actor=actor))
    return len(held), len(made)


def insert_many(*, products: list[ProducerProduct], plots: list[Plot], actor: Any = None) -> set[int]:
    """The same, in the caller's transaction, for a caller that works out the files itself: whose they are."""
    for area in [*(row.area_mu for row in products), *(row.area_mu for row in plots)]:
        _check_area(area)
    ProducerProduct.objects.bulk_create(products, batch_size=2000, ignore_conflicts=True)
    Plot.objects.bulk_create(plots, batch_size=2000, ignore_conflicts=True)
    record(verb="producer.holdings_loaded", actor=actor, products=len(products), plots=len(plots))
    return {row.producer_id for row in products} | {row.producer_id for row in plots}
