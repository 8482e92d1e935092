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
    beside      bigint[],
    PRIMARY KEY (case_id, version)
);
CREATE INDEX ON {schema}.timeline (case_id, sort_at, version);
CREATE UNIQUE INDEX ON {schema}.timeline (case_id, ref);

-- name: add  (%b: arrays travel in binary)
INSERT INTO {schema}.timeline
       (case_id, version, position, recorded_at, topic, ref, about, matters, people, when_stated, sort_at)
SELECT case_id, version, position, recorded_at, topic, ref, string_to_array(about, ' '), string_to_array(matters, ' '),
       string_to_array(people, ' '), when_stated, sort_at
  FROM unnest(%b::uuid[], %b::bigint[], %b::bigint[], %b::timestamptz[], %b::text[], %b::text[], %b::text[], %b::text[],
              %b::text[], %b::text[], %b::timestamp[])
    AS new (case_id, version, position, recorded_at, topic, ref, about, matters, people, when_stated, sort_at)

-- name: move  (a corrected date takes its entry to the right place)
UPDATE {schema}.timeline SET when_stated = %(when)s, sort_at = %(sort_at)s WHERE case_id = %(case_id)s AND ref = %(ref)s

-- name: meet  (a correction named other people)
UPDATE {schema}.timeline SET people = people || %(people)s::text[] WHERE case_id = %(case_id)s AND ref = %(ref)s

-- name: mark  (these entries stand beside others from now on: `beside` holds versions, nothing where there are none)
UPDATE {schema}.timeline AS t SET beside = coalesce(t.beside, ARRAY[]::bigint[]) || added.versions
  FROM (SELECT case_id, ref, array_agg(version ORDER BY version) AS versions
          FROM unnest(%b::uuid[], %b::text[], %b::bigint[]) AS target (case_id, ref, version)
         GROUP BY case_id, ref) AS added
 WHERE t.case_id = added.case_id AND t.ref = added.ref

-- name: last  (up to which entry of a case these rows know)
SELECT max(version) FROM {schema}.timeline WHERE case_id = %(case_id)s

-- name: dates
SELECT ref, when_stated FROM {schema}.timeline WHERE case_id = %(case_id)s AND ref = ANY (%(refs)s)

-- Each of the following gives lines: all that is told of some entries, in one round trip. The first two columns say of
-- the case when the child was born and up to which entry these rows know (in pages and `with_about` nothing, where the log
-- holds more than that: an answer folded from the log may have been given already, and none may fall behind it); they come
-- even where there is no entry. The last five hold the corrections, annotations and disputes beside an entry, in the order in which they were recorded.

-- name: page_forward
SELECT c.born, known.last, t.version, t.position, t.recorded_at, t.ref, t.when_stated, t.sort_at,
       e.topic, {schema}.sealed(e), v.body::text, v.turns_at, b.positions, b.versions, b.times, b.topics, b.seals
  FROM {schema}.case_state AS c
 CROSS JOIN LATERAL (
       SELECT CASE max(version) WHEN (SELECT max(originator_version) FROM {schema}.event WHERE originator_id = %(case_id)s)
                                THEN max(version) END AS last
         FROM {schema}.timeline WHERE case_id = %(case_id)s) AS known
  LEFT JOIN LATERAL (
       SELECT version, position, recorded_at, ref, when_stated, sort_at, beside
         FROM {schema}.timeline
        WHERE case_id = %(case_id)s AND (sort_at, version) > (%(sort_at)s, %(version)s)
        ORDER BY sort_at, version
        LIMIT %(limit)s) AS t ON true
  LEFT JOIN {schema}.event AS e ON e.position = t.position
  LEFT JOIN LATERAL (
       SELECT body, turns_at FROM {schema}.voice WHERE case_id = %(case_id)s AND ref = t.ref LIMIT 1) AS v ON true
  LEFT JOIN LATERAL (
       SELECT array_agg(position) AS positions, array_agg(originator_version) AS versions,
              array_agg(recorded_at) AS times, array_agg(topic) AS topics, array_agg(sealed) AS seals
         FROM (SELECT position, originator_version, recorded_at, topic, {schema}.sealed(s) AS sealed
                 FROM {schema}.event AS s
                WHERE t.beside IS NOT NULL AND originator_id = %(case_id)s AND originator_version = ANY (t.beside)
                ORDER BY position) AS added) AS b ON true
 WHERE c.case_id = %(case_id)s
 ORDER BY t.sort_at, t.version

