"""Reads a data design document, checks it, builds it and proves it."""
