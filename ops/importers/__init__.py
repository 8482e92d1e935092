"""Importers: what other systems have, brought in as facts with their provenance."""
