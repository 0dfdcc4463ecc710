"""The statements of the duplicate finder: whole sets at a time, gathered in ``duplicate_found``."""

MAKE = """
    CREATE TEMP TABLE duplicate_found (a bigint, b bigint, reason text, score smallint) ON COMMIT DROP
"""
DROP = "DROP TABLE duplicate_found"

# Every producer of the region with the end of its merged_into chain: an alias' codes are its end's too.
_ENDS = """
    WITH RECURSIVE chain AS (
        SELECT id AS start, merged_into_id AS id FROM archives_producer
        WHERE merged_into_id IS NOT NULL
        UNION
        SELECT chain.start, p.merged_into_id FROM chain JOIN archives_producer p ON p.id = chain.id
        WHERE p.merged_into_id IS NOT NULL
    ), ends AS (
        SELECT p.{column} AS value, p.id FROM archives_producer p
        WHERE p.{column} IS NOT NULL AND p.merged_into_id IS NULL AND p.status <> 'closed'
            AND p.region_id LIKE %(region)s
        UNION
        SELECT p.{column}, e.id FROM chain
        JOIN archives_producer p ON p.id = chain.start AND p.{column} IS NOT NULL
        JOIN archives_producer e ON e.id = chain.id AND e.merged_into_id IS NULL AND e.status <> 'closed'
        WHERE e.region_id LIKE %(region)s
    )
"""
# Everyone beside the first of the value: n - 1 pairs, which merging closes step by step.
SAME_CODE = "".join(
    (
        _ENDS,
        """
    INSERT INTO duplicate_found
    SELECT first, id, %(reason)s, %(score)s
    FROM (SELECT id, min(id) OVER (PARTITION BY value) AS first FROM ends) s WHERE id <> first
""",
    )
)
# A number that many share is a village helper's or a dealer's and says nothing.
SAME_PHONE = "".join(
    (
        _ENDS,
        """
    INSERT INTO duplicate_found
    SELECT a.id, b.id, %(reason)s, %(score)s FROM ends a JOIN ends b ON b.value = a.value AND b.id > a.id
    WHERE a.value IN (SELECT value FROM ends GROUP BY value HAVING count(*) BETWEEN 2 AND %(most)s)
""",
    )
)
# One licence stands for one holder: everyone beside the first with the number, whatever it was filed under.
SAME_LICENCE = """
    WITH RECURSIVE chain AS (
        SELECT id AS start, id, merged_into_id FROM archives_producer
        WHERE id IN (SELECT producer_id FROM archives_licence WHERE ended_on IS NULL)
        UNION
        SELECT chain.start, p.id, p.merged_into_id
        FROM chain JOIN archives_producer p ON p.id = chain.merged_into_id
    ), ends AS (
        SELECT DISTINCT l.kind, l.number_key AS value, e.id
        FROM archives_licence l JOIN chain c ON c.start = l.producer_id AND c.merged_into_id IS NULL
        JOIN archives_producer e ON e.id = c.id AND e.status <> 'closed' AND e.region_id LIKE %(region)s
        WHERE l.ended_on IS NULL
    )
    INSERT INTO duplicate_found
    SELECT first, id, %(reason)s, %(score)s FROM (
        SELECT id, min(id) OVER w AS first, count(*) OVER w AS n FROM ends
        WINDOW w AS (PARTITION BY kind, value)
    ) s WHERE id <> first AND n <= %(most)s
"""
COUNTIES = """
    SELECT DISTINCT left(region_id, 6) FROM archives_producer WHERE region_id LIKE %s ORDER BY 1
"""

