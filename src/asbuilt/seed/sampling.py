"""Values that a column takes, without the rows around them."""

from dataclasses import replace

from asbuilt.engines.state import DatabaseState
from asbuilt.seed.recipe import recipe
from asbuilt.seed.rows import Maker
from asbuilt.seed.sql import DEFAULT


def sample(state: DatabaseState, table: str, column: str, count: int, seed: int = 1) -> list[str]:
    """Return up to `count` values that a column of a table takes, its keys to other tables apart."""
    maker = Maker(replace(recipe(state, state.tables[table]), keys=()), seed, {})
    drafts = [maker.draft(number, 0) for number in range(3 * count)]
    found = [draft.get(column) for draft in drafts if draft]
    return [value for value in found if value is not None and value != DEFAULT][:count]
