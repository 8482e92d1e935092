"""The database of one authority: its migrations and the pools that reach it."""
