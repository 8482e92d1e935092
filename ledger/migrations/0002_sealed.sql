-- The log, sealed: every event is an entry of an RFC 6962 tree, and what it says is kept only as ciphertext.
--
-- The append function assembles the entry, because only it knows when the event is recorded and which leaf came before it
-- in the stream. It hashes the leaf and folds it into the tree under the head row's lock, one call for a whole batch.
-- position = leaf index + 1.

DO $$ BEGIN
    IF EXISTS (SELECT FROM {schema}.event) THEN
        RAISE EXCEPTION 'this log was begun before entries were sealed, and cannot be sealed afterwards'
            USING HINT = 'Begin a new authority, and bring its histories and returns in again.';
    END IF;
END $$;

DROP FUNCTION {schema}.append(uuid[], bigint[], text[], bytea[]);
DROP TABLE {schema}.event, {schema}.head;

-- `frontier`: the roots of the perfect subtrees that the tree is made of, largest first.
CREATE TABLE {schema}.head (
    one         integer     PRIMARY KEY CHECK (one = 1),
    size        bigint      NOT NULL,
    recorded_at timestamptz NOT NULL,
    frontier    bytea[]     NOT NULL,
    origin      text
) WITH (fillfactor = 10);

INSERT INTO {schema}.head VALUES (1, 0, 'epoch', '{{}}');

-- `entry` and `state` are nothing once an erasure has blanked them; the leaf hash stays for ever.
CREATE TABLE {schema}.event (
    position           bigint      PRIMARY KEY,
    originator_id      uuid        NOT NULL,
    originator_version bigint      NOT NULL CHECK (originator_version >= 0),
    recorded_at        timestamptz NOT NULL,
    topic              text        NOT NULL,
    leaf_hash          bytea       NOT NULL,
    entry              bytea,
    state              bytea,
    UNIQUE (originator_id, originator_version)
) WITH (autovacuum_vacuum_insert_scale_factor = 0.05);

ALTER TABLE {schema}.event ALTER COLUMN entry SET STORAGE MAIN, ALTER COLUMN state SET STORAGE EXTERNAL;

-- All that is needed to open an event, as one value: leaf hash, length of the entry, entry, ciphertext.
CREATE FUNCTION {schema}.sealed(e {schema}.event) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN e.leaf_hash || int4send(octet_length(e.entry)) || e.entry || e.state;

