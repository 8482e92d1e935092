"""
The doors: the JSON API under `/v1` and the pages.

`app` joins everything and is the only place that does. A door parses, asks who it is and whether they may, hands a
command to the ledger or a question to the projections, and answers. It never decides.
"""
