"""The statements of the re-registration finder: whole sets, gathered in ``rereg_found``."""

MAKE = """
    CREATE TEMP TABLE rereg_found (old bigint, new bigint, sign text, score smallint) ON COMMIT DROP
"""
# Old files of lowest grade, or closed, that are nobody's alias; with what a new file is compared by.
BAD = """
    CREATE TEMP TABLE rereg_bad ON COMMIT DROP AS
    SELECT p.id, left(p.region_id, 9) AS town, p.phone_hash, nullif(p.contact_name, '') AS contact,
        p.registered_on, coalesce(s.official_grade, '') AS grade, p.name_grams,
        CASE WHEN g.grade IS NOT NULL THEN coalesce(s.since, p.registered_on) - %(known_before)s END AS since,
        nullif(regexp_replace(lower(normalize(p.address, NFKC)), '\\s+', '', 'g'), '') AS place
    FROM archives_producer p
    LEFT JOIN rating_standing s ON s.producer_id = p.id
    LEFT JOIN rating_ratingrun r ON r.id = s.official_run_id
    LEFT JOIN unnest(%(schemes)s::bigint[], %(grades)s::text[]) AS g(scheme, grade)
        ON g.scheme = r.scheme_id AND g.grade = s.official_grade
    WHERE p.merged_into_id IS NULL AND p.region_id LIKE %(region)s
        AND (p.status = 'closed' OR g.grade IS NOT NULL)
"""
# The new file is at work, younger, and (where the old one still stands) came when the grade was known.
_LATER = """
    n.id <> b.id AND n.merged_into_id IS NULL AND n.status IN ('active', 'paused')
    AND n.registered_on > b.registered_on AND (b.since IS NULL OR n.registered_on >= b.since)
"""
SIGNS = {
    "principal": """
        WITH who AS (
            SELECT producer_id, number_hash FROM archives_identity
            WHERE ended_on IS NULL AND relation IN ('self', 'legal', 'principal')
            UNION
            SELECT id, identity_hash FROM archives_producer WHERE identity_hash IS NOT NULL
        )
        SELECT DISTINCT b.id, n.id FROM rereg_bad b
        JOIN archives_membership x ON x.producer_id = b.id AND x.role = 'owner'
        JOIN archives_membership y ON y.user_id = x.user_id AND y.role = 'owner' AND y.producer_id <> b.id
        JOIN archives_producer n ON n.id = y.producer_id WHERE {later}
        UNION
        SELECT b.id, n.id FROM rereg_bad b JOIN who x ON x.producer_id = b.id
        JOIN who y ON y.number_hash = x.number_hash AND y.producer_id <> b.id
        JOIN archives_producer n ON n.id = y.producer_id WHERE {later}
    """,
    "phone": """
        SELECT b.id, n.id FROM rereg_bad b JOIN archives_producer n ON n.phone_hash = b.phone_hash
        WHERE {later} AND b.phone_hash IN (
            SELECT phone_hash FROM archives_producer WHERE phone_hash IN (SELECT phone_hash FROM rereg_bad)
            GROUP BY 1 HAVING count(*) <= %(most)s)
    """,
    "contact": """
        SELECT b.id, n.id FROM rereg_bad b
        JOIN archives_producer n ON n.contact_name = b.contact AND left(n.region_id, 9) = b.town
        WHERE {later} AND length(b.contact) >= 2
    """,
    "plots": """
        SELECT DISTINCT b.id, n.id FROM rereg_bad b JOIN archives_plot x ON x.producer_id = b.id
        JOIN archives_plot y ON y.name = x.name AND y.region_id = x.region_id AND y.area_mu = x.area_mu
            AND y.producer_id <> b.id
        JOIN archives_producer n ON n.id = y.producer_id WHERE {later}
    """,
    "address": """
        SELECT b.id, n.id FROM rereg_bad b JOIN archives_producer n ON left(n.region_id, 9) = b.town
            AND regexp_replace(lower(normalize(n.address, NFKC)), '\\s+', '', 'g') = b.place
        WHERE {later} AND length(b.place) >= %(address)s
    """,
}
INSERT = "INSERT INTO rereg_found SELECT old, new, %(sign)s, %(score)s FROM ({found}) AS f(old, new)"
# Names are compared only where something else speaks for it: on their own they say little of the person.
NAMES = """
    INSERT INTO rereg_found
    SELECT f.old, f.new, 'name', %(score)s FROM (SELECT DISTINCT old, new FROM rereg_found) f
    JOIN archives_producer x ON x.id = f.old JOIN archives_producer y ON y.id = f.new,
    LATERAL (SELECT count(*)::int AS n FROM unnest(x.name_grams) g WHERE g = ANY(y.name_grams)) s
    WHERE 100 * s.n / greatest(cardinality(x.name_grams) + cardinality(y.name_grams) - s.n, 1) >= %(alike)s
"""
STORE = """
    INSERT INTO rating_reregistration AS r (old_id, new_id, signs, score, grade, state, found_at, reason,
        decision, old_status)
    SELECT f.old, f.new, array_agg(DISTINCT f.sign ORDER BY f.sign), least(100, sum(f.score)), b.grade,
        'found', %(now)s, '', '', ''
    FROM rereg_found f JOIN rereg_bad b ON b.id = f.old
    GROUP BY f.old, f.new, b.grade HAVING sum(f.score) >= %(enough)s
    ON CONFLICT (old_id, new_id) DO UPDATE
    SET signs = excluded.signs, score = excluded.score, grade = excluded.grade, found_at = excluded.found_at
    WHERE r.state = 'found'
"""
FORGET = """
    DELETE FROM rating_reregistration r USING archives_producer p
    WHERE p.id = r.old_id AND p.region_id LIKE %(region)s AND r.state = 'found' AND r.found_at < %(now)s
"""


def found_by(sign: str) -> str:
    """The statement that gathers the pairs with one sign."""
    return INSERT.format(found=SIGNS[sign].format(later=_LATER))
