"""Grants as statements: what to revoke, what to grant."""

from collections.abc import Iterator, Sequence

from asbuilt.engines.postgres.quoting import identifier

_GRANTABLE = " WITH GRANT OPTION"
Right = tuple[str, str, bool]
"""A role, a right, and whether the role may pass it on."""


def rights_of(grants: Sequence[str]) -> set[Right]:
    """Return the rights that lines such as `reader: SELECT, UPDATE WITH GRANT OPTION` give."""
    found: set[Right] = set()
    for line in grants:
        role, _, listed = line.partition(": ")
        for right in filter(None, listed.split(", ")):
            found.add((role, right.removesuffix(_GRANTABLE), right.endswith(_GRANTABLE)))
    return found


def changes(before: Sequence[str], after: Sequence[str], target: str, column: str = "") -> Iterator[str]:
    """Yield the statements that make the grants on `target` (`TABLE users`) into others."""
    old, new = rights_of(before), rights_of(after)
    for role, right, _ in sorted(old - new):
        yield f"REVOKE {right}{column} ON {target} FROM {_role(role)}"
    for role, right, is_grantable in sorted(new - old):
        yield f"GRANT {right}{column} ON {target} TO {_role(role)}{_GRANTABLE if is_grantable else ''}"


def _role(name: str) -> str:
    return name if name == "PUBLIC" else identifier(name)
