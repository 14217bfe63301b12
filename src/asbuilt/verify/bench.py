"""Where behaviour is tried: a twin filled with a few valid rows, and one spare valid row for every table."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from asbuilt.engines.base import Row as Answer
from asbuilt.engines.base import Session
from asbuilt.engines.state import DatabaseState, TableState
from asbuilt.errors import ServerRefused
from asbuilt.seed import plan, run, sql
from asbuilt.seed.judge import judge
from asbuilt.seed.limits import Row
from asbuilt.seed.recipe import Recipe, recipe
from asbuilt.seed.rows import Maker, Pools
from asbuilt.seed.singly import learn
from asbuilt.seed.standing import existing

SPARES = 6
_DRAFTS = 60
_MOST_GENERATIONS = 5
SPARE = 100_000
SEED = 7
_NAMED = re.compile(r'(?:constraint|index|column|relation|domain|type) "([^"]+)"')


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the server made of a statement: refused with `sqlstate`, or answered."""

    statement: str
    answer: Answer | None = None
    sqlstate: str = ""
    message: str = ""

    @property
    def is_refused(self) -> bool:
        return bool(self.sqlstate)

    @property
    def named(self) -> tuple[str, ...]:
        """The constraints, columns and relations that a refusal names."""
        return tuple(_NAMED.findall(self.message))

    @property
    def words(self) -> str:
        return f"refused: {self.message} ({self.sqlstate})" if self.is_refused else "accepted"


@dataclass
class Bench:
    """`desired` is what the document builds, `actual` what stands in the twin."""

    session: Session
    desired: DatabaseState
    actual: DatabaseState
    recipes: dict[str, Recipe]
    makers: dict[str, Maker]
    refusals: dict[str, str]
    _spares: dict[tuple[str, int], Row | None] = field(default_factory=dict)
    _controls: dict[str, Outcome] = field(default_factory=dict)

    def table(self, name: str) -> TableState:
        return self.desired.tables[name]

    def spare(self, table: str, number: int = 0) -> Row | None:
        """Return a valid row that nobody has written, always the same one for a number."""
        key = (table, number)
        if key not in self._spares:
            self._spares[key] = self._draft(table, number)
        found = self._spares[key]
        return dict(found) if found is not None else None

    def _draft(self, table: str, number: int) -> Row | None:
        row = self.makers[table].row(SPARE + 977 * number)
        if row is None:
            return None
        actual = self.actual.tables[table]
        sound = row if self.keeps_checks(table, row) else self._sound(table, number) or row
        return {name: value for name, value in sound.items() if actual.column(name) is not None}

    def _sound(self, table: str, number: int) -> Row | None:
        """Return another draft, one that the server's own checks let through; None where none is found."""
        maker = self.makers[table]
        drafts = (maker.draft(SPARE + 977 * number, attempt) for attempt in range(1, _DRAFTS))
        rows = [row for row in drafts if row is not None and maker.is_new(row)]
        verdicts = judge(self.session, self.table(table), rows, checks(self.table(table)))
        return next((row for row, verdict in zip(rows, verdicts, strict=True) if False not in verdict), None)

    def keeps_checks(self, table: str, row: Row) -> bool:
        """Tell whether none of the checks that the document states is false for a row."""
        conditions = checks(self.table(table))
        return not conditions or False not in judge(self.session, self.table(table), [row], conditions)[0]

    def actual_expression(self, table: str, name: str) -> str | None:
        """Return what the check of this name lets through in the twin; None where there is no such check."""
        there = self.actual.tables.get(table)
        return (
            next((c.expression for c in there.constraints if c.name == name and c.kind == "check"), None)
            if there
            else None
        )

    def gives_nothing(self, table: str, name: str) -> bool:
        """Tell whether a column's default is NULL here, as that is which reads a setting of the application's session."""
        column = self.table(table).column(name)
        if column is None or column.default is None:
            return False
        return self.attempt(f"SELECT (({column.default})::{column.type}) IS NULL").answer == (True,)

    def control(self, table: str) -> Outcome:
        """Write the spare row as it is: whatever refuses it refuses every row that is tried."""
        if table not in self._controls:
            row = self.spare(table)
            self._controls[table] = self.insert(table, row) if row is not None else Outcome("")
        return self._controls[table]

    def obstacle(self, table: str) -> str:
        """Return why no row of the table can be tried; empty where one can."""
        if table not in self.actual.tables:
            return f"table {table} is missing"
        if table not in self.makers:
            return f"{table} holds no rows of its own"
        if self.spare(table) is None:
            return self.refusals.get(table) or f"no valid row for {table} could be made"
        control = self.control(table)
        if control.sqlstate == "23514" and not self.keeps_checks(table, self.spare(table) or {}):
            return f"no row was found that the checks of {table} let through: {control.message}"
        return f"a valid row for {table} is refused: {control.message}" if control.is_refused else ""

    def insert(
        self, table: str, row: Mapping[str, str | None], returning: str = "", *, overriding: bool = False
    ) -> Outcome:
        """Try an INSERT and take it back."""
        return self.attempt(self.insertion(table, row, returning, overriding=overriding))

    def insertion(
        self, table: str, row: Mapping[str, str | None], returning: str = "", *, overriding: bool = False
    ) -> str:
        statement = sql.insert(table, row, [row])
        if overriding:
            statement = statement.replace(") VALUES (", ") OVERRIDING SYSTEM VALUE VALUES (", 1)
        return f"{statement} RETURNING {returning}" if returning else statement

    def dropping(self, table: TableState, name: str) -> str:
        """Return the statement that drops a constraint or a unique index of a table, with what depends on it."""
        if any(c.name == name for c in table.constraints):
            return f"ALTER TABLE {sql.table_name(table.name)} DROP CONSTRAINT IF EXISTS {sql.name(name)} CASCADE"
        schema = table.name.split(".", 1)[0] + "." if "." in table.name else ""
        return f"DROP INDEX IF EXISTS {sql.table_name(schema + name)}"

    def attempt(self, *statements: str) -> Outcome:
        """Try statements one after the other and take them back; the outcome is the last one's, or the refused one's."""
        answer: Answer | None = None
        statement = ""
        with self.session.attempt():
            try:
                for statement in statements:
                    rows = self.session.rows(statement)
                    answer = rows[0] if rows else None
                statement = statement or ""
                self.session.execute("SET CONSTRAINTS ALL IMMEDIATE")
            except ServerRefused as refusal:
                return Outcome(statement, sqlstate=refusal.sqlstate or "?????", message=str(refusal))
        return Outcome(statement, answer)

    def trying(self, body: Callable[[Session], Outcome]) -> Outcome:
        """Run several dependent statements and take them back."""
        with self.session.attempt():
            try:
                return body(self.session)
            except ServerRefused as refusal:
                return Outcome(refusal.statement, sqlstate=refusal.sqlstate or "?????", message=str(refusal))


