-- name: tables
CREATE TABLE {schema}.case_state (
    case_id     uuid        PRIMARY KEY,
    version     bigint      NOT NULL,
    position    bigint      NOT NULL,
    opened      bigint      NOT NULL,
    recorded_at timestamptz NOT NULL,
    is_open     boolean     NOT NULL,
    born        text,
    named_at    bigint      NOT NULL,
    state       json        NOT NULL
);
CREATE UNIQUE INDEX ON {schema}.case_state (opened);

-- name: put  (`opened` is the position of the first entry and stays, so that lists keep one order for ever)
INSERT INTO {schema}.case_state AS old (case_id, version, position, opened, recorded_at, is_open, born, named_at, state)
SELECT case_id, version, position, opened, recorded_at, is_open, born, named_at, state::json
  FROM unnest(%b::uuid[], %b::bigint[], %b::bigint[], %b::bigint[], %b::timestamptz[], %b::boolean[], %b::text[],
              %b::bigint[], %b::text[])
    AS new (case_id, version, position, opened, recorded_at, is_open, born, named_at, state)
ON CONFLICT (case_id) DO UPDATE
   SET version = excluded.version, position = excluded.position, recorded_at = excluded.recorded_at,
       is_open = excluded.is_open, born = excluded.born, named_at = excluded.named_at,
       state = excluded.state

-- name: of_case  (`current`: these rows know all that the log holds of the case)
SELECT NOT EXISTS (SELECT FROM {schema}.event WHERE originator_id = c.case_id AND originator_version = c.version + 1) AS current,
       c.version, c.recorded_at, c.born, c.state::text, opening.position, opening.originator_version, opening.recorded_at, opening.topic, {schema}.sealed(opening),
       named.position, named.originator_version, named.recorded_at, named.topic, {schema}.sealed(named)
  FROM {schema}.case_state AS c
  JOIN {schema}.event AS opening ON opening.position = c.opened
  JOIN {schema}.event AS named ON named.originator_id = c.case_id AND named.originator_version = c.named_at
 WHERE c.case_id = %(case_id)s

-- name: page  (in the order in which the cases were opened, those that had been opened by then)
SELECT case_id, version, position, recorded_at, state::text, opened
  FROM {schema}.case_state AS c
 WHERE opened > %(after)s
   AND EXISTS (SELECT FROM {schema}.event e WHERE e.position = c.opened AND e.recorded_at <= %(as_of)s)
 ORDER BY opened
 LIMIT %(limit)s

-- name: listed  (the same with what a list says of each case, in one round trip)
SELECT c.case_id, c.version, c.opened, c.is_open, named.position, named.originator_version, named.recorded_at, named.topic, {schema}.sealed(named),
       (SELECT json_object_agg(verdict_class, number)::text
          FROM (SELECT verdict_class, count(*) AS number FROM {schema}.voice AS v
                 WHERE v.case_id = c.case_id GROUP BY verdict_class) AS counted)
  FROM (SELECT * FROM {schema}.case_state WHERE opened > %(after)s ORDER BY opened LIMIT %(limit)s) AS c
  JOIN {schema}.event AS named ON named.originator_id = c.case_id AND named.originator_version = c.named_at
 ORDER BY c.opened
