"""Two columns kept in step by triggers: whichever of them an application writes, the other follows.

The first trigger fires before the table's own and takes what was written under the old name (or, by an INSERT that names
no columns, in the old place); where both were written, the new one wins. The last one fires after them and lets the side column follow. They only set values of the row
that is written, so nothing recurs.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from asbuilt.engines.postgres.changing.converting import converted, may_lose
from asbuilt.engines.postgres.inspecting import SEARCH_PATH
from asbuilt.engines.postgres.quoting import identifier, literal, relation
from asbuilt.engines.state import Item

_LONGEST = 63
_PREFIXES = {"first": "0_asbuilt_", "last": "~asbuilt_"}


def named(prefix: str, name: str, end: str = "") -> str:
    """Return a name of ours for something of another name."""
    return f"{prefix}{name[: _LONGEST - len(prefix) - len(end)]}{end}"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two columns of a table that hold the same: `side` follows `main`. `label` names the pair, whatever the columns are called.

    `has_default`: the main column has a value even where nobody writes one. `generated` is the expression of a main column
    that nobody writes. `heirs` are tables that inherit both columns, but no triggers. `side_labels` say which labels
    become which others on the way to the side column, `main_labels` on the way back.
    """

    table: str
    label: str
    main: str
    main_type: str
    side: str
    side_type: str
    has_default: bool = False
    generated: str | None = None
    heirs: tuple[str, ...] = ()
    side_labels: tuple[tuple[str, str], ...] = ()
    main_labels: tuple[tuple[str, str], ...] = ()

    @property
    def tables(self) -> tuple[str, ...]:
        return (self.table, *self.heirs)

    @property
    def turns_anything(self) -> bool:
        """Tell whether every value of the main column has one in the side column, and back."""
        return not may_lose(self.main_type, self.side_type) and not may_lose(self.side_type, self.main_type)


def to_side(pair: Pair, value: str) -> str:
    types = pair.main_type, pair.side_type
    return value if pair.main_type == pair.side_type else converted(value, *types, pair.side_labels)


def to_main(pair: Pair, value: str) -> str:
    types = pair.side_type, pair.main_type
    return value if pair.main_type == pair.side_type else converted(value, *types, pair.main_labels)


def items(pair: Pair) -> frozenset[Item]:
    """Return the triggers and functions of a pair."""
    found = set()
    for when in ("first", "last") if pair.generated is None else ("last",):
        found.add(Item("function", f"{_function(pair, when)}()"))
        found |= {Item("trigger", _trigger(pair, when), table) for table in pair.tables}
    return frozenset(found)


def follow(pair: Pair) -> str:
    """Return the statement that makes the function by which the side column follows, or puts another in its place."""
    side, main = _new(pair.side), _new(pair.main)
    if pair.generated is not None:  # a generated column has its value only once all triggers have fired
        return _made(
            pair, "last", f"SELECT ({pair.generated})::{pair.side_type} INTO {side} FROM (SELECT NEW.*) AS row;"
        )
    body = f"IF ({to_main(pair, side)})::text IS DISTINCT FROM {main}::text THEN\n    {side} := {to_side(pair, main)};\n  END IF;"
    if not pair.turns_anything:
        body = f"BEGIN\n  {body}\n  EXCEPTION WHEN OTHERS THEN {side} := NULL;\n  END;"
    return _made(pair, "last", body)


def take(pair: Pair) -> str:
    """Return the statement that makes the function by which the main column takes what was written under the old name."""
    side, main = _new(pair.side), _new(pair.main)
    is_old_given = f"{side} IS NOT NULL" if pair.has_default else f"{main} IS NULL"
    is_old_changed = f"{main}::text IS NOT DISTINCT FROM {_old(pair.main)}::text AND {side}::text IS DISTINCT FROM {_old(pair.side)}::text"
    body = (
        f"IF TG_OP = 'INSERT' THEN\n    IF {is_old_given} THEN {main} := {to_main(pair, side)}; END IF;\n"
        f"  ELSIF {is_old_changed} THEN\n    {main} := {to_main(pair, side)};\n  END IF;"
    )
    return _made(pair, "first", body)


def fire(pair: Pair, when: str) -> Iterator[str]:
    """Yield the statements that make a trigger: `first` or `last` of all before a row is written."""
    for table in pair.tables:
        yield (
            f"CREATE TRIGGER {identifier(_trigger(pair, when))} BEFORE INSERT OR UPDATE ON {relation(table)} "
            f"FOR EACH ROW EXECUTE FUNCTION {relation(_function(pair, when))}()"
        )


def drop(pair: Pair, when: str) -> Iterator[str]:
    for table in pair.tables:
        yield f"DROP TRIGGER {identifier(_trigger(pair, when))} ON {relation(table)}"
    yield f"DROP FUNCTION {relation(_function(pair, when))}()"


def began_taking(pair: Pair) -> Iterator[str]:
    """Yield what lets the main column take what is written under the old name; nobody writes a generated one."""
    if pair.generated is None:
        yield take(pair)
        yield from fire(pair, "first")


def ended_taking(pair: Pair) -> Iterator[str]:
    if pair.generated is None:
        yield from drop(pair, "first")


def _made(pair: Pair, when: str, body: str) -> str:
    return (
        f"CREATE OR REPLACE FUNCTION {relation(_function(pair, when))}() RETURNS trigger LANGUAGE plpgsql "
        f"SET search_path = {SEARCH_PATH} AS $asbuilt$\nBEGIN\n  {body}\n  RETURN NEW;\nEND $asbuilt$"
    )


def comment(pair: Pair, when: str, text: str) -> str:
    return f"COMMENT ON FUNCTION {relation(_function(pair, when))}() IS {literal(text)}"


def _trigger(pair: Pair, when: str) -> str:
    """Return a trigger's name: those of one table fire in the order of their names."""
    return named(_PREFIXES[when], pair.label)


def is_ours(trigger: str) -> bool:
    """Tell whether a trigger of that name keeps two columns in step."""
    return trigger.startswith(tuple(_PREFIXES.values()))


def _function(pair: Pair, when: str) -> str:
    schema, dot, bare = pair.table.rpartition(".")
    return f"{schema}{dot}{named('asbuilt_', f'{bare}_{pair.label}', f'_{when}')}"


def _new(column: str) -> str:
    return f"NEW.{identifier(column)}"


def _old(column: str) -> str:
    return f"OLD.{identifier(column)}"
