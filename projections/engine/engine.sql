-- name: positions
SELECT name, version, position FROM {schema}.projection ORDER BY name

-- name: begin  (a projection that has not been here before starts with the log)
INSERT INTO {schema}.projection (name, version, position) VALUES (%(name)s, %(version)s, 0) ON CONFLICT (name) DO NOTHING

-- name: advance
UPDATE {schema}.projection SET position = %(to)s WHERE name = %(name)s AND version = %(version)s AND position = %(from)s

-- name: hold  (nobody moves this projection while it is swapped)
SELECT position FROM {schema}.projection WHERE name = %(name)s FOR UPDATE

-- name: replaced
INSERT INTO {schema}.projection (name, version, position) VALUES (%(name)s, %(version)s, %(position)s)
ON CONFLICT (name) DO UPDATE SET version = excluded.version, position = excluded.position, rebuilt_at = now()
