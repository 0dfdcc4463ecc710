"""Input shops on the officers' home: are all of them on the platform, and do they enter what they sell?"""

from __future__ import annotations

from datetime import timedelta

from django.core.cache import cache
from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import Left
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.jurisdiction import Scope, region_q
from agricredit.foundation.common.clock import today
from agricredit.foundation.common.templatetags.charts import per_mille, share
from agricredit.pages.office.beside import (
    around,
    beside,
    child_length,
    names_beside,
    ordered,
    own_of,
    titled,
)
from agricredit.pages.office.figures import GREEN, KEPT_SECONDS, PALE, Chart, Series
from archives.models import Activity, Producer, ShopSale, ShopSaleWay

SELLING_DAYS = 30


def charts(scope: Scope) -> list[Chart]:
    """The division's chart, kept as the others on the page are."""
    if scope.kind != "region":
        return []
    key = f"office:shops:{scope.region_code}:{get_language()}"
    kept: Chart | None = cache.get(key)
    if kept is None:
        kept = selling(scope)
        cache.set(key, kept, KEPT_SECONDS)
    return [kept]


def selling(scope: Scope) -> Chart:
    """How many of the shops on file have entered a sale in the last 30 days? The target is all (赣榆)."""
    since = today() - timedelta(days=SELLING_DAYS)
    entered = ShopSale.objects.active().filter(
        producer=OuterRef("pk"), way=ShopSaleWay.SALE, occurred_on__gt=since
    )
    rows = (
        Producer.objects.filter(region_q(around(scope), "region__code"), status="active")
        .working_in(Activity.INPUT_SALE)
        .annotate(place=Left("region_id", child_length(scope)), sells=Exists(entered))
        .values("place")
        .annotate(total=Count("pk"), done=Count("pk", filter=Q(sells=True)))
        .order_by()
    )
    found = beside({row["place"]: (row["done"], row["total"] - row["done"]) for row in rows}, scope)
    title = _("农资店纳入平台")
    if not found:
        return Chart("shops", title, empty=_("还没有登记农资店。建档时从事环节选“农资经营”。"))
    names = names_beside(found, scope)
    order = ordered(found, scope, lambda code: per_mille(found[code][0], sum(found[code])))
    own, whole = own_of(found, scope), found[order[-1]]
    done, total = own[0], sum(own)
    facts = {"total": f"{total:,}", "share": share(done, total), "days": SELLING_DAYS}
    return Chart(
        "shops",
        titled(
            _("近%(days)d天，%(total)s家农资店中%(share)s登记了销售（目标100%%）") % facts,
            scope,
            share(whole[0], sum(whole)),
        ),
        [names[code] for code in order],
        [
            Series(_("登记了销售"), GREEN, [found[code][0] for code in order]),
            Series(_("没有登记"), PALE, [found[code][1] for code in order]),
        ],
        head=_("地区"),
    )
