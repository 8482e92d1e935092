"""The engine of all projections: follow the log, fold each case once, write rows and position in one transaction."""
