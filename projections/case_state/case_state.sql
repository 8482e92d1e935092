-- name: tables
CREATE TABLE {schema}.case_state (
    case_id     uuid        PRIMARY KEY,
    version     bigint      NOT NULL,
    position    bigint      NOT NULL,
    opened      bigint      NOT NULL,
    recorded_at timestamptz NOT NULL,
    is_open     boolean     NOT NULL,
    born        text,
    state       json        NOT NULL
);
CREATE UNIQUE INDEX ON {schema}.case_state (opened);

-- name: put  (`opened` is the position of the first entry and stays, so that lists keep one order for ever)
INSERT INTO {schema}.case_state AS old (case_id, version, position, opened, recorded_at, is_open, born, state)
SELECT case_id, version, position, opened, recorded_at, is_open, born, state::json
  FROM unnest(%b::uuid[], %b::bigint[], %b::bigint[], %b::bigint[], %b::timestamptz[], %b::boolean[], %b::text[],
              %b::text[])
    AS new (case_id, version, position, opened, recorded_at, is_open, born, state)
ON CONFLICT (case_id) DO UPDATE
   SET version = excluded.version, position = excluded.position, recorded_at = excluded.recorded_at,
       is_open = excluded.is_open, born = excluded.born, state = excluded.state

-- name: of_case
SELECT case_id, version, position, recorded_at, state::text FROM {schema}.case_state WHERE case_id = %(case_id)s

-- name: page  (in the order in which the cases were opened, those that had been opened by then)
SELECT case_id, version, position, recorded_at, state::text, opened
  FROM {schema}.case_state AS c
 WHERE opened > %(after)s
   AND EXISTS (SELECT FROM {schema}.event e WHERE e.position = c.opened AND e.recorded_at <= %(as_of)s)
 ORDER BY opened
 LIMIT %(limit)s
