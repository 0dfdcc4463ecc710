"""How often an input was used in a season, against the label's 每季最多使用次数."""

from __future__ import annotations

from django.db import connection
from django.utils.translation import gettext as _

SEASON_DAYS = 180
"""What a season is where no production batch says it (a default of this platform)."""
# A season is the production batch; without one, the last 180 days on the same plot.
_COUNTS = """
    SELECT u.id, l.max_uses, count(p.id) FROM archives_inputuse u
    JOIN archives_product d ON d.id = u.product_id
    JOIN LATERAL (
        SELECT max(max_uses) AS max_uses FROM archives_inputlabel
        WHERE item_id = u.item_id
            AND (covers = '{}' OR covers && ARRAY[d.name, d.category, d.animal]::varchar[])
    ) l ON l.max_uses IS NOT NULL
    JOIN archives_inputuse p ON p.producer_id = u.producer_id AND p.product_id = u.product_id
        AND p.item_id = u.item_id AND p.status = 'active' AND p.occurred_on <= u.occurred_on
        AND p.plot_id IS NOT DISTINCT FROM u.plot_id
        AND CASE WHEN u.production_id IS NOT NULL THEN p.production_id = u.production_id
            ELSE p.occurred_on > u.occurred_on - %s END
    WHERE u.id = ANY(%s) GROUP BY u.id, l.max_uses HAVING count(p.id) > l.max_uses
"""


def too_often(use_ids: list[int]) -> dict[int, str]:
    """Of these uses (of inputs with a checked label) those beyond the label's number, with the sentence."""
    if not use_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, [SEASON_DAYS, use_ids])
        rows = cursor.fetchall()
    return {
        pk: _("每季最多使用%(most)d次，这是第%(count)d次") % {"most": most, "count": count}
        for pk, most, count in rows
    }
