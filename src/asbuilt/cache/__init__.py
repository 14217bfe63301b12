"""The cache that a document states: its keys compiled, kept near and in Redis, and taken out by what is written."""
