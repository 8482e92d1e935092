"""The client: wrk, which costs little beside the server it drives, taking turns with the addresses it is given."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ops.command_line.speaking import fail, say

CONNECTIONS: Final = 32

_SCRIPT: Final = """
local requests = {}
local next = 0
function init(args)
  for line in io.lines(args[1]) do requests[#requests + 1] = wrk.format("GET", line) end
end
function request()
  next = next % #requests + 1
  return requests[next]
end
"""
DONE: Final = """
function done(summary, latency, all)
  local errors = summary.errors
  io.write(string.format('\\nRESULT {"requests":%d,"microseconds":%d,"failed":%d,"p50":%d,"p99":%d,"slowest":%d}\\n',
    summary.requests, summary.duration, errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50), latency:percentile(99), latency.max))
end
"""
"""What a script says at its end, for `turn_of`."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn came to: requests a second, and milliseconds."""

    rate: float
    p50: float
    p99: float


def ensure_wrk() -> str:
    """Find wrk, or install it where root can; else say what to do and end."""
    if found := shutil.which("wrk"):
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say("installing wrk, the client of the benchmark, with apt-get (once)")
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (
            ["apt-get", "update", "-q"],
            ["apt-get", "install", "-q", "-y", "--no-install-recommends", "wrk"],
        ):
            subprocess.run(command, env=quiet, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)  # noqa: S603 - by name
        if found := shutil.which("wrk"):
            return found
    return fail(
        "The benchmark needs wrk as its client. Install it (Debian: apt-get install wrk; macOS: brew install wrk)."
    )


def drive(  # noqa: PLR0913 - what a turn is made of
    wrk: str, base: str, paths: Sequence[str], seconds: float, folder: Path, *, connections: int = CONNECTIONS
) -> Turn:
    """Ask for the paths in turn, again and again, for so long, over so many connections. Raises `LoadFailed`."""
    script, listed = folder / "requests.lua", folder / "paths"
    script.write_text(_SCRIPT + DONE, "utf-8")
    listed.write_text("\n".join(paths), "utf-8")
    duration = f"{max(1, round(seconds))}s"
    command = [
        wrk,
        "-t1",
        f"-c{connections}",
        f"-d{duration}",
        "--timeout",
        "30s",
        "-s",
        str(script),
        base,
        "--",
        str(listed),
    ]
    said = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - wrk
    return turn_of(said.stdout)


class LoadFailed(Exception):  # noqa: N818 - names the finding
    """The client could not ask, or not every answer was a good one: what was measured says nothing."""


def turn_of(said: str) -> Turn:
    """Read what wrk says at the end. Raises `LoadFailed`."""
    lines = [line for line in said.splitlines() if line.startswith("RESULT ")]
    if not lines:
        raise LoadFailed("wrk ended without a result.")
    result = json.loads(lines[-1].removeprefix("RESULT "))
    if result["failed"] or not result["requests"]:
        raise LoadFailed(f"{result['failed']} of {result['requests']} requests failed.")
    return Turn(
        rate=result["requests"] / (result["microseconds"] / 1e6), p50=result["p50"] / 1000, p99=result["p99"] / 1000
    )
