-- Columns of a subscription are always given in the order of api.webhooks.store.Subscription.

-- name: create
INSERT INTO {schema}.webhook (id, url, types, secret, created_at, created_by, position)
VALUES (%(id)s, %(url)s, %(types)s, %(secret)s, %(now)s, %(by)s,
        coalesce(%(after)s, (SELECT size FROM {schema}.head WHERE one = 1)))

-- name: some  (all of them in the order in which they were made, or one)
SELECT id, url, types, created_at, created_by, position, attempts, next_attempt_at, failing_since, last_attempt_at,
       last_status, last_outcome, disabled
  FROM {schema}.webhook
 WHERE %(id)s::uuid IS NULL OR id = %(id)s
 ORDER BY created_at, id

-- name: delete
DELETE FROM {schema}.webhook WHERE id = %(id)s RETURNING id

-- name: rotate  (the secret before goes on signing beside the new one for a while)
UPDATE {schema}.webhook SET secret = %(secret)s, secret_before = secret, before_until = %(until)s
 WHERE id = %(id)s
RETURNING id

-- name: enable  (it goes on where it was)
UPDATE {schema}.webhook
   SET disabled = NULL, attempts = 0, dead_in_a_row = 0, next_attempt_at = 'epoch', failing_since = NULL
 WHERE id = %(id)s
RETURNING id

-- name: disable
UPDATE {schema}.webhook SET disabled = %(why)s WHERE id = %(id)s RETURNING id

-- name: secrets
SELECT secret, CASE WHEN before_until > %(now)s THEN secret_before END FROM {schema}.webhook WHERE id = %(id)s

-- name: claim  (what there is to do for, and nobody is doing it)
UPDATE {schema}.webhook
   SET lease = %(lease)s, leased_until = %(until)s
 WHERE id IN (SELECT id
                FROM {schema}.webhook w
               WHERE disabled IS NULL AND leased_until <= %(now)s
                 AND (next_attempt_at <= %(now)s
                      AND position < (SELECT size FROM {schema}.head WHERE one = 1)
                      OR EXISTS (SELECT FROM {schema}.webhook_dead_letter d WHERE d.webhook_id = w.id AND d.again))
               ORDER BY id
                 FOR UPDATE SKIP LOCKED)
RETURNING id

-- name: outlook  (how many there are to tell, and when there is something to do again)
SELECT count(*),
       min(greatest(next_attempt_at, leased_until))
           FILTER (WHERE position < (SELECT size FROM {schema}.head WHERE one = 1) OR leased_until > %(now)s)
  FROM {schema}.webhook
 WHERE disabled IS NULL

-- name: holds  (whether a lease still holds, and for longer)
UPDATE {schema}.webhook SET leased_until = %(until)s
 WHERE id = %(id)s AND lease = %(lease)s AND disabled IS NULL
RETURNING url, types, position, attempts, next_attempt_at

-- name: release
UPDATE {schema}.webhook SET lease = NULL, leased_until = 'epoch' WHERE id = %(id)s AND lease = %(lease)s

-- name: skipped  (what nobody asked for)
UPDATE {schema}.webhook SET position = %(position)s WHERE id = %(id)s AND lease = %(lease)s

-- name: delivered
UPDATE {schema}.webhook
   SET position = %(position)s, attempts = 0, dead_in_a_row = 0, next_attempt_at = 'epoch', failing_since = NULL,
       last_attempt_at = %(now)s, last_status = %(status)s, last_outcome = %(outcome)s
 WHERE id = %(id)s AND lease = %(lease)s

-- name: failed
UPDATE {schema}.webhook
   SET attempts = attempts + 1, next_attempt_at = %(again_at)s, failing_since = coalesce(failing_since, %(now)s),
       last_attempt_at = %(now)s, last_status = %(status)s, last_outcome = %(outcome)s,
       disabled = coalesce(%(disabled)s, disabled)
 WHERE id = %(id)s AND lease = %(lease)s

-- name: given_up  (the cursor moves on, and the entry is put on the list, or neither)
WITH moved AS (
    UPDATE {schema}.webhook
       SET position = %(position)s, attempts = 0, next_attempt_at = 'epoch', last_attempt_at = %(now)s,
           last_status = %(status)s, last_outcome = %(outcome)s, dead_in_a_row = dead_in_a_row + 1,
           failing_since = coalesce(failing_since, %(now)s),
           disabled = CASE WHEN dead_in_a_row + 1 >= %(most)s THEN 'FAILED' ELSE disabled END
     WHERE id = %(id)s AND lease = %(lease)s
    RETURNING id
)
INSERT INTO {schema}.webhook_dead_letter (webhook_id, position, attempts, outcome, status, died_at)
SELECT id, %(position)s, %(attempts)s, %(outcome)s, %(status)s, %(now)s FROM moved
ON CONFLICT (webhook_id, position) DO NOTHING

-- name: dead_letters  (in the order of the log, from after a position)
SELECT position, attempts, outcome, status, died_at, again
  FROM {schema}.webhook_dead_letter
 WHERE webhook_id = %(id)s AND position > %(after)s
 ORDER BY position
 LIMIT %(limit)s

-- name: again
UPDATE {schema}.webhook_dead_letter SET again = true WHERE webhook_id = %(id)s AND position = %(position)s RETURNING position

-- name: to_do_again
SELECT position FROM {schema}.webhook_dead_letter WHERE webhook_id = %(id)s AND again ORDER BY position LIMIT 1

-- name: again_delivered
DELETE FROM {schema}.webhook_dead_letter WHERE webhook_id = %(id)s AND position = %(position)s

-- name: again_failed
UPDATE {schema}.webhook_dead_letter
   SET again = false, attempts = attempts + 1, outcome = %(outcome)s, status = %(status)s, died_at = %(now)s
 WHERE webhook_id = %(id)s AND position = %(position)s
