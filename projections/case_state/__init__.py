"""The current state of a case: where the child lives, under which order and plan, whom the child sees, what is open."""
