"""Rows for any entity, the same for the same seed."""
