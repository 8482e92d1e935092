"""
What it means: facts become rows, rows become answers.

`engine` keeps rows equal to what the facts add up to, exactly once. `timeline`, `voice`, `people` and `case_state`
are one projection each: how facts become its rows, and how its rows are read. `reading` answers for a moment in the
past.

Rows hold codes, dates and references, never narrative: narrative is opened when it is read. Nothing here decides.
"""
