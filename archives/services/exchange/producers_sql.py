"""The statements of the producers' upsert, over the temporary table ``producer_stage``."""

MAKE_STAGE = """
    CREATE TEMP TABLE producer_stage (
        n int PRIMARY KEY, key text, name text, name_folded text, name_grams text[], initials text, kind text,
        nature text, sectors text[], region_id text, credit_code text, registered_on date, status text,
        target text, id bigint, target_id bigint
    ) ON COMMIT DROP;
    CREATE INDEX ON producer_stage (key);
    CREATE INDEX ON producer_stage (credit_code);
"""

# Each of these gives (row, key, text for the sentence).
UNKNOWN_REGIONS = """
    SELECT n, key, region_id FROM producer_stage s
    WHERE NOT EXISTS (SELECT 1 FROM archives_region r WHERE r.code = s.region_id)
"""
REPEATED_KEYS = """
    SELECT n, key, first::text
    FROM (SELECT n, key, min(n) OVER (PARTITION BY key) AS first FROM producer_stage) s WHERE n <> first
"""
# Taken by another row of the file, or by a producer that the file does not change; merged ones hold no code.
TAKEN_CODES = """
    SELECT s.n, s.key, o.key FROM producer_stage s
    JOIN producer_stage o
    ON o.credit_code = s.credit_code AND o.key <> s.key AND o.n < s.n AND o.status <> 'merged'
    WHERE s.status <> 'merged'
    UNION
    SELECT s.n, s.key, p.key FROM producer_stage s
    JOIN archives_producer p ON p.credit_code = s.credit_code AND p.key <> s.key AND p.status <> 'merged'
    WHERE s.status <> 'merged' AND NOT EXISTS (SELECT 1 FROM producer_stage o WHERE o.key = p.key)
"""
LOOPS = """
    WITH RECURSIVE edge AS (
        SELECT key, target FROM producer_stage WHERE target IS NOT NULL
        UNION
        SELECT p.key, t.key FROM archives_producer p JOIN archives_producer t ON t.id = p.merged_into_id
        WHERE NOT EXISTS (SELECT 1 FROM producer_stage s WHERE s.key = p.key)
    ), chain AS (
        SELECT key AS start, target FROM edge
        UNION
        SELECT chain.start, edge.target FROM chain JOIN edge ON edge.key = chain.target
    )
    SELECT s.n, s.key, s.target FROM producer_stage s JOIN chain c ON c.start = s.key AND c.target = s.key
    WHERE s.target <> s.key
"""
# Keys given are of rows that have faults of their own: they are known, only not written.
UNKNOWN_TARGETS = """
    SELECT n, key, target FROM producer_stage s WHERE target IS NOT NULL AND NOT target = ANY(%s)
    AND NOT EXISTS (SELECT 1 FROM producer_stage t WHERE t.key = s.target)
    AND NOT EXISTS (SELECT 1 FROM archives_producer p WHERE p.key = s.target)
"""
DROP_ORPHANS = """
    DELETE FROM producer_stage s WHERE target IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM producer_stage t WHERE t.key = s.target)
    AND NOT EXISTS (SELECT 1 FROM archives_producer p WHERE p.key = s.target)
    RETURNING key
"""
GIVE_IDS = """
    UPDATE producer_stage s SET id = p.id FROM archives_producer p WHERE p.key = s.key;
    UPDATE producer_stage s SET id = f.id FROM (
        SELECT n, nextval(pg_get_serial_sequence('archives_producer', 'id')) AS id
        FROM (SELECT n FROM producer_stage WHERE id IS NULL ORDER BY n) o
    ) f WHERE f.n = s.n;
    UPDATE producer_stage s SET target_id = t.id FROM producer_stage t WHERE t.key = s.target;
    UPDATE producer_stage s SET target_id = p.id FROM archives_producer p
    WHERE p.key = s.target AND s.target_id IS NULL;
"""
# Two producers of the file may have exchanged their codes: the unique index looks at one row at a time.
FREE_CODES = """
    UPDATE archives_producer p SET credit_code = NULL FROM producer_stage s
    WHERE s.key = p.key AND p.credit_code IS DISTINCT FROM s.credit_code AND EXISTS (
        SELECT 1 FROM producer_stage o WHERE o.credit_code = p.credit_code AND o.key <> p.key
    )
"""
_SEARCHED = "name, name_folded, name_grams, initials"
_COLUMNS = f"{_SEARCHED}, kind, nature, sectors, region_id, credit_code, registered_on, status"
_GIVEN = ", ".join("excluded." + column for column in _COLUMNS.split(", "))
_SHOWN = "name, kind, nature, sectors, region_id, credit_code, registered_on, status, merged_into_id"
UPSERT = f"""
    INSERT INTO archives_producer AS p
        (id, key, {_COLUMNS}, merged_into_id, contact_name, address, is_generated, created_at, updated_at)
    SELECT id, key, {_COLUMNS}, target_id, '', '', false, %s, %s FROM producer_stage ORDER BY n
    ON CONFLICT (key) DO UPDATE SET ({_COLUMNS}, merged_into_id, updated_at) =
        ROW({_GIVEN}, excluded.merged_into_id, %s)
    WHERE ({", ".join("p." + column for column in _SHOWN.split(", "))}) IS DISTINCT FROM
          ({", ".join("excluded." + column for column in _SHOWN.split(", "))})
    RETURNING id, xmax = 0
"""  # noqa: S608 - column names of this module
