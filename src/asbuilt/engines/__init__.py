"""The databases: one folder each, the same file names in all."""
