-- Reading and appending. Columns are always given in the order of ledger.mapper.Columns. What an erasure has blanked is
-- passed over wherever the log is read, and so is the erasure register (`ledger.register.REGISTER`).

-- name: append  (%b: arrays travel in binary, an order of magnitude cheaper than as text)
SELECT last, moment, refused
  FROM {schema}.append(%b::integer[], %b::uuid[], %b::bigint[], %b::text[], %b::text[], %b::text[], %b::text[], %b::bytea[])

-- name: stream  (one stream between two versions)
SELECT position, originator_id, originator_version, recorded_at, topic, {schema}.sealed(e)
  FROM {schema}.event AS e
 WHERE originator_id = %(id)s AND originator_version > %(after)s AND originator_version <= %(upto)s
   AND recorded_at <= %(as_of)s
 ORDER BY originator_version
 LIMIT %(limit)s

-- name: stream_backwards
SELECT position, originator_id, originator_version, recorded_at, topic, {schema}.sealed(e)
  FROM {schema}.event AS e
 WHERE originator_id = %(id)s AND originator_version > %(after)s AND originator_version <= %(upto)s
   AND recorded_at <= %(as_of)s
 ORDER BY originator_version DESC
 LIMIT %(limit)s

-- name: picked  (some entries of one stream)
SELECT position, originator_id, originator_version, recorded_at, topic, {schema}.sealed(e)
  FROM {schema}.event AS e
 WHERE originator_id = %(id)s AND originator_version = ANY (%(versions)s)
 ORDER BY originator_version

-- name: one_of_each  (one entry of each of some streams)
SELECT position, originator_id, originator_version, recorded_at, topic, {schema}.sealed(e)
  FROM {schema}.event AS e
  JOIN unnest(%(ids)s::uuid[], %(versions)s::bigint[]) AS wanted (id, version)
    ON originator_id = wanted.id AND originator_version = wanted.version

-- name: positions  (the log in order)
SELECT position, originator_id, originator_version, recorded_at, topic, {schema}.sealed(e)
  FROM {schema}.event AS e
 WHERE position >= %(start)s AND position <= %(stop)s AND (cardinality(%(topics)s::text[]) = 0 OR topic = ANY (%(topics)s))
   AND entry IS NOT NULL AND originator_id <> 'e7a5ed00-0000-8000-8000-000000000001'
 ORDER BY position
 LIMIT %(limit)s

-- name: window  (the end of a stretch of the log, up to a recorded time: its last position and its time)
SELECT max(position)
  FROM (SELECT position FROM {schema}.event
         WHERE position > %(after)s AND position <= %(after)s::bigint + %(stretch)s AND recorded_at <= %(as_of)s) AS there

-- name: in_window  (what of a stretch of the log is asked for, in order)
SELECT position, originator_id, originator_version, recorded_at, topic, {schema}.sealed(e)
  FROM {schema}.event AS e
 WHERE position > %(after)s AND position <= %(upto)s
   AND (cardinality(%(topics)s::text[]) = 0 OR topic = ANY (%(topics)s))
   AND entry IS NOT NULL AND originator_id <> 'e7a5ed00-0000-8000-8000-000000000001'
 ORDER BY position
 LIMIT %(limit)s

-- name: of_stream_after  (one stream from a position of the log on)
SELECT position, originator_id, originator_version, recorded_at, topic, {schema}.sealed(e)
  FROM {schema}.event AS e
 WHERE originator_id = %(id)s AND position > %(after)s AND position <= %(upto)s
   AND (cardinality(%(topics)s::text[]) = 0 OR topic = ANY (%(topics)s))
 ORDER BY originator_version
 LIMIT %(limit)s

-- name: streams_next  (the streams that follow one in order of id, the first ones where none is given)
SELECT DISTINCT originator_id
  FROM {schema}.event
 WHERE (%(after)s::uuid IS NULL OR originator_id > %(after)s) AND position <= %(upto)s
   AND entry IS NOT NULL AND originator_id <> 'e7a5ed00-0000-8000-8000-000000000001'
 ORDER BY originator_id
 LIMIT %(limit)s

-- name: whole_streams  (all of some streams up to a position, stream by stream)
SELECT position, originator_id, originator_version, recorded_at, topic, {schema}.sealed(e)
  FROM {schema}.event AS e
 WHERE originator_id = ANY (%(ids)s) AND position <= %(upto)s
   AND entry IS NOT NULL AND originator_id <> 'e7a5ed00-0000-8000-8000-000000000001'
 ORDER BY originator_id, originator_version

-- name: leaf  (one entry as the tree has it, erased or not)
SELECT leaf_hash, entry FROM {schema}.event WHERE position = %(position)s

-- name: head
SELECT size, recorded_at FROM {schema}.head WHERE one = 1

-- name: begin  (names the log, or gives the name it has)
SELECT {schema}.begin_log(%(origin)s)
