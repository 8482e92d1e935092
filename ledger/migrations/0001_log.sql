-- The log: one row per fact, positions without gaps, recorded time by this database's clock, never backwards.
--
-- All order comes from the head row. Whoever holds it appends; it hands out positions and the recorded time. There is no
-- table lock (a vacuum must never stop writing), no sequence (a sequence leaves gaps) and no NOTIFY (it serialises commits).

CREATE TABLE {schema}.head (
    one         integer     PRIMARY KEY CHECK (one = 1),
    size        bigint      NOT NULL,
    recorded_at timestamptz NOT NULL
) WITH (fillfactor = 10);

INSERT INTO {schema}.head VALUES (1, 0, 'epoch');

CREATE TABLE {schema}.event (
    position           bigint      PRIMARY KEY,
    originator_id      uuid        NOT NULL,
    originator_version bigint      NOT NULL CHECK (originator_version >= 0),
    recorded_at        timestamptz NOT NULL,
    topic              text        NOT NULL,
    state              bytea       NOT NULL,
    UNIQUE (originator_id, originator_version)
) WITH (autovacuum_vacuum_insert_scale_factor = 0.05);

-- Appends a whole batch in the order given and returns the position of its last event and the recorded time of all.
-- A version that is not the next one of its stream is refused as a unique violation: somebody else was first.
CREATE FUNCTION {schema}.append(ids uuid[], versions bigint[], topics text[], states bytea[],
    OUT last bigint, OUT moment timestamptz)
LANGUAGE plpgsql AS $$
DECLARE
    before bigint;
BEGIN
    SELECT size, greatest(clock_timestamp(), h.recorded_at) INTO STRICT before, moment
      FROM {schema}.head h WHERE one = 1 FOR UPDATE;

    PERFORM 1
       FROM unnest(ids, versions) WITH ORDINALITY AS new (id, version, nth)
      WHERE version > 1
        AND NOT EXISTS (SELECT FROM {schema}.event e
                         WHERE e.originator_id = new.id AND e.originator_version = new.version - 1)
        AND NOT EXISTS (SELECT FROM unnest(ids, versions) WITH ORDINALITY AS earlier (id, version, nth)
                         WHERE earlier.id = new.id AND earlier.version = new.version - 1 AND earlier.nth < new.nth);
    IF FOUND THEN
        RAISE EXCEPTION 'a version does not follow the last one of its stream' USING ERRCODE = 'unique_violation';
    END IF;

    INSERT INTO {schema}.event (position, originator_id, originator_version, recorded_at, topic, state)
    SELECT before + nth, id, version, moment, topic, state
      FROM unnest(ids, versions, topics, states) WITH ORDINALITY AS new (id, version, topic, state, nth);

    UPDATE {schema}.head SET size = before + cardinality(ids), recorded_at = moment WHERE one = 1;
    last := before + cardinality(ids);
END $$;

-- Facts are only ever added.
CREATE FUNCTION {schema}.refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'facts are only added, never changed or removed' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON {schema}.event
    FOR EACH ROW EXECUTE FUNCTION {schema}.refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {schema}.event
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse_change();
