"""Ratings become a table partitioned by run; schemes in force and ratings written become immutable.

Hand-written SQL (PostgreSQL 15+). Migration 0001 is generated and makes ``rating_rating`` an ordinary, empty table;
this one puts the partitioned table of the same columns in its place.
"""

from django.db import migrations

PARTITIONED_RATINGS = """
DROP TABLE rating_rating;
CREATE SEQUENCE rating_rating_id_seq AS bigint;
CREATE TABLE rating_rating (
    id bigint NOT NULL DEFAULT nextval('rating_rating_id_seq'),
    run_id bigint NOT NULL,
    producer_id bigint NOT NULL,
    version smallint NOT NULL DEFAULT 1 CHECK (version >= 1),
    kind smallint NOT NULL CHECK (kind BETWEEN 1 AND 7),
    nature smallint NOT NULL CHECK (nature BETWEEN 1 AND 4),
    region_id varchar(12) NOT NULL,
    registered_on date NOT NULL,
    last_score integer,
    base integer NOT NULL,
    bonus integer NOT NULL,
    deductions integer NOT NULL,
    score integer NOT NULL CHECK (score BETWEEN 0 AND 10000),
    able integer NOT NULL,
    grade varchar(8) NOT NULL,
    status varchar(10) NOT NULL CHECK (status IN ('rated', 'pending', 'not_rated')),
    vetoes integer NOT NULL DEFAULT 0,
    points bytea NOT NULL,
    readings bytea NOT NULL,
    PRIMARY KEY (id, run_id),
    CONSTRAINT rating_rating_version UNIQUE (producer_id, run_id, version)
) PARTITION BY LIST (run_id);
ALTER SEQUENCE rating_rating_id_seq OWNED BY rating_rating.id;
CREATE INDEX rating_rating_score ON rating_rating (score);
"""

# A result is a version: what changes it is a new row. Row triggers are cloned to each partition as it is attached.
IMMUTABLE_RATINGS = """
CREATE FUNCTION rating_refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'a rating is never changed or deleted; write a new version of it'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER rating_immutable BEFORE UPDATE OR DELETE ON rating_rating
    FOR EACH ROW EXECUTE FUNCTION rating_refuse_change();
"""

IMMUTABLE_SCHEMES = """
CREATE FUNCTION rating_guard_scheme() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF OLD.state NOT IN ('in_force', 'retired') THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'UPDATE' AND (NEW.state = OLD.state OR NEW.state = 'retired')
        AND (NEW.id, NEW.code, NEW.version, NEW.name, NEW.sha256, NEW.document, NEW.valid_from, NEW.created_at)
            IS NOT DISTINCT FROM
            (OLD.id, OLD.code, OLD.version, OLD.name, OLD.sha256, OLD.document, OLD.valid_from, OLD.created_at)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'scheme % version % has been in force and is immutable', OLD.code, OLD.version
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER rating_scheme_immutable BEFORE UPDATE OR DELETE ON rating_scheme
    FOR EACH ROW EXECUTE FUNCTION rating_guard_scheme();
"""

# The application's role owns no table, so it cannot create, key, attach or drop one. These functions run as the
# role that migrates, do only that, only for a run in the right state, and only for a caller that may write ratings.
PARTITION_FUNCTIONS = """
CREATE FUNCTION rating_partition_name(run bigint) RETURNS text LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp AS $$ SELECT 'rating_rating_run_' || run $$;

CREATE FUNCTION rating_partition_attached(run bigint) RETURNS boolean LANGUAGE sql STABLE
    SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM pg_inherits
        WHERE inhparent = 'rating_rating'::regclass AND inhrelid = to_regclass(rating_partition_name(run)))
$$;

CREATE FUNCTION rating_open_partition(run bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
DECLARE
    part text := rating_partition_name(run);
    writer oid;
BEGIN
    IF NOT has_table_privilege(session_user, 'rating_rating', 'INSERT') THEN
        RAISE EXCEPTION 'role % may not write ratings', session_user USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NOT EXISTS (SELECT FROM rating_ratingrun WHERE id = run AND state = 'computing') THEN
        RAISE EXCEPTION 'run % is not being computed', run USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    IF to_regclass(part) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE rating_rating INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
        CONSTRAINT rating_one_run CHECK (run_id = %s))', part, run);
    FOR writer IN
        SELECT DISTINCT acl.grantee FROM pg_class, aclexplode(relacl) acl
        WHERE pg_class.oid = 'rating_rating'::regclass AND acl.privilege_type = 'INSERT' AND acl.grantee <> 0
    LOOP
        EXECUTE format('GRANT SELECT, INSERT ON %I TO %s', part, writer::regrole);
    END LOOP;
    EXECUTE format('GRANT SELECT, INSERT ON %I TO %I', part, session_user);
END $$;

CREATE FUNCTION rating_close_partition(run bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
DECLARE
    part text := rating_partition_name(run);
BEGIN
    IF NOT has_table_privilege(session_user, 'rating_rating', 'INSERT') THEN
        RAISE EXCEPTION 'role % may not write ratings', session_user USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF rating_partition_attached(run) THEN
        RETURN;
    END IF;
    IF NOT EXISTS (SELECT FROM rating_ratingrun WHERE id = run AND state = 'computing')
        OR EXISTS (SELECT FROM rating_runshard WHERE run_id = run AND state <> 'done') THEN
        RAISE EXCEPTION 'run % still has shards to compute', run USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    EXECUTE format('ALTER TABLE %I ADD PRIMARY KEY (id, run_id), ADD UNIQUE (producer_id, run_id, version)', part);
    EXECUTE format('CREATE INDEX ON %I (score)', part);
    EXECUTE format('ALTER TABLE rating_rating ATTACH PARTITION %I FOR VALUES IN (%s)', part, run);
    EXECUTE format('ALTER TABLE %I DROP CONSTRAINT rating_one_run', part);
    EXECUTE format('ANALYZE %I', part);
END $$;

CREATE FUNCTION rating_discard_partition(run bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT has_table_privilege(session_user, 'rating_rating', 'INSERT') THEN
        RAISE EXCEPTION 'role % may not write ratings', session_user USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NOT EXISTS (SELECT FROM rating_ratingrun WHERE id = run AND state IN ('failed', 'cancelled')) THEN
        RAISE EXCEPTION 'run % is neither failed nor cancelled', run
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    EXECUTE format('DROP TABLE IF EXISTS %I', rating_partition_name(run));
END $$;
"""


class Migration(migrations.Migration):
    """Forward only: the partitions hold results that must not be lost by a step back."""

    dependencies = [("rating", "0001_initial")]

    operations = [
        migrations.RunSQL(PARTITIONED_RATINGS),
        migrations.RunSQL(IMMUTABLE_RATINGS),
        migrations.RunSQL(IMMUTABLE_SCHEMES),
        migrations.RunSQL(PARTITION_FUNCTIONS),
    ]
