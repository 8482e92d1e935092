-- What the publisher reads back, and the checkpoints that are kept for ever.

-- name: head
SELECT size, frontier, origin FROM {schema}.head WHERE one = 1

-- name: leaves  (by leaf index, which counts from 0; the recorded time in milliseconds since 1970, or -1 between two)
SELECT position - 1, entry, leaf_hash, originator_version,
       CASE recorded_at WHEN date_trunc('milliseconds', recorded_at) THEN extract(epoch FROM recorded_at) * 1000
                        ELSE -1 END::bigint
  FROM {schema}.event
 WHERE position > %(start)s AND position <= %(stop)s
 ORDER BY position

-- name: keep
INSERT INTO {schema}.checkpoint (size, made_at, root, note, quorum, anchor)
VALUES (%(size)s, %(made_at)s, %(root)s, %(note)s, %(quorum)s, %(anchor)s)
ON CONFLICT DO NOTHING

-- name: keep_timestamp
INSERT INTO {schema}.checkpoint_timestamp (size, made_at, authority, stated_at, token)
VALUES (%(size)s, %(made_at)s, %(authority)s, %(stated_at)s, %(token)s)
ON CONFLICT DO NOTHING

-- name: latest
SELECT size, made_at, root, note, quorum, anchor FROM {schema}.checkpoint ORDER BY size DESC, made_at DESC LIMIT 1

-- name: latest_with_quorum
SELECT size, made_at, root, note, quorum, anchor FROM {schema}.checkpoint
 WHERE quorum ORDER BY size DESC, made_at DESC LIMIT 1

-- name: latest_anchor
SELECT size, made_at, root, note, quorum, anchor FROM {schema}.checkpoint
 WHERE anchor ORDER BY size DESC, made_at DESC LIMIT 1

-- name: before  (the last checkpoint that met the policy and does not hold a leaf)
SELECT size, made_at, root, note, quorum, anchor FROM {schema}.checkpoint
 WHERE quorum AND size <= %(index)s ORDER BY size DESC, made_at DESC LIMIT 1

-- name: after  (the first checkpoint that met the policy and holds a leaf)
SELECT size, made_at, root, note, quorum, anchor FROM {schema}.checkpoint
 WHERE quorum AND size > %(index)s ORDER BY size, made_at LIMIT 1

-- name: brackets  (for each of some leaves: the last checkpoint without it and the first with it, of those that met the policy)
SELECT DISTINCT c.size, c.made_at, c.root, c.note, c.quorum, c.anchor
  FROM unnest(%(indexes)s::bigint[]) AS leaf (index)
 CROSS JOIN LATERAL (
     (SELECT * FROM {schema}.checkpoint WHERE quorum AND size > 0 AND size <= leaf.index
       ORDER BY size DESC, made_at DESC LIMIT 1)
     UNION ALL
     (SELECT * FROM {schema}.checkpoint WHERE quorum AND size > leaf.index ORDER BY size, made_at LIMIT 1)) AS c
 ORDER BY c.size, c.made_at

-- name: timestamps
SELECT authority, stated_at, token FROM {schema}.checkpoint_timestamp
 WHERE size = %(size)s AND made_at = %(made_at)s ORDER BY authority

-- name: last_timestamp
SELECT max(made_at) FROM {schema}.checkpoint_timestamp