-- name: page_back
SELECT c.born, known.last, t.version, t.position, t.recorded_at, t.ref, t.when_stated, t.sort_at,
       e.topic, {schema}.sealed(e), v.body::text, v.turns_at, b.positions, b.versions, b.times, b.topics, b.seals
  FROM {schema}.case_state AS c
 CROSS JOIN LATERAL (
       SELECT CASE max(version) WHEN (SELECT max(originator_version) FROM {schema}.event WHERE originator_id = %(case_id)s)
                                THEN max(version) END AS last
         FROM {schema}.timeline WHERE case_id = %(case_id)s) AS known
  LEFT JOIN LATERAL (
       SELECT version, position, recorded_at, ref, when_stated, sort_at, beside
         FROM {schema}.timeline
        WHERE case_id = %(case_id)s AND (sort_at, version) < (%(sort_at)s, %(version)s)
        ORDER BY sort_at DESC, version DESC
        LIMIT %(limit)s) AS t ON true
  LEFT JOIN {schema}.event AS e ON e.position = t.position
  LEFT JOIN LATERAL (
       SELECT body, turns_at FROM {schema}.voice WHERE case_id = %(case_id)s AND ref = t.ref LIMIT 1) AS v ON true
  LEFT JOIN LATERAL (
       SELECT array_agg(position) AS positions, array_agg(originator_version) AS versions,
              array_agg(recorded_at) AS times, array_agg(topic) AS topics, array_agg(sealed) AS seals
         FROM (SELECT position, originator_version, recorded_at, topic, {schema}.sealed(s) AS sealed
                 FROM {schema}.event AS s
                WHERE t.beside IS NOT NULL AND originator_id = %(case_id)s AND originator_version = ANY (t.beside)
                ORDER BY position) AS added) AS b ON true
 WHERE c.case_id = %(case_id)s
 ORDER BY t.sort_at DESC, t.version DESC

-- name: wanted_forward  (`covering` is the wanted matter and all above it, `below` the start of all below it)
SELECT c.born, known.last, t.version, t.position, t.recorded_at, t.ref, t.when_stated, t.sort_at,
       e.topic, {schema}.sealed(e), v.body::text, v.turns_at, b.positions, b.versions, b.times, b.topics, b.seals
  FROM {schema}.case_state AS c
 CROSS JOIN LATERAL (
       SELECT CASE max(version) WHEN (SELECT max(originator_version) FROM {schema}.event WHERE originator_id = %(case_id)s)
                                THEN max(version) END AS last
         FROM {schema}.timeline WHERE case_id = %(case_id)s) AS known
  LEFT JOIN LATERAL (
       SELECT version, position, recorded_at, ref, when_stated, sort_at, beside
         FROM {schema}.timeline
        WHERE case_id = %(case_id)s AND (sort_at, version) > (%(sort_at)s, %(version)s)
          AND (%(below)s::text IS NULL OR matters && %(covering)s::text[]
               OR EXISTS (SELECT FROM unnest(matters) AS matter WHERE starts_with(matter, %(below)s)))
          AND (%(person)s::text IS NULL OR %(person)s = ANY (about) OR %(person)s = ANY (people))
          AND (%(classes)s::text[] IS NULL
               OR ref IN (SELECT ref FROM {schema}.voice
                           WHERE case_id = %(case_id)s AND verdict_class = ANY (%(classes)s)))
        ORDER BY sort_at, version
        LIMIT %(limit)s) AS t ON true
  LEFT JOIN {schema}.event AS e ON e.position = t.position
  LEFT JOIN LATERAL (
       SELECT body, turns_at FROM {schema}.voice WHERE case_id = %(case_id)s AND ref = t.ref LIMIT 1) AS v ON true
  LEFT JOIN LATERAL (
       SELECT array_agg(position) AS positions, array_agg(originator_version) AS versions,
              array_agg(recorded_at) AS times, array_agg(topic) AS topics, array_agg(sealed) AS seals
         FROM (SELECT position, originator_version, recorded_at, topic, {schema}.sealed(s) AS sealed
                 FROM {schema}.event AS s
                WHERE t.beside IS NOT NULL AND originator_id = %(case_id)s AND originator_version = ANY (t.beside)
                ORDER BY position) AS added) AS b ON true
 WHERE c.case_id = %(case_id)s
 ORDER BY t.sort_at, t.version

