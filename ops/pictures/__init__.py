"""The pictures of the README, and the one command that takes them: `python -m ops.pictures ADDRESS`."""
