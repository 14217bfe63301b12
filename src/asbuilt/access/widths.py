"""How wide a type is."""


def width_of(type: str) -> int | None:
    """Return how many characters a type takes (`character varying(255)`), None where it is not bound."""
    name, _, rest = type.partition("(")
    digits = rest.partition(")")[0]
    return int(digits) if name in ("character varying", "character") and digits.isdigit() else None
