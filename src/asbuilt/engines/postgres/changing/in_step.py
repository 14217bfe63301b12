"""Triggers that keep one table in step with another while both stand: what is written to one is written to the other."""

from collections.abc import Iterator
from dataclasses import dataclass

from asbuilt.engines.changes import Backfill, Copying
from asbuilt.engines.postgres.changing import keeping
from asbuilt.engines.postgres.changing.converting import conversion, converted, may_lose
from asbuilt.engines.postgres.quoting import columns, identifier, relation
from asbuilt.engines.state import TableState

TRIGGER = "zz_asbuilt_in_step"
"""Triggers fire by name: it comes last."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Rows that flow from one table to another: `origin` and `goal` as they are, `here` and `there` what they are called meanwhile."""

    origin: TableState
    goal: TableState
    here: str
    there: str
    schema: str
    is_complete: bool = True

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that tell the rows apart on both sides; empty where nothing does."""
        found = keeping.key(self.goal)
        is_shared = all((old := self.origin.column(c)) and old.type == self._type(c) for c in found)
        narrow = keeping.key(self.origin)
        is_same = set(narrow) <= set(found) or set(found) <= set(narrow)
        return found if found and is_shared and narrow and is_same else ()

    def _type(self, name: str) -> str:
        column = self.goal.column(name)
        return column.type if column else ""

    def _values(self) -> Iterator[tuple[str, str, str]]:
        """Yield the columns that flow, with their types on both sides."""
        for column in self.goal.columns:
            old = self.origin.column(column.name)
            if old is not None and column.generated is None:
                yield column.name, old.type, column.type

    def backfill(self) -> Backfill:
        """Return the copying of the rows that are there already; what is written meanwhile is a trigger's work."""
        values = tuple((name, conversion(name, old, new)) for name, old, new in self._values())
        update = self._update()
        overwrites = not self.is_complete and update
        action = f"DO UPDATE SET {update}" if overwrites else "DO NOTHING"
        conflict = f"({columns(self.key)}) {action}" if self.key else ""
        return Backfill(self.here, "", key=keeping.key(self.origin), copying=Copying(self.there, values, conflict))

    def _update(self) -> str:
        """Return what a row that is there already takes: where it has what its copy was made of, it keeps that exactly."""
        others = (pair for pair in self._values() if pair[0] not in self.key)
        return ", ".join(f"{identifier(name)} = {self._given(name, old, new)}" for name, old, new in others)

    def _given(self, name: str, old: str, new: str) -> str:
        given = f"excluded.{identifier(name)}"
        if not may_lose(new, old):
            return given
        mine = f"{identifier(self.there.rpartition('.')[2])}.{identifier(name)}"
        turned = converted(f"({converted(mine, new, old)})", old, new)
        return f"CASE WHEN ({turned})::text IS NOT DISTINCT FROM {given}::text THEN {mine} ELSE {given} END"

    def started(self) -> Iterator[str]:
        """Yield the functions, as their owner who may write to both, and the triggers."""
        yield (
            f"CREATE FUNCTION {self._function} RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER "
            f"SET search_path = public, pg_temp AS $do$ {self._body()} $do$"
        )
        run = f"EXECUTE FUNCTION {self._function}"
        here = relation(self.here)
        yield f"CREATE TRIGGER {TRIGGER} AFTER INSERT OR UPDATE OR DELETE ON {here} FOR EACH ROW {run}"
        yield f"CREATE TRIGGER {TRIGGER}_all AFTER TRUNCATE ON {here} FOR EACH STATEMENT {run}"

    def ended(self) -> Iterator[str]:
        here = relation(self.here)
        yield f"DROP TRIGGER IF EXISTS {TRIGGER} ON {here}"
        yield f"DROP TRIGGER IF EXISTS {TRIGGER}_all ON {here}"
        yield f"DROP FUNCTION IF EXISTS {self._function}"

    @property
    def _function(self) -> str:
        return f"{identifier(self.schema)}.in_step()"

    def _body(self) -> str:
        """Return the function's text: the row's copy goes, and comes again as the row is now."""
        values = list(self._values())
        names = columns(tuple(name for name, _, _ in values))
        new = ", ".join(
            conversion(name, old, now).replace(identifier(name), f"NEW.{identifier(name)}", 1)
            for name, old, now in values
        )
        match = " AND ".join(f"t.{identifier(c)} = OLD.{identifier(c)}" for c in self.key)
        there = relation(self.there)
        insert = (
            f"INSERT INTO {there} ({names}) OVERRIDING SYSTEM VALUE VALUES ({new}) ON CONFLICT ({columns(self.key)})"
        )
        if self.is_complete:
            changed = f"DELETE FROM {there} AS t WHERE {match}; {insert} DO NOTHING;"
        else:
            update = self._update()
            moved = f"IF ROW({columns_of('OLD', self.key)}) IS DISTINCT FROM ROW({columns_of('NEW', self.key)}) THEN {self._moved(match)}; END IF;"
            changed = f"{moved} {insert} {f'DO UPDATE SET {update}' if update else 'DO NOTHING'};"
        return (
            f"BEGIN IF TG_OP = 'TRUNCATE' THEN TRUNCATE {there}; RETURN NULL; END IF; "
            f"IF TG_OP = 'DELETE' THEN DELETE FROM {there} AS t WHERE {match}; "
            f"ELSIF TG_OP = 'UPDATE' THEN {changed} ELSE {insert} DO NOTHING; END IF; RETURN NULL; END"
        )

    def _moved(self, match: str) -> str:
        """Return what gives the row's copy its new key, so that it keeps what it holds exactly; one that counts for itself goes."""
        there = relation(self.there)
        if any((column := self.goal.column(name)) and column.identity == "always" for name in self.key):
            return f"DELETE FROM {there} AS t WHERE {match}"
        keys = ", ".join(f"{identifier(name)} = NEW.{identifier(name)}" for name in self.key)
        return f"UPDATE {there} AS t SET {keys} WHERE {match}"


def columns_of(row: str, names: tuple[str, ...]) -> str:
    return ", ".join(f"{row}.{identifier(name)}" for name in names)
