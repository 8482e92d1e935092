"""What can go wrong with the embedded PostgreSQL.

PostgresError
├── BinariesMissing         there are no PostgreSQL programs on this machine
├── BinariesUnusable        there are, but they are too old or the server's account cannot run them
├── AccountRefused          no unprivileged account to run the server as
├── HomeRefused             the server's account cannot use this home folder
├── DataRefused             what lies in the data folder is not a database that we can serve
├── SettingRefused          a setting that may not be changed, or is not one
├── InitialisationFailed    a new database could not be made
├── StartFailed             the server did not come up
└── StopFailed              the server did not go down

Each has a `code` for programs and a `message` for people, which says how to mend it. Messages may carry the end of the
server's log: it holds no statement and no value (`settings.py`).
"""

from typing import ClassVar


class PostgresError(Exception):
    """Something is wrong with the embedded PostgreSQL."""

    code: ClassVar[str] = "postgres"

    def __init__(self, message: str) -> None:
        """Carry `message`, whole sentences for the person at the keyboard."""
        super().__init__(message)
        self.message = message


class BinariesMissing(PostgresError):  # noqa: N818 - names the finding
    """There are no PostgreSQL programs on this machine."""

    code = "postgres.binaries_missing"


class BinariesUnusable(PostgresError):  # noqa: N818 - names the finding
    """The programs are too old, or the server's account cannot run them."""

    code = "postgres.binaries_unusable"


class AccountRefused(PostgresError):  # noqa: N818 - names the finding
    """There is no unprivileged account to run the server as."""

    code = "postgres.account_refused"


class HomeRefused(PostgresError):  # noqa: N818 - names the finding
    """The server's account cannot use this home folder."""

    code = "postgres.home_refused"


class DataRefused(PostgresError):  # noqa: N818 - names the finding
    """What lies in the data folder is not a database that we can serve."""

    code = "postgres.data_refused"


class SettingRefused(PostgresError):  # noqa: N818 - names the finding
    """A setting that may not be changed, or is not one."""

    code = "postgres.setting_refused"


class InitialisationFailed(PostgresError):  # noqa: N818 - names the finding
    """A new database could not be made; nothing half-made is left behind."""

    code = "postgres.initialisation_failed"


class StartFailed(PostgresError):  # noqa: N818 - names the finding
    """The server did not come up."""

    code = "postgres.start_failed"


class StopFailed(PostgresError):  # noqa: N818 - names the finding
    """The server did not go down."""

    code = "postgres.stop_failed"
