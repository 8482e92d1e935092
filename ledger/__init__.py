"""
How a fact is kept: appended in one transaction, ordered, timed by the database, read back.

Here live the append function and its tables (`migrations`), the recorder on the contracts of the `eventsourcing`
library (`recorder`), the mapping between facts and stored bytes with its closed registry (`mapper`), the shell that
loads, decides and appends for any decider (`shell`), the readers (`reader`), and the mark that says how far something
has come (`mark`).

Nothing here knows what a child or a decision is; the room could be lifted out as a library of its own.
"""
