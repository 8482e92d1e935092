"""
The pages: one child's record as a person reads it.

`routes` has the addresses, `asking` reads what a reader typed, `rendering` makes responses. `entries` and `verdicts`
turn facts and answers into typed views, `case` makes what stands above them, `overview` the picture of the whole.
`fields`, `shapes`, `words` and `moments` say things in plain English. `templates` hold no logic about facts, `static`
is served as it is, and `assets` is what the style sheet is built from.

A page shows what the record shows. Nothing here decides, and nothing here knows how a fact is kept.
"""

from api.pages.rendering import Amiss, amiss_page
from api.pages.routes import pages

__all__ = ["Amiss", "amiss_page", "pages"]
