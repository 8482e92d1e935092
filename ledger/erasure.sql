-- What erasing asks of the log. Positions are leaf indexes plus one.

-- name: of_stream
SELECT position, originator_version, recorded_at, topic, {schema}.sealed(e)
  FROM {schema}.event AS e
 WHERE originator_id = %(stream)s
 ORDER BY position

-- name: keys_of_stream  (its rows, with the key of the box of its own subject)
SELECT position, encode(substr(state, 1, 22), 'escape')
  FROM {schema}.event
 WHERE originator_id = %(stream)s AND state IS NOT NULL
 ORDER BY position

-- name: at  (one row, wherever it belongs)
SELECT originator_id, originator_version, recorded_at, topic, {schema}.sealed(e)
  FROM {schema}.event AS e
 WHERE position = %(position)s AND entry IS NOT NULL

-- name: standing  (the rows of some leaves that still have their bytes, with the key of their own box)
SELECT e.position, e.originator_id, encode(substr(e.state, 1, 22), 'escape')
  FROM unnest(%(leaves)s::bigint[]) AS leaf
  JOIN {schema}.event AS e ON e.position = leaf + 1
 WHERE e.state IS NOT NULL
 ORDER BY e.position

-- name: erase
SELECT {schema}.erase(%(register)s::bigint, %(leaves)s::bigint[], %(keys)s::text[])

-- name: reseal
SELECT {schema}.reseal(%(position)s::bigint, %(was)s::bytea, %(state)s::bytea)

-- name: clean  (what is left of the old rows goes from the table and its indexes)
VACUUM (INDEX_CLEANUP ON) {schema}.event
