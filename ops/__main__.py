"""`python -m ops`: the command line."""

from ops.command_line.app import app

app(prog_name="beforehand")
