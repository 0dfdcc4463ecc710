"""Where producers stand officially, written set-based from a run's results."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import connection

from rating.models import RatingRun

# A pending result changes nothing but the status: the old grade stands until a person has decided. A result
# of the same year (a new version, a second run) keeps what the grade before that year was.
_APPLY = """
    INSERT INTO rating_standing AS standing (
        producer_id, status, official_grade, official_score, official_year, official_run_id, official_version,
        since, previous_grade, previous_year, pending_run_id, live_grade, live_status)
    SELECT producer_id, status,
           CASE WHEN status IN ('pending', 'suspended') THEN '' ELSE grade END,
           CASE status WHEN 'rated' THEN score END,
           CASE WHEN status <> 'pending' THEN %(year)s END,
           CASE WHEN status <> 'pending' THEN %(run)s END,
           CASE WHEN status <> 'pending' THEN version END,
           CASE WHEN status <> 'pending' THEN %(since)s::date END,
           '', NULL::integer,
           CASE status WHEN 'pending' THEN %(run)s END,
           '', 'none'
    FROM (
        SELECT DISTINCT ON (producer_id) producer_id, version, status, grade, score
        FROM rating_rating
        WHERE run_id = %(run)s
          AND (%(producers)s::bigint[] IS NULL OR producer_id = ANY(%(producers)s::bigint[]))
        ORDER BY producer_id, version DESC
    ) latest
    ON CONFLICT (producer_id) DO UPDATE SET
        status = excluded.status,
        official_grade = CASE WHEN excluded.status = 'pending' THEN standing.official_grade
                              ELSE excluded.official_grade END,
        official_score = CASE WHEN excluded.status = 'pending' THEN standing.official_score
                              ELSE excluded.official_score END,
        official_year = coalesce(excluded.official_year, standing.official_year),
        official_run_id = coalesce(excluded.official_run_id, standing.official_run_id),
        official_version = coalesce(excluded.official_version, standing.official_version),
        since = coalesce(excluded.since, standing.since),
        previous_grade = CASE WHEN excluded.official_year > standing.official_year
                              THEN standing.official_grade ELSE standing.previous_grade END,
        previous_year = CASE WHEN excluded.official_year > standing.official_year
                             THEN standing.official_year ELSE standing.previous_year END,
        pending_run_id = excluded.pending_run_id
    WHERE standing.official_year IS NULL OR standing.official_year <= %(year)s
"""


def apply_run(run: RatingRun, producer_ids: Sequence[int] | None = None, since: date | None = None) -> int:
    """Make the newest versions of an effective run's results official; return how many standings changed.

    With ``producer_ids`` only those, from ``since`` on (a confirmed decision). In the caller's transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _APPLY,
            {
                "run": run.pk,
                "year": run.year,
                "since": since or run.effective_on,
                "producers": None if producer_ids is None else list(producer_ids),
            },
        )
        return int(cursor.rowcount)
