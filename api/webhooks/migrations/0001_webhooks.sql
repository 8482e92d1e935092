-- Subscriptions, each with how far it has been told, and what could not be told to it.
--
-- `position` is the cursor: everything up to it was delivered, not asked for, or put on the list below. It moves in the
-- same statement that says what became of the entry, so that nothing is skipped over a restart. `lease` names the
-- process that delivers at this moment; a lease that has run out is anybody's.

CREATE TABLE {schema}.webhook (
    id              uuid        PRIMARY KEY,
    url             text        NOT NULL,
    types           text[]      NOT NULL,
    secret          bytea       NOT NULL,
    secret_before   bytea,
    before_until    timestamptz,
    created_at      timestamptz NOT NULL,
    created_by      text        NOT NULL,
    position        bigint      NOT NULL,
    attempts        integer     NOT NULL DEFAULT 0,
    dead_in_a_row   integer     NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT 'epoch',
    failing_since   timestamptz,
    last_attempt_at timestamptz,
    last_status     integer,
    last_outcome    text,
    disabled        text        CHECK (disabled IN ('ASKED', 'FAILED', 'GONE')),
    lease           uuid,
    leased_until    timestamptz NOT NULL DEFAULT 'epoch'
) WITH (fillfactor = 50);

CREATE TABLE {schema}.webhook_dead_letter (
    webhook_id uuid        NOT NULL REFERENCES {schema}.webhook (id) ON DELETE CASCADE,
    position   bigint      NOT NULL,
    attempts   integer     NOT NULL,
    outcome    text        NOT NULL,
    status     integer,
    died_at    timestamptz NOT NULL,
    again      boolean     NOT NULL DEFAULT false,
    PRIMARY KEY (webhook_id, position)
);
