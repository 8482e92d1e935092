"""What the server is told: durable, reachable only through its socket, and silent about what is stored.

The log must never hold personal data. Statements and parameters are easy to leave out, but an error itself repeats
values ("Key (name)=(…) already exists", "invalid input syntax …"), so errors of statements go to the client who caused
them and not to the log: `log_min_messages = log` leaves them out, and keeps LOG, FATAL and PANIC.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ops.postgres.errors import SettingRefused
from ops.postgres.places import PORT

DEFAULTS: Final[Mapping[str, str]] = {
    "max_connections": "60",
    "shared_buffers": "256MB",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "5min",
    "wal_level": "replica",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "idle_in_transaction_session_timeout": "10s",
    "timezone": "UTC",
}

PRIVACY: Final[Mapping[str, str]] = {
    "log_statement": "none",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_min_duration_statement": "-1",
    "log_min_duration_sample": "-1",
    "log_transaction_sample_rate": "0",
    "log_duration": "off",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "debug_print_parse": "off",
    "debug_print_rewritten": "off",
    "debug_print_plan": "off",
    "log_destination": "stderr",
    "logging_collector": "off",
    "log_checkpoints": "off",  # the one line that would make the log grow for ever
    "log_line_prefix": "%m [%p] ",
    "log_timezone": "UTC",
}


ADDRESS: Final[Mapping[str, str]] = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
}


def checked(chosen: Mapping[str, str]) -> Mapping[str, str]:
    """Return what the caller has `chosen`.

    Raises `SettingRefused` when that touches the address or the privacy of the log, or is no setting.
    """
    for name, value in chosen.items():
        if name in PRIVACY or name in ADDRESS or name == "unix_socket_directories":
            raise SettingRefused(f"The setting {name} keeps the database private and cannot be changed.")
        if not re.fullmatch(r"[a-z][a-z0-9_.]*", name) or "\n" in value:
            raise SettingRefused(f"{name!r} is not the name of a PostgreSQL setting, or its value has a line break.")
    return dict(chosen)


def written(sockets: Path, chosen: Mapping[str, str]) -> str:
    """Write our configuration file: defaults, what the caller has `chosen`, and last what nobody may change."""
    # A list of folders, hence the inner quotes. A path has neither a quote nor a comma (`Places`).
    fixed = {**PRIVACY, **ADDRESS, "unix_socket_directories": f'"{sockets}"'}
    lines = [f"{name} = {_literal(value)}" for name, value in {**DEFAULTS, **chosen, **fixed}.items()]
    return "\n".join(["# Written by Beforehand at each start: changes made here are lost.", *lines, ""])


def _literal(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