-- name: wanted_back
SELECT c.born, known.last, t.version, t.position, t.recorded_at, t.ref, t.when_stated, t.sort_at,
       e.topic, {schema}.sealed(e), v.body::text, v.turns_at, b.positions, b.versions, b.times, b.topics, b.seals
  FROM {schema}.case_state AS c
 CROSS JOIN LATERAL (
       SELECT CASE max(version) WHEN (SELECT max(originator_version) FROM {schema}.event WHERE originator_id = %(case_id)s)
                                THEN max(version) END AS last
         FROM {schema}.timeline WHERE case_id = %(case_id)s) AS known
  LEFT JOIN LATERAL (
       SELECT version, position, recorded_at, ref, when_stated, sort_at, beside
         FROM {schema}.timeline
        WHERE case_id = %(case_id)s AND (sort_at, version) < (%(sort_at)s, %(version)s)
          AND (%(below)s::text IS NULL OR matters && %(covering)s::text[]
               OR EXISTS (SELECT FROM unnest(matters) AS matter WHERE starts_with(matter, %(below)s)))
          AND (%(person)s::text IS NULL OR %(person)s = ANY (about) OR %(person)s = ANY (people))
          AND (%(classes)s::text[] IS NULL
               OR ref IN (SELECT ref FROM {schema}.voice
                           WHERE case_id = %(case_id)s AND verdict_class = ANY (%(classes)s)))
        ORDER BY sort_at DESC, version DESC
        LIMIT %(limit)s) AS t ON true
  LEFT JOIN {schema}.event AS e ON e.position = t.position
  LEFT JOIN LATERAL (
       SELECT body, turns_at FROM {schema}.voice WHERE case_id = %(case_id)s AND ref = t.ref LIMIT 1) AS v ON true
  LEFT JOIN LATERAL (
       SELECT array_agg(position) AS positions, array_agg(originator_version) AS versions,
              array_agg(recorded_at) AS times, array_agg(topic) AS topics, array_agg(sealed) AS seals
         FROM (SELECT position, originator_version, recorded_at, topic, {schema}.sealed(s) AS sealed
                 FROM {schema}.event AS s
                WHERE t.beside IS NOT NULL AND originator_id = %(case_id)s AND originator_version = ANY (t.beside)
                ORDER BY position) AS added) AS b ON true
 WHERE c.case_id = %(case_id)s
 ORDER BY t.sort_at DESC, t.version DESC

-- name: picked  (some entries by reference, in the order in which they were recorded)
SELECT c.born, c.version, t.version, t.position, t.recorded_at, t.ref, t.when_stated, t.sort_at,
       e.topic, {schema}.sealed(e), v.body::text, v.turns_at, b.positions, b.versions, b.times, b.topics, b.seals
  FROM {schema}.case_state AS c
  LEFT JOIN {schema}.timeline AS t ON t.case_id = %(case_id)s AND t.ref = ANY (%(refs)s)
  LEFT JOIN {schema}.event AS e ON e.position = t.position
  LEFT JOIN LATERAL (
       SELECT body, turns_at FROM {schema}.voice WHERE case_id = %(case_id)s AND ref = t.ref LIMIT 1) AS v ON true
  LEFT JOIN LATERAL (
       SELECT array_agg(position) AS positions, array_agg(originator_version) AS versions,
              array_agg(recorded_at) AS times, array_agg(topic) AS topics, array_agg(sealed) AS seals
         FROM (SELECT position, originator_version, recorded_at, topic, {schema}.sealed(s) AS sealed
                 FROM {schema}.event AS s
                WHERE t.beside IS NOT NULL AND originator_id = %(case_id)s AND originator_version = ANY (t.beside)
                ORDER BY position) AS added) AS b ON true
 WHERE c.case_id = %(case_id)s
 ORDER BY t.version

