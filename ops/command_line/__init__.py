"""The command line: one module per command, joined here. Text for people on standard error, data on standard output."""
