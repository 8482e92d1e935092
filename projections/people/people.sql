-- name: tables
CREATE TABLE {schema}.person (
    case_id      uuid   NOT NULL,
    ref          text   NOT NULL,
    version      bigint NOT NULL,
    relationship text   NOT NULL,
    since_stated text,
    until_stated text,
    PRIMARY KEY (case_id, ref)
);

-- name: put
INSERT INTO {schema}.person AS old (case_id, ref, version, relationship, since_stated, until_stated)
SELECT case_id, ref, version, relationship, since_stated, until_stated
  FROM unnest(%b::uuid[], %b::text[], %b::bigint[], %b::text[], %b::text[], %b::text[])
    AS new (case_id, ref, version, relationship, since_stated, until_stated)
ON CONFLICT (case_id, ref) DO UPDATE
   SET relationship = excluded.relationship, since_stated = excluded.since_stated, until_stated = excluded.until_stated
 WHERE (old.relationship, old.since_stated, old.until_stated)
       IS DISTINCT FROM (excluded.relationship, excluded.since_stated, excluded.until_stated)

-- name: of_case
SELECT case_id, ref, version, relationship, since_stated, until_stated
  FROM {schema}.person WHERE case_id = %(case_id)s ORDER BY version
