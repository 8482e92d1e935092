-- name: tables
CREATE TABLE {schema}.voice (
    case_id       uuid        NOT NULL,
    ref           text        NOT NULL,
    version       bigint      NOT NULL,
    verdict       text        NOT NULL,
    verdict_class text        NOT NULL,
    differs       boolean     NOT NULL,
    turns_at      timestamptz,
    body          json        NOT NULL,
    PRIMARY KEY (case_id, ref)
);
CREATE INDEX ON {schema}.voice (turns_at) WHERE turns_at IS NOT NULL;

-- name: put
INSERT INTO {schema}.voice AS old (case_id, ref, version, verdict, verdict_class, differs, turns_at, body)
SELECT case_id, ref, version, verdict, verdict_class, differs, turns_at, body::json
  FROM unnest(%b::uuid[], %b::text[], %b::bigint[], %b::text[], %b::text[], %b::boolean[], %b::timestamptz[],
              %b::text[])
    AS new (case_id, ref, version, verdict, verdict_class, differs, turns_at, body)
ON CONFLICT (case_id, ref) DO UPDATE
   SET verdict = excluded.verdict, verdict_class = excluded.verdict_class, differs = excluded.differs,
       turns_at = excluded.turns_at, body = excluded.body
 WHERE (old.body::text, old.turns_at) IS DISTINCT FROM (excluded.body::text, excluded.turns_at)

-- name: of_case
SELECT ref, body::text, turns_at FROM {schema}.voice WHERE case_id = %(case_id)s ORDER BY version

-- name: some
SELECT ref, body::text, turns_at FROM {schema}.voice WHERE case_id = %(case_id)s AND ref = ANY (%(refs)s)

-- name: turned  (whether time alone may have changed an answer of this case)
SELECT 1 FROM {schema}.voice WHERE case_id = %(case_id)s AND turns_at <= %(now)s LIMIT 1

-- name: due  (cases whose answers time alone may have changed)
SELECT DISTINCT case_id FROM {schema}.voice WHERE turns_at <= %(now)s LIMIT %(limit)s

-- name: classes  (how many decisions of each class, per case)
SELECT case_id, verdict_class, count(*) FROM {schema}.voice WHERE case_id = ANY (%(case_ids)s) GROUP BY case_id, verdict_class

-- name: across  (decisions of all cases whose answer is of some classes, or may have become so by time alone)
SELECT case_id, version, ref, body::text, turns_at <= %(now)s
  FROM {schema}.voice
 WHERE (case_id, version) > (%(case_id)s, %(version)s)
   AND (cardinality(%(classes)s::text[]) = 0 OR verdict_class = ANY (%(classes)s) OR turns_at <= %(now)s)
 ORDER BY case_id, version
 LIMIT %(limit)s

-- name: cases_after  (the cases that have decisions, after one)
SELECT DISTINCT case_id FROM {schema}.voice WHERE case_id > %(case_id)s ORDER BY case_id LIMIT %(limit)s
