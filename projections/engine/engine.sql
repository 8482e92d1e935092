-- name: positions
SELECT name, version, position FROM {schema}.projection ORDER BY name

-- name: begin  (a projection that has not been here before starts with the log)
INSERT INTO {schema}.projection (name, version, position) VALUES (%(name)s, %(version)s, 0) ON CONFLICT (name) DO NOTHING

-- name: erasures  (of any projection: all of them count alike)
SELECT coalesce(max(erasures), 0) FROM {schema}.projection

-- name: erased
UPDATE {schema}.projection SET erasures = erasures + 1 WHERE name = %(name)s

-- name: advance
UPDATE {schema}.projection SET position = %(to)s
 WHERE name = %(name)s AND version = %(version)s AND position = %(from)s AND erasures = %(erasures)s

-- name: hold  (nobody moves this projection while it is swapped)
SELECT position FROM {schema}.projection WHERE name = %(name)s FOR UPDATE

-- name: replaced
INSERT INTO {schema}.projection (name, version, position) VALUES (%(name)s, %(version)s, %(position)s)
ON CONFLICT (name) DO UPDATE SET version = excluded.version, position = excluded.position, rebuilt_at = now()

-- name: beside  (where the rows of a rebuild are made; the tables keep their grants when they change places)
CREATE SCHEMA {schema};
ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO beforehand_app
