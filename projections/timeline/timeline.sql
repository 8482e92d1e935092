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
    people      text[]      NOT NULL,
    when_stated text,
    sort_at     timestamp   NOT NULL,
    attached    boolean     NOT NULL,
    PRIMARY KEY (case_id, version)
);
CREATE INDEX ON {schema}.timeline (case_id, sort_at, version);
CREATE UNIQUE INDEX ON {schema}.timeline (case_id, ref);

-- name: add  (%b: arrays travel in binary)
INSERT INTO {schema}.timeline
       (case_id, version, position, recorded_at, topic, ref, about, matters, people, when_stated, sort_at, attached)
SELECT case_id, version, position, recorded_at, topic, ref, string_to_array(about, ' '), string_to_array(matters, ' '),
       string_to_array(people, ' '), when_stated, sort_at, false
  FROM unnest(%b::uuid[], %b::bigint[], %b::bigint[], %b::timestamptz[], %b::text[], %b::text[], %b::text[], %b::text[],
              %b::text[], %b::text[], %b::timestamp[])
    AS new (case_id, version, position, recorded_at, topic, ref, about, matters, people, when_stated, sort_at)

-- name: move  (a corrected date takes its entry to the right place)
UPDATE {schema}.timeline SET when_stated = %(when)s, sort_at = %(sort_at)s WHERE case_id = %(case_id)s AND ref = %(ref)s

-- name: meet  (a correction named other people)
UPDATE {schema}.timeline SET people = people || %(people)s::text[] WHERE case_id = %(case_id)s AND ref = %(ref)s

-- name: mark  (something stands beside these entries from now on)
UPDATE {schema}.timeline AS t SET attached = true
  FROM unnest(%b::uuid[], %b::text[]) AS target (case_id, ref)
 WHERE t.case_id = target.case_id AND t.ref = target.ref AND NOT t.attached

-- name: last  (up to which entry of a case these rows know)
SELECT max(version) FROM {schema}.timeline WHERE case_id = %(case_id)s

-- name: page_forward
SELECT case_id, version, position, recorded_at, topic, ref, about, matters, people, when_stated, sort_at
  FROM {schema}.timeline
 WHERE case_id = %(case_id)s AND (sort_at, version) > (%(sort_at)s, %(version)s)
 ORDER BY sort_at, version
 LIMIT %(limit)s

-- name: page_back
SELECT case_id, version, position, recorded_at, topic, ref, about, matters, people, when_stated, sort_at
  FROM {schema}.timeline
 WHERE case_id = %(case_id)s AND (sort_at, version) < (%(sort_at)s, %(version)s)
 ORDER BY sort_at DESC, version DESC
 LIMIT %(limit)s

-- name: wanted_forward  (`covering` is the wanted matter and all above it, `below` the start of all below it)
SELECT case_id, version, position, recorded_at, topic, ref, about, matters, people, when_stated, sort_at
  FROM {schema}.timeline AS t
 WHERE case_id = %(case_id)s AND (sort_at, version) > (%(sort_at)s, %(version)s)
   AND (%(below)s::text IS NULL OR matters && %(covering)s::text[]
        OR EXISTS (SELECT FROM unnest(matters) AS matter WHERE starts_with(matter, %(below)s)))
   AND (%(person)s::text IS NULL OR %(person)s = ANY (about) OR %(person)s = ANY (people))
   AND (%(classes)s::text[] IS NULL
        OR EXISTS (SELECT FROM {schema}.voice v
                    WHERE v.case_id = t.case_id AND v.ref = t.ref AND v.verdict_class = ANY (%(classes)s)))
 ORDER BY sort_at, version
 LIMIT %(limit)s

-- name: wanted_back
SELECT case_id, version, position, recorded_at, topic, ref, about, matters, people, when_stated, sort_at
  FROM {schema}.timeline AS t
 WHERE case_id = %(case_id)s AND (sort_at, version) < (%(sort_at)s, %(version)s)
   AND (%(below)s::text IS NULL OR matters && %(covering)s::text[]
        OR EXISTS (SELECT FROM unnest(matters) AS matter WHERE starts_with(matter, %(below)s)))
   AND (%(person)s::text IS NULL OR %(person)s = ANY (about) OR %(person)s = ANY (people))
   AND (%(classes)s::text[] IS NULL
        OR EXISTS (SELECT FROM {schema}.voice v
                    WHERE v.case_id = t.case_id AND v.ref = t.ref AND v.verdict_class = ANY (%(classes)s)))
 ORDER BY sort_at DESC, version DESC
 LIMIT %(limit)s

-- name: years  (how many of the wanted entries each year has)
SELECT extract(year FROM sort_at)::integer, count(*)
  FROM {schema}.timeline AS t
 WHERE case_id = %(case_id)s
   AND (%(below)s::text IS NULL OR matters && %(covering)s::text[]
        OR EXISTS (SELECT FROM unnest(matters) AS matter WHERE starts_with(matter, %(below)s)))
   AND (%(person)s::text IS NULL OR %(person)s = ANY (about) OR %(person)s = ANY (people))
   AND (%(classes)s::text[] IS NULL
        OR EXISTS (SELECT FROM {schema}.voice v
                    WHERE v.case_id = t.case_id AND v.ref = t.ref AND v.verdict_class = ANY (%(classes)s)))
 GROUP BY 1
 ORDER BY 1

-- name: attached  (corrections, annotations and disputes of some entries)
SELECT case_id, version, position, recorded_at, topic, ref, about, matters, people, when_stated, sort_at
  FROM {schema}.timeline
 WHERE case_id = %(case_id)s AND topic = ANY (%(topics)s) AND about && %(refs)s::text[]
 ORDER BY version

-- name: by_refs
SELECT case_id, version, position, recorded_at, topic, ref, about, matters, people, when_stated, sort_at
  FROM {schema}.timeline
 WHERE case_id = %(case_id)s AND ref = ANY (%(refs)s)
 ORDER BY version

-- name: about  (everything that points at an entry)
SELECT case_id, version, position, recorded_at, topic, ref, about, matters, people, when_stated, sort_at
  FROM {schema}.timeline
 WHERE case_id = %(case_id)s AND %(ref)s = ANY (about)
 ORDER BY sort_at, version
