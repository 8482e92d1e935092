"""The JSON API: one module per subject, each a router made by a function."""
