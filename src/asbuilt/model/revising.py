"""Frozen values with some of their fields changed."""

from msgspec.structs import replace as revised

__all__ = ["revised"]
