-- What the key store asks and writes, in words that SQLite and PostgreSQL both know. Values are always parameters.

-- name: ring
SELECT id, generation, epoch, wrapped FROM ring WHERE one = 1

-- name: begin_ring
INSERT INTO ring (one, id, generation) VALUES (1, :id, 1) ON CONFLICT DO NOTHING

-- name: put_index
UPDATE ring SET epoch = :epoch, wrapped = :wrapped WHERE one = 1 AND wrapped IS NULL

-- name: rewrap_index
UPDATE ring SET epoch = :epoch, wrapped = :wrapped WHERE one = 1 AND wrapped = :was

-- name: generation
SELECT generation FROM ring WHERE one = 1

-- name: next_generation
UPDATE ring SET generation = generation + 1 WHERE one = 1 RETURNING generation

-- name: changes  (what must leave the caches since a generation, with the generation that is reached by it)
SELECT ring.generation, gone.key_id
  FROM ring
  LEFT JOIN (SELECT key_id FROM destroyed WHERE generation > :after
             UNION ALL
             SELECT key_id FROM data_key WHERE replaced > :after) AS gone ON true

-- name: subjects  (some subjects with their newest key, and the generation at which they stand so)
SELECT ring.generation, subject.id, subject.secrets, data_key.key_id, data_key.version, data_key.epoch, data_key.wrapped
  FROM ring
  LEFT JOIN subject ON subject.id IN (:ids)
  LEFT JOIN data_key ON data_key.key_id = subject.key_id

-- name: key  (one key, and when it was destroyed)
SELECT ring.generation, data_key.subject, data_key.version, data_key.epoch, data_key.wrapped, destroyed.destroyed_at
  FROM ring
  LEFT JOIN data_key ON data_key.key_id = :key_id
  LEFT JOIN destroyed ON destroyed.key_id = :key_id

-- name: add_subject
INSERT INTO subject (id, family, key_id, secrets) VALUES (:id, :family, :key_id, :secrets) ON CONFLICT DO NOTHING

-- name: add_first_key  (only where the subject is the one just added)
INSERT INTO data_key (key_id, subject, version, epoch, wrapped)
SELECT :key_id, id, 1, :epoch, :wrapped FROM subject WHERE id = :id AND key_id = :key_id

-- name: replace_newest
UPDATE data_key SET replaced = :generation WHERE key_id = :was

-- name: add_key
INSERT INTO data_key (key_id, subject, version, epoch, wrapped) VALUES (:key_id, :subject, :version, :epoch, :wrapped)

-- name: point_to_newest
UPDATE subject SET key_id = :key_id, secrets = :secrets WHERE id = :subject AND key_id = :was RETURNING id

-- name: family
SELECT data_key.key_id
  FROM data_key JOIN subject ON subject.id = data_key.subject
 WHERE subject.family = :family
 ORDER BY data_key.key_id

-- name: of_subject
SELECT key_id FROM data_key WHERE subject = :subject ORDER BY version

-- name: newest_of  (the subjects whose newest key is among these)
SELECT id FROM subject WHERE key_id IN (:ids)

-- name: keys_of_subjects
SELECT key_id FROM data_key WHERE subject IN (:ids)

-- name: existing
SELECT key_id FROM data_key WHERE key_id IN (:ids)

-- name: bury
INSERT INTO destroyed (key_id, destroyed_at, generation) VALUES (:key_id, :at, :generation) ON CONFLICT DO NOTHING

-- name: forget_keys
DELETE FROM data_key WHERE key_id IN (:ids)

-- name: forget_subjects
DELETE FROM subject WHERE id IN (:ids)

-- name: outside_epoch  (keys that are not wrapped under the newest epoch, in order)
SELECT key_id, subject, version, epoch, wrapped
  FROM data_key
 WHERE epoch <> :epoch AND key_id > :after
 ORDER BY key_id
 LIMIT :limit

-- name: rewrap_key
UPDATE data_key SET epoch = :epoch, wrapped = :wrapped WHERE key_id = :key_id AND wrapped = :was

-- name: epochs
SELECT number, kind, place, sealed, checked, begun_at FROM epoch ORDER BY number

-- name: destroyed_epochs
SELECT number, kind, place, destroyed_at FROM destroyed_epoch ORDER BY number

-- name: add_epoch
INSERT INTO epoch (number, kind, place, sealed, checked, begun_at)
VALUES (:number, :kind, :place, :sealed, :checked, :begun_at) ON CONFLICT DO NOTHING RETURNING number

-- name: bury_epoch
INSERT INTO destroyed_epoch (number, kind, place, destroyed_at)
SELECT number, kind, place, :at FROM epoch WHERE number = :number ON CONFLICT DO NOTHING

-- name: forget_epoch
DELETE FROM epoch WHERE number = :number

-- name: count_by_epoch
SELECT epoch, count(*) FROM data_key GROUP BY epoch

-- name: counts
SELECT (SELECT count(*) FROM subject), (SELECT count(*) FROM data_key), (SELECT count(*) FROM destroyed)
