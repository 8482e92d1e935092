"""The engine room: whatever makes the record run on a machine.

Here live the command line, the embedded PostgreSQL, importers, migrations, benchmarks, the container, runbooks and
decision records. `ops` may import every other room; nothing imports `ops`. No rule about children, evidence or meaning
lives here: when one seems to be needed, it belongs to `domain`, `ledger` or `projections`.
"""
