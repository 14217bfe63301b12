"""Foreign keys taken out of a `CREATE TABLE`, every other character left where it is."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from asbuilt import sql_parser
from asbuilt.engines.base import Step
from asbuilt.engines.postgres.quoting import identifier, qualified

_OPENING, _CLOSING, _COMMA = "([", ")]", ","


@dataclass(frozen=True, slots=True)
class _ForeignKey:
    """Where a foreign key stands in the statement; `column` is the one that it stands beside, or None."""

    target: str
    start: int
    end: int
    column: str | None
    name: str


def cut_foreign_keys(step: Step, targets: frozenset[str]) -> tuple[Step, tuple[tuple[str, Step], ...]]:
    """Return the step without its foreign keys to `targets`, and for each (target, the step that adds it afterwards).

    What is taken out is blanked, so that an error's position stays true. A statement that cannot be read comes back whole.
    """
    try:
        statement = sql_parser.parse(step.sql).stmts[0].stmt.create_stmt
    except (sql_parser.PgQueryError, IndexError):
        return step, ()
    table = qualified(statement.relation.relname, statement.relation.schemaname or None)
    found = [key for key in _foreign_keys(step.sql, statement) if key.target in targets]
    sql = step.sql
    for key in found:
        sql = _blanked(sql, *_with_comma(sql, key))
    return replace(step, sql=sql), tuple((key.target, _addition(step, table, key)) for key in found)


def _addition(step: Step, table: str, key: _ForeignKey) -> Step:
    """Return the step that adds a key; unnamed it gets the same automatic name as in its place."""
    clause = step.sql[key.start : key.end].strip()
    if key.column is not None:
        reference = clause[clause.upper().index("REFERENCES") :]
        named = f"CONSTRAINT {identifier(key.name)} " if key.name else ""
        clause = f"{named}FOREIGN KEY ({identifier(key.column)}) {reference}"
    causes = (step.text.span(key.start, key.end),) if step.text else step.causes
    return Step(f"ALTER TABLE {table} ADD {clause}", f"foreign key {table} to {key.target}", causes)


def _foreign_keys(sql: str, statement: Any) -> Iterator[_ForeignKey]:
    place = _characters(sql)
    for element in statement.table_elts:
        if element.HasField("constraint") and element.constraint.contype == _kind("CONSTR_FOREIGN"):
            start = place[element.constraint.location]
            yield _ForeignKey(
                element.constraint.pktable.relname, start, _end(sql, start), None, element.constraint.conname
            )
        elif element.HasField("column_def"):
            yield from _beside(sql, place, element.column_def)


def _beside(sql: str, place: dict[int, int], column: Any) -> Iterator[_ForeignKey]:
    """Yield the foreign keys that stand beside a column; `DEFERRABLE` and the like belong to them."""
    constraints = [element.constraint for element in column.constraints]
    for at, constraint in enumerate(constraints):
        if constraint.contype == _kind("CONSTR_FOREIGN"):
            start = place[constraint.location]
            others = [c for c in constraints[at + 1 :] if not _is_attribute(c.contype)]
            end = min([_end(sql, start), *(place[c.location] for c in others)])
            yield _ForeignKey(constraint.pktable.relname, start, end, column.colname, constraint.conname)


def _kind(name: str) -> int:
    return int(sql_parser.pg_query_pb2.ConstrType.Value(name))


def _is_attribute(kind: int) -> bool:
    return str(sql_parser.pg_query_pb2.ConstrType.Name(kind)).startswith("CONSTR_ATTR")


def _characters(sql: str) -> dict[int, int]:
    """Return the character of each byte at which one begins: the parser counts bytes."""
    found, byte = {}, 0
    for at, char in enumerate(sql):
        found[byte] = at
        byte += len(char.encode("utf-8", "surrogatepass"))
    return found


def _end(sql: str, start: int) -> int:
    """Return where the clause at `start` ends: at the comma or bracket that closes it."""
    depth = 0
    for at, char in _outside_quotes(sql, start):
        if char in _OPENING:
            depth += 1
        elif (char in _CLOSING or char == _COMMA) and depth == 0:
            return at
        elif char in _CLOSING:
            depth -= 1
    return len(sql)


def _outside_quotes(sql: str, start: int) -> Iterator[tuple[int, str]]:
    """Yield the tokens that are a single character, from `start`: what stands in strings and comments is none."""
    place = _characters(sql)
    for token in sql_parser.scan(sql).tokens:
        if token.end - token.start == 1 and place[token.start] >= start:
            yield place[token.start], sql[place[token.start]]


def _with_comma(sql: str, key: _ForeignKey) -> tuple[int, int]:
    """Return what to blank: a clause of its own goes with the comma before it, or else the one after."""
    if key.column is not None:
        return key.start, key.end
    singles = list(_outside_quotes(sql, 0))
    before = next(((at, char) for at, char in reversed(singles) if at < key.start), None)
    if before and before[1] == _COMMA:
        return before[0], key.end
    return key.start, key.end + 1 if sql[key.end : key.end + 1] == _COMMA else key.end


def _blanked(sql: str, start: int, end: int) -> str:
    """Return the statement with spaces in place of a part, line breaks kept."""
    return sql[:start] + "".join(c if c in "\r\n" else " " for c in sql[start:end]) + sql[end:]
