"""PostgreSQL without an installation: programs from the wheel, data in one folder, a private socket and no port.

    with LocalPostgres(default_home()) as server:
        psycopg.connect(server.dsn)

Here lives the life of that one server: finding the programs, making the data, starting, waiting for recovery, stopping.
What is stored in it does not: schemas and migrations are the business of other rooms, which know a server by its
address alone. In production `DATABASE_URL` names one and nothing here runs. For Linux and macOS.

What a home holds:

    postgres/        the data, private to the account that runs the server
    run/             the socket, private to the same account (elsewhere if its path would be too long for a socket)
    postgres.conf    our settings, written at each start and included by the server's own file
    postgres.log     what the server says, without statements, parameters or values
    postgres.lock    held by the server itself for as long as any of its processes lives (`claim.py`)
    postgres.users   held by those who share the server, so that the last one out can stop it
    binaries/        a copy of the programs, only if the server's account cannot reach the installed ones
"""

from ops.postgres.errors import (
    AccountRefused,
    BinariesMissing,
    BinariesUnusable,
    DataRefused,
    HomeRefused,
    InitialisationFailed,
    PostgresError,
    SettingRefused,
    StartFailed,
    StopFailed,
)
from ops.postgres.places import Dsn, default_home
from ops.postgres.server import LocalPostgres

__all__ = [
    "AccountRefused",
    "BinariesMissing",
    "BinariesUnusable",
    "DataRefused",
    "Dsn",
    "HomeRefused",
    "InitialisationFailed",
    "LocalPostgres",
    "PostgresError",
    "SettingRefused",
    "StartFailed",
    "StopFailed",
    "default_home",
]