def checks(table: TableState) -> list[str]:
    """Return the conditions of a table's checks."""
    return [c.expression for c in table.constraints if c.kind == "check" and c.expression]


def make_bench(session: Session, desired: DatabaseState) -> Bench:
    """Fill the twin with base rows and get everything ready to try."""
    actual = session.inspect()
    known = DatabaseState(desired.version, _both(desired, actual), desired.objects)
    session.execute("SET lock_timeout = '5s'; SET statement_timeout = '30s'; SET session_replication_role = origin")
    seeded = run(session, plan(known, _base_rows(known), SEED))
    recipes = {name: recipe(known, table) for name, table in known.tables.items() if table.partition_bound is None}
    refusals = {
        name: p for name, count in seeded.rows.items() if not count for p in seeded.problems if p.startswith(name)
    }
    pools = _pools(session, recipes.values())
    makers = {name: Maker(one, SEED, pools) for name, one in recipes.items() if not one.problem}
    for maker in makers.values():
        learn(session, maker)
    return Bench(session, desired, actual, recipes, makers, refusals)


def _both(desired: DatabaseState, actual: DatabaseState) -> dict[str, TableState]:
    """Return the desired tables that stand in the target, without the columns that do not."""
    found = {}
    for name, table in desired.tables.items():
        there = actual.tables.get(name)
        if there is not None:
            columns = tuple(c for c in table.columns if there.column(c.name) is not None)
            found[name] = replace(table, columns=columns)
    return found


def _base_rows(state: DatabaseState) -> dict[str, int]:
    """Return how many rows each table needs, so that a spare row finds parents that are not taken yet."""
    children: dict[str, set[str]] = {name: set() for name in state.tables}
    for table in state.tables.values():
        for constraint in table.constraints:
            if constraint.target in children and constraint.target != table.name:
                children[constraint.target].add(table.name)
    return {name: 1 + SPARES * _height(name, children, frozenset()) for name in children}


def _height(name: str, children: Mapping[str, set[str]], above: frozenset[str]) -> int:
    """Return how many generations depend on a table; a cycle counts once."""
    if len(above) > _MOST_GENERATIONS:
        return 0
    below = children[name] - above
    return 1 + max(_height(child, children, above | {name}) for child in below) if below else 0


def _pools(session: Session, recipes: Iterable[Recipe]) -> Pools:
    wanted = {(key.target, key.target_columns) for one in recipes for key in one.keys}
    return {(table, names): existing(session, table, names) for table, names in sorted(wanted)}
