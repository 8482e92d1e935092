"""`beforehand bench`: what the product does under load on this machine."""

from __future__ import annotations

from ops.bench.reading import Choices, bench_read


def read(  # noqa: PLR0913 - one for each option
    children: int, long: int, rounds: int, seconds: float, *, grow: bool, as_json: bool
) -> None:
    """Measure reading."""
    bench_read(Choices(children, long, rounds, seconds, grow), as_json=as_json)
