"""The browser of the tests: found, or fetched once. The product itself needs none.

Chromium comes from `BEFOREHAND_CHROMIUM`, the PATH, what Playwright has downloaded before, or, where root can, Debian's
packages; Playwright's own download is the last resort. Whoever starts it passes `launch_arguments()`.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import structlog

log = structlog.get_logger(__name__)

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
STANDARD_ERROR: Final = 2
PLAYWRIGHT_PROGRAMS: Final = (
    "chromium-*/chrome-linux*/chrome",
    "chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
    "chromium_headless_shell-*/chrome-*/*headless*shell",
)
# Noto's core fonts have the scripts of the languages that children and carers use; those of East Asia are five times
# as large, so the smallest font that has them does.
PACKAGES: Final = ("chromium", "fonts-noto-core", "fonts-wqy-zenhei")
# Nothing of a test may leave the machine, and a machine for tests has no graphics card.
QUIET: Final = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def launch_arguments() -> list[str]:
    """Return the options to start Chromium with; root cannot use its sandbox."""
    return [*(["--no-sandbox"] if os.geteuid() == 0 else []), *QUIET]


def chromium() -> Path | None:
    """Find the Chromium on this machine, None if there is none. Installs nothing."""
    named = os.environ.get("BEFOREHAND_CHROMIUM")
    if named:
        found = shutil.which(named)
        return Path(found) if found else None
    on_path = (shutil.which(name) for name in NAMES)
    return next((Path(program) for program in on_path if program), None) or _downloaded()


def ensure_chromium() -> Path | None:
    """Find the Chromium on this machine, or install it; None when that cannot be done.

    Takes a minute or two and 150 MB the first time, no time later. What it does goes to standard error, and so does
    what to do when it fails: the caller decides whether tests can do without.
    """
    if (found := chromium()) is not None:
        return found
    if named := os.environ.get("BEFOREHAND_CHROMIUM"):
        log.error("browser.missing", mend=f"BEFOREHAND_CHROMIUM names {named}, which is not a program.")
        return None
    if os.geteuid() == 0 and shutil.which("apt-get"):
        _say("installing Chromium for the tests with apt-get (about 150 MB, once)")
        _run(["apt-get", "update", "-q"])  # a list that is only partly fresh is good enough to try
        _run(["apt-get", "install", "-q", "-y", "--no-install-recommends", *PACKAGES])
    if (found := chromium()) is None:
        _say("downloading Chromium for the tests with Playwright (about 150 MB, once)")
        _run([sys.executable, "-m", "playwright", "install", "chromium"])
        found = chromium()
    if found is None:
        log.error(
            "browser.missing",
            mend="The tests of the pages need Chromium. Install it (Debian: apt-get install chromium fonts-noto-core) "
            "or name it with BEFOREHAND_CHROMIUM.",
        )
    return found


def _downloaded() -> Path | None:
    """Find what Playwright has downloaded, in its own folder and under its own names."""
    if (folder := _downloads()) is None:
        return None
    return next((found for shape in PLAYWRIGHT_PROGRAMS for found in sorted(folder.glob(shape), reverse=True)), None)


def _downloads() -> Path | None:
    if named := os.environ.get("PLAYWRIGHT_BROWSERS_PATH"):
        return Path(named)
    try:
        home = Path.home()
    except RuntimeError:  # an account without a home
        return None
    caches = home / "Library" / "Caches" if sys.platform == "darwin" else home / ".cache"
    return caches / "ms-playwright"


def _run(command: Sequence[str]) -> None:
    """Run `command` with all it says on standard error; whether it worked is seen by looking for the browser."""
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    said = subprocess.run(  # noqa: S603 - package managers, by name
        command, env={**os.environ, **quiet}, stdin=subprocess.DEVNULL, stdout=STANDARD_ERROR, check=False
    )
    if said.returncode != 0:
        log.warning("browser.install_step_failed", command=command[0], status=said.returncode)


def _say(line: str) -> None:
    sys.stderr.write(f"beforehand: {line}\n")
    sys.stderr.flush()
