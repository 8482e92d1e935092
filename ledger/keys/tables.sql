-- The key store of one ring, for SQLite and for PostgreSQL: {bytes} is what each calls a string of bytes.
--
-- Nothing here says whose a key is: a subject stands under a keyed hash of its name, made with the index secret, which is
-- itself wrapped. Times are RFC 3339 in UTC. `generation` grows with whatever must leave the caches of other processes.

CREATE TABLE IF NOT EXISTS epoch (
    number   bigint  PRIMARY KEY,
    kind     text    NOT NULL,
    place    text    NOT NULL,
    sealed   {bytes} NOT NULL,
    checked  {bytes} NOT NULL,
    begun_at text    NOT NULL
);

CREATE TABLE IF NOT EXISTS destroyed_epoch (
    number       bigint PRIMARY KEY,
    kind         text   NOT NULL,
    place        text   NOT NULL,
    destroyed_at text   NOT NULL
);

CREATE TABLE IF NOT EXISTS ring (
    one        integer PRIMARY KEY CHECK (one = 1),
    id         {bytes} NOT NULL,
    generation bigint  NOT NULL,
    epoch      bigint  NULL REFERENCES epoch,
    wrapped    {bytes} NULL
);

CREATE TABLE IF NOT EXISTS subject (
    id      {bytes} PRIMARY KEY,
    family  {bytes} NOT NULL,
    key_id  text    NOT NULL,
    secrets {bytes} NOT NULL
);
CREATE INDEX IF NOT EXISTS subject_family ON subject (family);

CREATE TABLE IF NOT EXISTS data_key (
    key_id   text    PRIMARY KEY,
    subject  {bytes} NOT NULL REFERENCES subject,
    version  bigint  NOT NULL CHECK (version > 0),
    epoch    bigint  NOT NULL REFERENCES epoch,
    wrapped  {bytes} NOT NULL,
    replaced bigint  NULL,
    UNIQUE (subject, version)
);
CREATE INDEX IF NOT EXISTS data_key_epoch ON data_key (epoch, key_id);
CREATE INDEX IF NOT EXISTS data_key_replaced ON data_key (replaced) WHERE replaced IS NOT NULL;

CREATE TABLE IF NOT EXISTS destroyed (
    key_id       text   PRIMARY KEY,
    destroyed_at text   NOT NULL,
    generation   bigint NOT NULL
);
CREATE INDEX IF NOT EXISTS destroyed_generation ON destroyed (generation);
