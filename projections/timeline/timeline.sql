-- name: tables
CREATE TABLE {schema}.timeline (
    case_id     uuid        NOT NULL,
    version     bigint      NOT NULL,
    position    bigint      NOT NULL,
    recorded_at timestamptz NOT NULL,
    topic       text        NOT NULL,
    ref         text        NOT NULL,
    about       text[]      NOT NULL,
    matters     text[]      NOT NULL,
    when_stated text,
    sort_at     timestamp   NOT NULL,
    PRIMARY KEY (case_id, version)
);
CREATE INDEX ON {schema}.timeline (case_id, sort_at, version);
CREATE UNIQUE INDEX ON {schema}.timeline (case_id, ref);

-- name: add  (%b: arrays travel in binary)
INSERT INTO {schema}.timeline (case_id, version, position, recorded_at, topic, ref, about, matters, when_stated, sort_at)
SELECT case_id, version, position, recorded_at, topic, ref,
       string_to_array(about, ' '), string_to_array(matters, ' '), when_stated, sort_at
  FROM unnest(%b::uuid[], %b::bigint[], %b::bigint[], %b::timestamptz[], %b::text[], %b::text[], %b::text[], %b::text[],
              %b::text[], %b::timestamp[])
    AS new (case_id, version, position, recorded_at, topic, ref, about, matters, when_stated, sort_at)

-- name: move  (a corrected date takes its entry to the right place)
UPDATE {schema}.timeline SET when_stated = %(when)s, sort_at = %(sort_at)s WHERE case_id = %(case_id)s AND ref = %(ref)s

-- name: page_forward
SELECT case_id, version, position, recorded_at, topic, ref, about, matters, when_stated, sort_at
  FROM {schema}.timeline
 WHERE case_id = %(case_id)s AND (sort_at, version) > (%(sort_at)s, %(version)s)
 ORDER BY sort_at, version
 LIMIT %(limit)s

-- name: page_back
SELECT case_id, version, position, recorded_at, topic, ref, about, matters, when_stated, sort_at
  FROM {schema}.timeline
 WHERE case_id = %(case_id)s AND (sort_at, version) < (%(sort_at)s, %(version)s)
 ORDER BY sort_at DESC, version DESC
 LIMIT %(limit)s

-- name: attached  (corrections, annotations and disputes of some entries)
SELECT case_id, version, position, recorded_at, topic, ref, about, matters, when_stated, sort_at
  FROM {schema}.timeline
 WHERE case_id = %(case_id)s AND topic = ANY (%(topics)s) AND about && %(refs)s::text[]
 ORDER BY version

-- name: by_refs
SELECT case_id, version, position, recorded_at, topic, ref, about, matters, when_stated, sort_at
  FROM {schema}.timeline
 WHERE case_id = %(case_id)s AND ref = ANY (%(refs)s)
 ORDER BY version

-- name: about  (everything that points at an entry)
SELECT case_id, version, position, recorded_at, topic, ref, about, matters, when_stated, sort_at
  FROM {schema}.timeline
 WHERE case_id = %(case_id)s AND %(ref)s = ANY (about)
 ORDER BY sort_at, version