-- name: about  (everything that points at an entry, in the order of world time)
SELECT c.born, c.version, t.version, t.position, t.recorded_at, t.ref, t.when_stated, t.sort_at,
       e.topic, {schema}.sealed(e), v.body::text, v.turns_at, b.positions, b.versions, b.times, b.topics, b.seals
  FROM {schema}.case_state AS c
  LEFT JOIN {schema}.timeline AS t ON t.case_id = %(case_id)s AND %(ref)s = ANY (t.about)
  LEFT JOIN {schema}.event AS e ON e.position = t.position
  LEFT JOIN LATERAL (
       SELECT body, turns_at FROM {schema}.voice WHERE case_id = %(case_id)s AND ref = t.ref LIMIT 1) AS v ON true
  LEFT JOIN LATERAL (
       SELECT array_agg(position) AS positions, array_agg(originator_version) AS versions,
              array_agg(recorded_at) AS times, array_agg(topic) AS topics, array_agg(sealed) AS seals
         FROM (SELECT position, originator_version, recorded_at, topic, {schema}.sealed(s) AS sealed
                 FROM {schema}.event AS s
                WHERE t.beside IS NOT NULL AND originator_id = %(case_id)s AND originator_version = ANY (t.beside)
                ORDER BY position) AS added) AS b ON true
 WHERE c.case_id = %(case_id)s
 ORDER BY t.sort_at, t.version

-- name: with_about  (an entry, and everything that points at it)
SELECT c.born,
       CASE WHEN NOT EXISTS (SELECT FROM {schema}.event WHERE originator_id = c.case_id AND originator_version = c.version + 1)
            THEN c.version END, t.version, t.position, t.recorded_at, t.ref, t.when_stated, t.sort_at,
       e.topic, {schema}.sealed(e), v.body::text, v.turns_at, b.positions, b.versions, b.times, b.topics, b.seals
  FROM {schema}.case_state AS c
  LEFT JOIN {schema}.timeline AS t ON t.case_id = %(case_id)s AND (t.ref = %(ref)s OR %(ref)s = ANY (t.about))
  LEFT JOIN {schema}.event AS e ON e.position = t.position
  LEFT JOIN LATERAL (
       SELECT body, turns_at FROM {schema}.voice WHERE case_id = %(case_id)s AND ref = t.ref LIMIT 1) AS v ON true
  LEFT JOIN LATERAL (
       SELECT array_agg(position) AS positions, array_agg(originator_version) AS versions,
              array_agg(recorded_at) AS times, array_agg(topic) AS topics, array_agg(sealed) AS seals
         FROM (SELECT position, originator_version, recorded_at, topic, {schema}.sealed(s) AS sealed
                 FROM {schema}.event AS s
                WHERE t.beside IS NOT NULL AND originator_id = %(case_id)s AND originator_version = ANY (t.beside)
                ORDER BY position) AS added) AS b ON true
 WHERE c.case_id = %(case_id)s
 ORDER BY t.sort_at, t.version

-- name: years  (how many of the wanted entries each year has)
SELECT extract(year FROM sort_at)::integer, count(*)
  FROM {schema}.timeline
 WHERE case_id = %(case_id)s
   AND (%(below)s::text IS NULL OR matters && %(covering)s::text[]
        OR EXISTS (SELECT FROM unnest(matters) AS matter WHERE starts_with(matter, %(below)s)))
   AND (%(person)s::text IS NULL OR %(person)s = ANY (about) OR %(person)s = ANY (people))
   AND (%(classes)s::text[] IS NULL
        OR ref IN (SELECT ref FROM {schema}.voice
                    WHERE case_id = %(case_id)s AND verdict_class = ANY (%(classes)s)))
 GROUP BY 1
 ORDER BY 1
