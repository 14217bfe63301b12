"""Markdown to blocks with exact spans."""
