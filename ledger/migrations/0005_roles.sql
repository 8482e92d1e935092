-- Who may do what. `beforehand_app` is what a server acts as: it reads the log and appends to it through the function, and
-- nothing else. Rows of projections and of the doors are its own to write. The account that migrates owns everything.
--
-- Grants are hygiene, not evidence: whoever administers the database passes them. Evidence is the tree.

DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'beforehand_app') THEN
        CREATE ROLE beforehand_app NOLOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN
        NULL;  -- another schema was migrated at the same moment
    WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'the role beforehand_app is missing, and this account may not create it'
            USING HINT = 'Have an administrator run: CREATE ROLE beforehand_app NOLOGIN; GRANT beforehand_app TO this account.';
END $$;

GRANT USAGE ON SCHEMA {schema} TO beforehand_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO beforehand_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO beforehand_app;
REVOKE ALL ON {schema}.event, {schema}.head, {schema}.migration FROM beforehand_app, PUBLIC;
GRANT SELECT ON {schema}.event, {schema}.head, {schema}.migration TO beforehand_app;
REVOKE UPDATE, DELETE ON {schema}.checkpoint, {schema}.checkpoint_timestamp FROM beforehand_app;

REVOKE ALL ON FUNCTION
    {schema}.append(integer[], uuid[], bigint[], text[], text[], text[], text[], bytea[]),
    {schema}.begin_log(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    {schema}.append(integer[], uuid[], bigint[], text[], text[], text[], text[], bytea[]),
    {schema}.begin_log(text) TO beforehand_app;
