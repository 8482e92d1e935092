"""
The rules: what must happen before a decision, by when, on whose authority, and since which day.

`rule` is the shape of one rule, `deadlines` of one with a clock, `pack` of all rules together; `calendar` counts, on
the days of `bank_holidays`; `shelf` knows every pack. The packs are data that a lawyer can read and correct without
knowing the program: `england_1991`, `england_2010`, `england_2020_coronavirus`, and `wales_demo`, which is a
demonstration.

Nothing here looks at a case. Whatever decides something about a child's record belongs in `voice` or `case`; a number
that has no citation belongs nowhere.
"""

from domain.rules.shelf import all_packs, jurisdictions, pack_in_force, pack_pinned

__all__ = ["all_packs", "jurisdictions", "pack_in_force", "pack_pinned"]
