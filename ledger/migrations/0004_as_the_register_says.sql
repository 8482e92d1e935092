-- The register's entries are called `ledger.erased`, as whoever reads them elsewhere knows them.

DO $$ BEGIN
    IF NOT pg_has_role(current_user, 'beforehand_erasure', 'SET') THEN
        EXECUTE format('GRANT beforehand_erasure TO %I WITH INHERIT FALSE, SET TRUE', current_user);
        PERFORM set_config('beforehand.lent_to', current_user, true);
    END IF;
    GRANT CREATE ON SCHEMA {schema} TO beforehand_erasure;
    SET LOCAL ROLE beforehand_erasure;
END $$;

CREATE OR REPLACE FUNCTION {schema}.erase(register bigint, leaves bigint[], keys text[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    blanked bigint;
BEGIN
    PERFORM FROM {schema}.head WHERE one = 1 FOR UPDATE;
    IF NOT EXISTS (SELECT FROM {schema}.event AS e
                    WHERE e.position = register AND e.topic = 'ledger.erased@1' AND e.entry IS NOT NULL) THEN
        RAISE EXCEPTION 'nothing is erased before the register says so'
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    WITH gone AS MATERIALIZED (
        SELECT e.position, e.originator_id
          FROM unnest(leaves) AS leaf
          JOIN {schema}.event AS e ON e.position = leaf + 1
         WHERE e.state IS NOT NULL AND encode(substr(e.state, 1, 22), 'escape') = ANY (keys)),
    named AS MATERIALIZED (
        SELECT originator_id, gen_random_uuid() AS id FROM gone GROUP BY originator_id)
    UPDATE {schema}.event AS e
       SET entry = NULL, state = NULL, topic = 'ledger.blank@1', originator_id = named.id
      FROM gone JOIN named USING (originator_id)
     WHERE e.position = gone.position;
    GET DIAGNOSTICS blanked = ROW_COUNT;
    RETURN blanked;
END $$;

RESET ROLE;

DO $$
DECLARE
    lent_to CONSTANT text := current_setting('beforehand.lent_to', true);
BEGIN
    REVOKE CREATE ON SCHEMA {schema} FROM beforehand_erasure;
    IF lent_to <> '' THEN
        EXECUTE format('REVOKE beforehand_erasure FROM %I GRANTED BY %I', lent_to, lent_to);
        PERFORM set_config('beforehand.lent_to', '', true);
    END IF;
END $$;
