-- What the publisher reads back, and the checkpoints that are kept for ever.

-- name: head
SELECT size, frontier, origin FROM {schema}.head WHERE one = 1

-- name: leaves  (by leaf index, which counts from 0; the recorded time in milliseconds since 1970)
SELECT position - 1, entry, leaf_hash, originator_version, (extract(epoch FROM recorded_at) * 1000)::bigint
  FROM {schema}.event
 WHERE position > %(start)s AND position <= %(stop)s
 ORDER BY position
