-- How far each projection has come. A row is the fence, too: whoever moves it on from a position nobody else has moved.
CREATE TABLE {schema}.projection (
    name       text        PRIMARY KEY,
    version    integer     NOT NULL,
    position   bigint      NOT NULL,
    rebuilt_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 10);