# One county's living producers: their 2-grams and their folded address. A short name is its one character.
# The signature has a bit for each gram; as many grams are beyond its bits as fell on one that was set.
LIVING = """
    CREATE TEMP TABLE living ON COMMIT DROP AS
    SELECT id, town, name_folded, person, place, grams, signature,
        cardinality(grams) - bit_count(signature)::int AS beyond
    FROM (
        SELECT id, left(region_id, 9) AS town, name_folded, nature = 'natural_person' AS person,
            coalesce(nullif(array(SELECT g FROM unnest(name_grams) g WHERE length(g) = 2), '{}'), name_grams)
                AS grams,
            nullif(regexp_replace(lower(normalize(address, NFKC)), '\\s+', '', 'g'), '') AS place
        FROM archives_producer
        WHERE merged_into_id IS NULL AND status <> 'closed' AND region_id LIKE %s
    ) named,
    LATERAL (
        SELECT coalesce(bit_or(1::bit(128) << (hashtext(g) & 127)), 0::bit(128)) AS signature
        FROM unnest(grams) g
    ) signed
"""
# Candidates share one of each name's rarest fragments (prefix filtering), the whole name, or the address; a
# value that too many of a township share is no sign and would make a square of pairs. Where a township is so
# crowded that every fragment of a name is common, its neighbours in the alphabet, read forth and back,
# stand in (sorted neighbourhood): a name that another continues, or that differs in one place, is beside it.
CANDIDATES = """
    CREATE TEMP TABLE candidate ON COMMIT DROP AS
    WITH gram AS (
        SELECT id, town, g FROM living, unnest(grams) g
    ), common AS (
        SELECT town, g, count(*) AS n FROM gram GROUP BY town, g HAVING count(*) BETWEEN 2 AND %(most)s
    ), rare AS (
        SELECT id, town, g FROM (
            SELECT id, town, g, row_number() OVER (PARTITION BY id ORDER BY n, g) AS place
            FROM gram JOIN common USING (town, g)
        ) ranked WHERE place <= %(prefix)s
    ), marked AS (
        SELECT id, town, hashtextextended(g, 1) AS mark FROM rare
        UNION ALL
        SELECT id, town, hashtextextended(name_folded, 2) FROM living
        UNION ALL
        SELECT id, town, hashtextextended(place, 3) FROM living WHERE length(place) >= %(address)s
    ), kept AS (
        SELECT *, count(*) OVER (PARTITION BY town, mark) AS n FROM marked
    ), beside AS (
        SELECT id, unnest(array[
            lead(id, 1) OVER forwards, lead(id, 2) OVER forwards, lead(id, 3) OVER forwards,
            lead(id, 1) OVER backwards, lead(id, 2) OVER backwards, lead(id, 3) OVER backwards
        ]) AS other FROM living
        WINDOW forwards AS (PARTITION BY town ORDER BY name_folded COLLATE "C", place, id),
            backwards AS (PARTITION BY town ORDER BY reverse(name_folded) COLLATE "C", place, id)
    )
    SELECT a.id AS a, b.id AS b FROM kept a JOIN kept b
    ON b.town = a.town AND b.mark = a.mark AND b.id > a.id
    WHERE a.n BETWEEN 2 AND %(most)s AND b.n BETWEEN 2 AND %(most)s
    UNION
    SELECT least(id, other), greatest(id, other) FROM beside WHERE other IS NOT NULL
"""
# Jaccard's measure of the names, in percent. Persons bear the same names: they need the same address too.
# Most candidates fail by their signatures, which bound from above how many grams two names share.
COMPARED = """
    INSERT INTO duplicate_found
    SELECT a, b, reason, score FROM (
        SELECT a, b, near, person, 100 * s.n / greatest(total - s.n, 1) AS alike
        FROM (
            SELECT c.a, c.b, x.grams AS x, y.grams AS y, x.person OR y.person AS person,
                x.place IS NOT NULL AND length(x.place) >= %(address)s AND x.place = y.place AS near,
                cardinality(x.grams) + cardinality(y.grams) AS total,
                bit_count(x.signature & y.signature)::int + least(x.beyond, y.beyond) AS most
            FROM candidate c JOIN living x ON x.id = c.a JOIN living y ON y.id = c.b
        ) pair,
        LATERAL (SELECT count(*)::int AS n FROM unnest(x) g WHERE g = ANY(y)) s
        WHERE 100 * most >= (total - most) * CASE
            WHEN near THEN %(alike_near)s WHEN NOT person THEN %(alike)s END
    ) judged,
    LATERAL (
        SELECT 'name' AS reason, (CASE WHEN near THEN 60 + alike * 3 / 10 ELSE alike * 8 / 10 END)::smallint
            AS score
        WHERE (near AND alike >= %(alike_near)s) OR (NOT person AND alike >= %(alike)s)
        UNION ALL
        SELECT 'address', 60 WHERE near AND alike >= %(alike_near)s
    ) found
"""
# A pair decided as distinct, or merged, keeps its decision.
STORE = """
    INSERT INTO archives_duplicatepair AS p
        (low_id, high_id, reasons, score, state, found_at, picked, decision)
    SELECT least(a, b), greatest(a, b), array_agg(DISTINCT reason ORDER BY reason), max(score), 'open', %s,
        '{}', ''
    FROM duplicate_found WHERE a <> b GROUP BY 1, 2
    ON CONFLICT (low_id, high_id) DO UPDATE SET found_at = excluded.found_at, score = greatest(
            CASE WHEN p.found_at = excluded.found_at THEN p.score ELSE 0 END, excluded.score),
        reasons = CASE WHEN p.found_at = excluded.found_at
            THEN array(SELECT DISTINCT unnest(p.reasons || excluded.reasons) ORDER BY 1)
            ELSE excluded.reasons END
    WHERE p.state = 'open'
"""
# What an earlier search found and this one did not: a code was corrected, one of the two was closed.
FORGET = """
    DELETE FROM archives_duplicatepair p USING archives_producer l, archives_producer h
    WHERE p.state = 'open' AND p.found_at < %(since)s AND l.id = p.low_id AND h.id = p.high_id
    AND l.region_id LIKE %(region)s AND h.region_id LIKE %(region)s
"""
