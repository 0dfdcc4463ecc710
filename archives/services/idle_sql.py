"""The statements of ``services.idle``: who shows no sign of work, and what was found before."""

# Work of a merged file is work of the one it was merged into.
AT_WORK = """
    WITH RECURSIVE at_work AS (
        SELECT producer_id AS id FROM archives_creditevent
        WHERE occurred_on >= %(since)s AND kind = ANY(%(signs)s) {one_event}
        UNION
        SELECT producer_id FROM archives_pestobservation WHERE occurred_on >= %(since)s {one_event}
        UNION
        SELECT p.merged_into_id FROM archives_producer p JOIN at_work ON at_work.id = p.id
        WHERE p.merged_into_id IS NOT NULL
    )
"""
FIND = "".join((AT_WORK.format(one_event=""), """
    INSERT INTO archives_idlefinding AS f (producer_id, since, found_at, state, reason)
    SELECT p.id, %(since)s, %(now)s, 'found', '' FROM archives_producer p
    WHERE p.status = 'active' AND p.registered_on < %(since)s AND p.region_id LIKE %(region)s
        AND NOT EXISTS (SELECT 1 FROM at_work WHERE at_work.id = p.id)
    ON CONFLICT (producer_id) DO UPDATE SET
        since = excluded.since, found_at = excluded.found_at,
        state = CASE WHEN f.state = 'noticed' THEN f.state ELSE 'found' END,
        answer = CASE WHEN f.state = 'kept' THEN '' ELSE f.answer END,
        answered_at = CASE WHEN f.state = 'kept' THEN NULL ELSE f.answered_at END
    WHERE f.state <> 'kept' OR f.decided_at < excluded.since
"""))  # fmt: skip
# Who was told on the strength of a shorter time stays told until there is work since that day; what was only
# found so stays through the nightly search, while an officer's own search replaces it.
FORGET = """
    WITH RECURSIVE family AS (
        SELECT f.id AS finding, f.since, f.producer_id AS id FROM archives_idlefinding f
        JOIN archives_producer p ON p.id = f.producer_id
        WHERE (f.state = 'noticed' OR f.state = 'found' AND %(stricter_stay)s) AND f.since > %(since)s
            AND p.region_id LIKE %(region)s AND p.status = 'active'
        UNION
        SELECT family.finding, family.since, p.id FROM archives_producer p
        JOIN family ON p.merged_into_id = family.id
    ), still AS (
        SELECT finding FROM family GROUP BY finding HAVING NOT bool_or(
            EXISTS (
                SELECT 1 FROM archives_creditevent e WHERE e.producer_id = family.id
                    AND e.occurred_on >= family.since AND e.kind = ANY(%(signs)s)
            ) OR EXISTS (
                SELECT 1 FROM archives_pestobservation o
                WHERE o.producer_id = family.id AND o.occurred_on >= family.since
            )
        )
    )
    DELETE FROM archives_idlefinding f USING archives_producer p
    WHERE p.id = f.producer_id AND p.region_id LIKE %(region)s AND f.found_at < %(now)s
        AND f.state IN ('found', 'noticed') AND f.id NOT IN (SELECT finding FROM still)
"""
WORKED = "".join(
    (AT_WORK.format(one_event="AND producer_id = ANY(%(family)s)"), "SELECT EXISTS (SELECT 1 FROM at_work)")
)
FAMILY = """
    WITH RECURSIVE family AS (
        SELECT %s::bigint AS id
        UNION
        SELECT p.id FROM archives_producer p JOIN family ON p.merged_into_id = family.id
    ) SELECT array_agg(id) FROM family
"""
