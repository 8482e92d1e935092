"""
Logging: structlog for every line, JSON outside a terminal, and nothing of a person in any of them.

An exception is logged by its type and the places it went through, never by its message: a message may quote what a
database or a library was given.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, Final

import structlog

INFO: Final = logging.INFO
WARNING: Final = logging.WARNING


def configure(*, level: int = INFO) -> None:
    """Send every log line of this process, the libraries' too, through structlog to standard error."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        places_of_exceptions,
    ]
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = _ToStandardError()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, only_the_event_of_strangers],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "psycopg.pool"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True
    for name in ("uvicorn", "httpx2", "httpcore2"):  # the last two would name every address they call
        logging.getLogger(name).setLevel(logging.WARNING)


class _ToStandardError(logging.Handler):
    """Writes a line to wherever standard error goes now; a line that cannot be written is dropped, never explained."""

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(Exception):
            sys.stderr.write(self.format(record) + "\n")


def places_of_exceptions(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace an exception by its type and the places it went through."""
    info = line.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    if isinstance(info, BaseException):
        info = (type(info), info, info.__traceback__)
    if info and info[0] is not None:
        line["exception"] = info[0].__name__
        line["places"] = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(info[2])][-12:]
    line.pop("stack_info", None)
    return line


def only_the_event_of_strangers(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Keep of a library's line its template, not the values filled in: those may be a person's."""
    record = line.get("_record")
    if record is not None:
        line["event"] = str(record.msg) if record.args else str(record.msg).splitlines()[0][:200]
        line["logger"] = record.name
    return line
