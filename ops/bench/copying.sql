-- Rows of copied children, made from the rows of the child each is a copy of: what the projections would make of the
-- same entries, without asking the question anew. `models` are the originals, one for each of `copies`.

-- name: timeline
INSERT INTO {schema}.timeline
       (case_id, version, position, recorded_at, topic, ref, about, matters, people, when_stated, sort_at, beside)
SELECT copied.copy, t.version, e.position, e.recorded_at, t.topic, t.ref, t.about, t.matters, t.people, t.when_stated,
       CASE WHEN t.when_stated IS NULL THEN e.recorded_at AT TIME ZONE 'Europe/London' ELSE t.sort_at END, t.beside
  FROM unnest(%(copies)s::uuid[], %(models)s::uuid[]) AS copied (copy, model)
  JOIN {schema}.timeline AS t ON t.case_id = copied.model
  JOIN {schema}.event AS e ON e.originator_id = copied.copy AND e.originator_version = t.version

-- name: case_state
INSERT INTO {schema}.case_state (case_id, version, position, opened, recorded_at, is_open, born, named_at, state)
SELECT copied.copy, c.version, last.position, first.position, last.recorded_at, c.is_open, c.born, c.named_at,
       c.state
  FROM unnest(%(copies)s::uuid[], %(models)s::uuid[]) AS copied (copy, model)
  JOIN {schema}.case_state AS c ON c.case_id = copied.model
  JOIN {schema}.event AS first ON first.originator_id = copied.copy AND first.originator_version = 1
  JOIN {schema}.event AS last ON last.originator_id = copied.copy AND last.originator_version = c.version

-- name: people
INSERT INTO {schema}.person (case_id, ref, version, relationship, since_stated, until_stated, named_at)
SELECT copied.copy, p.ref, p.version, p.relationship, p.since_stated, p.until_stated, p.named_at
  FROM unnest(%(copies)s::uuid[], %(models)s::uuid[]) AS copied (copy, model)
  JOIN {schema}.person AS p ON p.case_id = copied.model

-- name: voice
INSERT INTO {schema}.voice (case_id, ref, version, verdict, verdict_class, differs, turns_at, body)
SELECT copied.copy, v.ref, v.version, v.verdict, v.verdict_class, v.differs, v.turns_at, v.body
  FROM unnest(%(copies)s::uuid[], %(models)s::uuid[]) AS copied (copy, model)
  JOIN {schema}.voice AS v ON v.case_id = copied.model

-- name: reached
UPDATE {schema}.projection SET position = %(to)s WHERE position = %(from)s
