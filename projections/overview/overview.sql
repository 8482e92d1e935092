-- name: spoken  (every entry about the child's view, in the order of world time)
SELECT ref, topic, matters, when_stated
  FROM {schema}.timeline
 WHERE case_id = %(case_id)s AND topic = ANY (%(topics)s)
 ORDER BY sort_at, version

-- name: later  (what was recorded after a moment about what had happened by then)
SELECT ref, topic, when_stated, recorded_at
  FROM {schema}.timeline
 WHERE case_id = %(case_id)s AND recorded_at > %(as_of)s AND sort_at <= %(by)s AND when_stated IS NOT NULL
 ORDER BY sort_at, version
