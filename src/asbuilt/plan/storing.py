"""A plan as text, and back: what the journal keeps."""

import msgspec

from asbuilt.plan.steps import Plan


def to_text(plan: Plan) -> str:
    """Return the whole of a plan as JSON."""
    return msgspec.json.encode(plan).decode()


def from_text(text: str) -> Plan:
    """Return the plan that `to_text` made a text of."""
    return msgspec.json.decode(text, type=Plan)
