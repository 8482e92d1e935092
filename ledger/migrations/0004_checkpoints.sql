-- Every checkpoint that was cosigned, and every anchor, kept for ever: they say at which time the log had which entries.

CREATE TABLE {schema}.checkpoint (
    size    bigint      NOT NULL CHECK (size >= 0),
    made_at timestamptz NOT NULL,
    root    bytea       NOT NULL CHECK (octet_length(root) = 32),
    note    text        NOT NULL,
    quorum  boolean     NOT NULL,   -- whether its cosignatures met the trust policy
    anchor  boolean     NOT NULL,   -- whether it carries the signature that stands against quantum computers
    PRIMARY KEY (size, made_at)
);

CREATE INDEX checkpoint_made_at ON {schema}.checkpoint (made_at);

-- Tokens of time-stamping authorities (RFC 3161) over the bytes of the note.
CREATE TABLE {schema}.checkpoint_timestamp (
    size      bigint      NOT NULL,
    made_at   timestamptz NOT NULL,
    authority text        NOT NULL,
    stated_at timestamptz NOT NULL,
    token     bytea       NOT NULL,
    PRIMARY KEY (size, made_at, authority),
    FOREIGN KEY (size, made_at) REFERENCES {schema}.checkpoint (size, made_at)
);

CREATE FUNCTION {schema}.refuse_forgetting() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'checkpoints are kept for ever' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON {schema}.checkpoint
    FOR EACH ROW EXECUTE FUNCTION {schema}.refuse_forgetting();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {schema}.checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse_forgetting();
CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON {schema}.checkpoint_timestamp
    FOR EACH ROW EXECUTE FUNCTION {schema}.refuse_forgetting();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {schema}.checkpoint_timestamp
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse_forgetting();
