"""Blocks to facts: one reader for each kind of block."""
