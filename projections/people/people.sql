-- name: tables
CREATE TABLE {schema}.person (
    case_id      uuid   NOT NULL,
    ref          text   NOT NULL,
    version      bigint NOT NULL,
    relationship text   NOT NULL,
    since_stated text,
    until_stated text,
    named_at     bigint NOT NULL,
    PRIMARY KEY (case_id, ref)
);

-- name: put
INSERT INTO {schema}.person AS old (case_id, ref, version, relationship, since_stated, until_stated, named_at)
SELECT case_id, ref, version, relationship, since_stated, until_stated, named_at
  FROM unnest(%b::uuid[], %b::text[], %b::bigint[], %b::text[], %b::text[], %b::text[], %b::bigint[])
    AS new (case_id, ref, version, relationship, since_stated, until_stated, named_at)
ON CONFLICT (case_id, ref) DO UPDATE
   SET relationship = excluded.relationship, since_stated = excluded.since_stated, until_stated = excluded.until_stated,
       named_at = excluded.named_at
 WHERE (old.relationship, old.since_stated, old.until_stated, old.named_at)
       IS DISTINCT FROM (excluded.relationship, excluded.since_stated, excluded.until_stated, excluded.named_at)

-- name: of_case
SELECT p.ref, p.version, p.relationship, p.since_stated, p.until_stated, e.position, e.originator_version, e.recorded_at, e.topic, {schema}.sealed(e)
  FROM {schema}.person AS p
  JOIN {schema}.event AS e ON e.originator_id = p.case_id AND e.originator_version = p.named_at
 WHERE p.case_id = %(case_id)s
 ORDER BY p.version
