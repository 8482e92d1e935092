-- Erasing and redacting: the only ways in which a row of the log may change, each a function, both owned by a role that
-- nobody can log in as. The tree stays as it is: a leaf hash, a position and a recorded time never change.

DO $$ BEGIN
    CREATE ROLE beforehand_erasure NOLOGIN NOINHERIT;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
    WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'the role beforehand_erasure is not there, and this account cannot make it'
            USING HINT = 'Have an administrator run: CREATE ROLE beforehand_erasure NOLOGIN NOINHERIT; '
                         'GRANT beforehand_erasure TO the account that migrates, WITH SET TRUE.';
END $$;

-- Blanks the entries of an erased subject, as an entry of the erasure register says, and gives how many those were.
-- Only a row whose own box was sealed with one of the keys goes: after a restore another stream may stand at its leaf.
-- The stream gets a new random name, since the old one may have been made from what others know the person by.
CREATE FUNCTION {schema}.erase(register bigint, leaves bigint[], keys text[]) RETURNS bigint
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

-- Puts other ciphertext in the place of an event's, where that still is as it was (`was` is its SHA-256), and says whether.
-- The entry commits to what the ciphertext holds, so that nothing but what was sealed can be read from it ever after.
CREATE FUNCTION {schema}.reseal(place bigint, was bytea, sealed bytea) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE {schema}.event AS e SET state = sealed
     WHERE e.position = place AND e.state IS NOT NULL AND sha256(e.state) = was;
    RETURN FOUND;
END $$;

-- Facts are only ever added; an erasure may blank them, and ciphertext may be sealed anew.
CREATE FUNCTION {schema}.only_erased() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_user = 'beforehand_erasure'
       AND (NEW.position, NEW.originator_version, NEW.recorded_at, NEW.leaf_hash)
         = (OLD.position, OLD.originator_version, OLD.recorded_at, OLD.leaf_hash)
       AND (NEW.entry IS NULL AND NEW.state IS NULL AND NEW.topic = 'ledger.blank@1'
            OR NEW.state IS NOT NULL AND OLD.state IS NOT NULL
               AND (NEW.entry, NEW.topic, NEW.originator_id) = (OLD.entry, OLD.topic, OLD.originator_id)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'facts are only added, never changed or removed' USING ERRCODE = 'insufficient_privilege';
END $$;

DROP TRIGGER only_added ON {schema}.event;
CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON {schema}.event
    FOR EACH ROW EXECUTE FUNCTION {schema}.only_erased();

-- Whoever migrates may erase; an account that only serves has to be allowed to, and never should be.
DO $$
DECLARE
    whoever CONSTANT name := current_user;
    lent CONSTANT boolean := NOT pg_has_role(current_user, 'beforehand_erasure', 'SET');
BEGIN
    IF lent THEN
        EXECUTE format('GRANT beforehand_erasure TO %I WITH INHERIT FALSE, SET TRUE', whoever);
    END IF;
    GRANT USAGE, CREATE ON SCHEMA {schema} TO beforehand_erasure;
    GRANT SELECT, UPDATE (originator_id, topic, entry, state) ON {schema}.event TO beforehand_erasure;
    GRANT SELECT, UPDATE (one) ON {schema}.head TO beforehand_erasure;
    ALTER FUNCTION {schema}.erase(bigint, bigint[], text[]) OWNER TO beforehand_erasure;
    ALTER FUNCTION {schema}.reseal(bigint, bytea, bytea) OWNER TO beforehand_erasure;
    REVOKE CREATE ON SCHEMA {schema} FROM beforehand_erasure;
    SET LOCAL ROLE beforehand_erasure;
    REVOKE ALL ON FUNCTION {schema}.erase(bigint, bigint[], text[]) FROM PUBLIC;
    REVOKE ALL ON FUNCTION {schema}.reseal(bigint, bytea, bytea) FROM PUBLIC;
    EXECUTE format('GRANT EXECUTE ON FUNCTION {schema}.erase(bigint, bigint[], text[]) TO %I', whoever);
    EXECUTE format('GRANT EXECUTE ON FUNCTION {schema}.reseal(bigint, bytea, bytea) TO %I', whoever);
    RESET ROLE;
    IF lent THEN
        EXECUTE format('REVOKE beforehand_erasure FROM %I GRANTED BY %I', whoever, whoever);
    END IF;
END $$;
