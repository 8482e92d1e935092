"""
Commands over HTTP: wrk with a thread for each connection, since what is recorded in a case has an order.

Each connection has cases of its own and sends their commands one after the other. When it has none left, it sends the
last one again, which is refused, so that the turn fails instead of measuring something else. Before it begins, wrk asks
the first thread for a request that it does not send.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from contextlib import closing
from http import HTTPStatus
from http.client import HTTPConnection
from itertools import zip_longest
from math import ceil
from pathlib import Path
from typing import Final

from ops.bench.load import DONE, LoadFailed, Turn, turn_of
from ops.bench.workload import BEGUN, CASES_EACH, ENTRIES, Hands, Kept

_MOST_EACH: Final = 3_000
_MOST: Final = 16_000
"""Commands a second that one connection, and all of them, may get through at most."""

_SCRIPT: Final = """
local threads = 0
function setup(thread)
  threads = threads + 1
  thread:set("place", threads)
end
local requests = {}
local next = 0
local asked = false
function init(args)
  local headers = { ["Content-Type"] = "application/json" }
  for line in io.lines(args[1] .. place) do
    local path, body = line:match("^(%S+) (.*)$")
    requests[#requests + 1] = wrk.format("POST", path, headers, body)
  end
end
function request()
  if place == 1 and not asked then
    asked = true
    return requests[1]
  end
  next = math.min(next + 1, #requests)
  return requests[next]
end
"""


def hands_for(writers: int, seconds: float) -> Hands:
    """Give each connection cases enough for a turn."""
    commands = seconds * min(_MOST_EACH, _MOST / writers)
    return Hands(writers, max(CASES_EACH, ceil(commands / (ENTRIES - BEGUN))))


def warm(base: str, hands: Hands, path: Callable[[Kept], str]) -> None:
    """Send the first command of every case, so that the server has it at hand. Raises `LoadFailed`."""
    with closing(HTTPConnection(base.removeprefix("http://"), timeout=30)) as connection:
        for case in hands:
            connection.request("POST", path(case), case.take().body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            if answer.status != HTTPStatus.CREATED:
                raise LoadFailed(f"A first command was answered {answer.status}.")


def post(  # noqa: PLR0913 - what a turn is made of
    wrk: str, base: str, hands: Hands, path: Callable[[Kept], str], seconds: float, folder: Path
) -> Turn:
    """Send the commands of all cases for so long, each writer's over a connection of its own. Raises `LoadFailed`."""
    script = folder / "commands.lua"
    script.write_text(_SCRIPT + DONE, "utf-8")
    for place, mine in enumerate(hands.cases, start=1):
        with (folder / f"commands{place}").open("wb") as file:
            for steps in zip_longest(*([(path(case).encode(), step.body) for step in case.rest] for case in mine)):
                file.writelines(b"%b %b\n" % step for step in steps if step is not None)
    connections = len(hands.cases)
    command = [
        wrk, f"-t{connections}", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "30s",
        "-s", str(script), base, "--", str(folder / "commands"),
    ]  # fmt: skip
    said = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - wrk
    return turn_of(said.stdout)
