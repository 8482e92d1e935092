"""Killing a process before each of its steps: what a test asks that is about being killed at any moment."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Final

STEPS: Final = {"open", "os.rename", "os.remove", "os.rmdir", "os.mkdir", "sqlite3.connect"}
"""What the interpreter tells of itself: each file opened, moved or removed is a step to be killed before."""


def killed_before(step: int, run: Callable[[], object]) -> bool:
    """Run something in a process of its own, kill that before its so many-th step, and tell whether it was killed."""
    child = os.fork()
    if child == 0:
        try:
            steps = iter(range(step))

            def count(event: str, _: object) -> None:
                if event in STEPS and next(steps, None) is None:
                    os.kill(os.getpid(), signal.SIGKILL)

            sys.addaudithook(count)
            run()
        except BaseException:  # noqa: BLE001 - this process ends here, whatever it was
            os._exit(3)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)
