"""Choosing the form of an answer by `Accept` (RFC 9110 section 12.5.1)."""

from __future__ import annotations

from collections.abc import Sequence


def preferred(accept: str | None, forms: Sequence[str]) -> str | None:
    """
    Give the form that is wanted most, the first of equals, or nothing where none is acceptable.

    The most specific range that fits a form decides its weight; a range that cannot be read counts for nothing.
    """
    if accept is None or not accept.strip():
        return forms[0]
    ranges = [_range(each) for each in accept.split(",") if each.strip()]
    best, weight = None, 0.0
    for form in forms:
        fitting = [(how, quality) for pattern, quality in ranges if (how := _fits(pattern, form)) is not None]
        quality = max(fitting)[1] if fitting else 0.0
        if quality > weight:
            best, weight = form, quality
    return best


def _range(text: str) -> tuple[str, float]:
    pattern, *parameters = (part.strip().lower() for part in text.split(";"))
    quality = 1.0
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                quality = float(value)
            except ValueError:
                quality = 0.0
    return pattern, quality if 0 <= quality <= 1 else 0.0


def _fits(pattern: str, form: str) -> int | None:
    if pattern == form:
        return 2
    if pattern == form.partition("/")[0] + "/*":
        return 1
    return 0 if pattern == "*/*" else None
