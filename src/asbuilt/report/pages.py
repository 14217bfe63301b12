"""The page of a finding: what it means, why it matters, what to do."""

from asbuilt.errors import NothingToDo
from asbuilt.model.names import did_you_mean


def page(code: str) -> str:
    """Return the page of `code`, hyphens or underscores; raise `NothingToDo` where there is none."""
    from asbuilt.rules import PAGES

    name = code.strip().lower().replace("-", "_")
    if name in PAGES:
        return f"# {name}\n\n{PAGES[name]}"
    near = did_you_mean(name, PAGES)
    raise NothingToDo(
        f"there is no finding `{code}`",
        help=f"did you mean `{near}`?" if near else "run `asbuilt explain` to list them",
    )


def index() -> str:
    """Return all codes with their first lines."""
    from asbuilt.rules import PAGES

    width = max(map(len, PAGES))
    return "\n".join(f"{code:<{width}}  {text.strip().splitlines()[0]}" for code, text in sorted(PAGES.items()))
