"""The people projection: who was in the child's life, as what, from when to when."""