-- Gives the log its name, once. A leaf names the log it belongs to, so the name can never change.
CREATE FUNCTION {schema}.begin_log(origin text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    named text;
BEGIN
    UPDATE {schema}.head AS h SET origin = begin_log.origin WHERE one = 1 AND h.origin IS NULL;
    SELECT h.origin INTO STRICT named FROM {schema}.head AS h WHERE one = 1;
    RETURN named;
END $$;

-- Appends the events of one or more requests in the order given, under one recorded time, and gives the position of the last.
-- A request that holds an event whose version is not the next one of its stream is refused whole (`refused` names it) and
-- harms no other. Two requests of one call never touch the same stream.
--
-- What an event follows is found without sorting the batch. Plans are made once for a connection, by index: those of a table
-- that is still small must not outlive its growth.
CREATE FUNCTION {schema}.append(
    requests integer[], ids uuid[], versions bigint[], topics text[], tags text[], subjects text[], digests text[],
    states bytea[], OUT last bigint, OUT moment timestamptz, OUT refused integer[])
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    first_of_all CONSTANT bytea := '\x0000000000000000000000000000000000000000000000000000000000000000';
    events  CONSTANT integer := cardinality(ids);
    total   bigint;
    peaks   bytea[];
    opening text;
    middle  text;
    lasts   bigint[];
    leaves  bytea[];
    follows integer[] := array_fill(NULL::integer, ARRAY[events]);
    places  bigint[] := array_fill(NULL::bigint, ARRAY[events]);
    entries bytea[] := array_fill(NULL::bytea, ARRAY[events]);
    hashes  bytea[] := array_fill(NULL::bytea, ARRAY[events]);
    entry   bytea;
    node    bytea;
    before  integer;
    below   bigint;
    peak    integer;
BEGIN
    SELECT h.size, greatest(date_trunc('milliseconds', clock_timestamp()), h.recorded_at), h.frontier,
           '{{"ver":"beforehand/event/1","iss":"' || h.origin || '","stream":"'
      INTO STRICT total, moment, peaks, opening
      FROM {schema}.head AS h WHERE one = 1 FOR UPDATE;
    IF opening IS NULL THEN
        RAISE EXCEPTION 'this log has no name yet' USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    middle := '","rec":"' || to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
              || '","_sd_alg":"sha-256","_sd":["';

    -- The last stored event of each stream, where that is the one before or a later one.
    SELECT array_agg(stored.version ORDER BY nth), array_agg(stored.leaf_hash ORDER BY nth)
      INTO lasts, leaves
      FROM unnest(ids, versions) WITH ORDINALITY AS new (id, version, nth)
      LEFT JOIN LATERAL (
           SELECT e.originator_version AS version, e.leaf_hash FROM {schema}.event AS e
            WHERE e.originator_id = new.id AND e.originator_version >= new.version - 1
            ORDER BY e.originator_version DESC LIMIT 1) AS stored ON true;

    -- An event follows the stored one, or one that stands before it in this call, or is the first of its stream.
    FOR nth IN 1 .. events LOOP
        CONTINUE WHEN lasts[nth] = versions[nth] - 1;
        IF lasts[nth] IS NULL THEN
            before := nth - 1;
            WHILE before > 0 AND ids[before] <> ids[nth] LOOP
                before := before - 1;
            END LOOP;
            IF before = 0 THEN
                CONTINUE WHEN versions[nth] <= 1;
            ELSIF versions[before] = versions[nth] - 1 THEN
                follows[nth] := before;
                CONTINUE;
            END IF;
        END IF;
        refused := refused || requests[nth];
    END LOOP;

    FOR nth IN 1 .. events LOOP
        CONTINUE WHEN requests[nth] = ANY (refused);
        entry := convert_to(
            opening || tags[nth] || '","seq":' || versions[nth] || ',"prev":"'
            || replace(replace(left(encode(coalesce(leaves[nth], hashes[follows[nth]], first_of_all), 'base64'), 43),
                               '+', '-'), '/', '_')
            || middle || digests[nth] || CASE WHEN versions[nth] = 1 THEN '"],"subj":"' || subjects[nth] || '"}}' ELSE '"]}}' END,
            'UTF8');
        node := sha256('\x00'::bytea || entry);
        entries[nth] := entry;
        hashes[nth] := node;
        below := total;
        peak := cardinality(peaks);
        WHILE below & 1 = 1 LOOP
            node := sha256('\x01'::bytea || peaks[peak] || node);
            peak := peak - 1;
            below := below >> 1;
        END LOOP;
        peaks := peaks[:peak] || node;
        total := total + 1;
        places[nth] := total;
    END LOOP;

    INSERT INTO {schema}.event
           (position, originator_id, originator_version, recorded_at, topic, leaf_hash, entry, state)
    SELECT place, id, version, moment, topic, leaf_hash, made, state
      FROM unnest(places, ids, versions, topics, hashes, entries, states)
           AS new (place, id, version, topic, leaf_hash, made, state)
     WHERE place IS NOT NULL;

    UPDATE {schema}.head SET size = total, recorded_at = moment, frontier = peaks WHERE one = 1;
    last := total;
END $$;

-- Facts are only ever added, and only by the function above.
CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON {schema}.event
    FOR EACH ROW EXECUTE FUNCTION {schema}.refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {schema}.event
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse_change();
CREATE TRIGGER never_removed BEFORE DELETE ON {schema}.head
    FOR EACH ROW EXECUTE FUNCTION {schema}.refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {schema}.head
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse_change();
