"""What callers are let do: each try of a command, its outcome, and that under the policies as the document has them."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from asbuilt.engines.base import Session
from asbuilt.engines.state import PolicyState, TableState
from asbuilt.seed import sql
from asbuilt.seed.limits import Row
from asbuilt.verify.bench import Bench
from asbuilt.verify.callers import PUBLIC, Caller

ACCEPTED, REFUSED = "accepted", "refused"
_MOST_PLACES = 12
_MOST_CHANGED = 5
_INTEGRITY = "23"
_TAKEN_BACK = "AB000"
_QUOTE = "$asbuilt$"


@dataclass(frozen=True, slots=True)
class Look:
    """What came of a caller's tries, in order: accepted, refused, or what else the server said."""

    caller: Caller
    statements: tuple[str, ...]
    outcomes: tuple[str, ...]

    def count(self, outcome: str) -> int:
        return self.outcomes.count(outcome)

    @property
    def trouble(self) -> str:
        """What the server said where it neither accepted nor refused anything."""
        told = [o for o in self.outcomes if o not in (ACCEPTED, REFUSED)]
        return told[0] if len(told) == len(self.outcomes) and told else ""


def statements(
    command: str, bench: Bench, table: TableState, rows: Sequence[Row], places: Sequence[str], names: Sequence[str]
) -> list[str]:
    """Return what a caller tries: on new rows, or on those that `places` pick out; `names` are what the policies look at."""
    target = sql.table_name(table.name)
    at = [f"WHERE {place}" for place in places[:_MOST_PLACES]]
    if command == "insert":
        return [bench.insertion(table.name, row) for row in rows]
    if command == "select":
        return [f"SELECT 1 FROM {target} {where}" for where in at]
    if command == "delete":
        return [f"DELETE FROM {target} {where}" for where in at]
    settings = list(_settings(bench, table, rows, names))[:_MOST_CHANGED]
    return [f"UPDATE {target} SET {setting} {where}" for where in at[:_MOST_CHANGED] for setting in settings]


def _settings(bench: Bench, table: TableState, rows: Sequence[Row], names: Sequence[str]) -> Iterator[str]:
    """Yield what an UPDATE sets: nothing new, and what the policies look at as it is in other rows."""
    written = [c.name for c in table.columns if c.name in bench.recipes[table.name].written]
    if written:
        yield f"{sql.name(written[0])} = {sql.name(written[0])}"
    changed = [
        ", ".join(f"{sql.name(name)} = {sql.literal(row[name])}" for name in names if name in row) for row in rows
    ]
    yield from dict.fromkeys(filter(None, changed))


def look(session: Session, table: TableState, caller: Caller, tries: Sequence[str]) -> Look:
    """Let a caller try all of it, each on its own and taken back."""
    with session.attempt():
        for statement in (*caller.becoming(), _all_of_it(tries)):
            session.execute(statement)
        said = json.loads(session.rows("SELECT current_setting('asbuilt.said')")[0][0])
        return Look(caller, tuple(tries), tuple(_outcome(table, one) for one in said))


def _all_of_it(tries: Sequence[str]) -> str:
    """Return one statement that runs all tries, each in a block of its own: the server answers once, not for each."""
    listed = ", ".join(map(sql.literal, tries))
    return f"""DO {_QUOTE}
DECLARE tried text; reached bigint; said text[] := '{{}}';
BEGIN
    FOREACH tried IN ARRAY ARRAY[{listed}]::text[] LOOP
        BEGIN
            EXECUTE tried;
            GET DIAGNOSTICS reached = ROW_COUNT;
            RAISE EXCEPTION USING ERRCODE = '{_TAKEN_BACK}', MESSAGE = reached::text;
        EXCEPTION WHEN OTHERS THEN
            said := said || (SQLSTATE || ' ' || SQLERRM);
        END;
    END LOOP;
    PERFORM set_config('asbuilt.said', to_json(said)::text, true);
END {_QUOTE}"""


def _outcome(table: TableState, said: str) -> str:
    """Tell what came of a try; one that reaches no row is refused, one that only a constraint minds accepted."""
    state, _, message = said.partition(" ")
    if state == _TAKEN_BACK:
        return REFUSED if message == "0" else ACCEPTED
    if state.startswith(_INTEGRITY):
        return ACCEPTED
    is_policy = "row-level security policy" in message and f'table "{table.name.rpartition(".")[2]}"' in message
    return REFUSED if is_policy else message


def as_written(bench: Bench) -> Iterator[str]:
    """Yield what brings row level security to where the document has it: functions that policies call, then the policies."""
    yield from _functions_as_written(bench)
    for name, wanted in bench.desired.tables.items():
        there = bench.actual.tables.get(name)
        if there is None or (there.policies, there.has_row_security) == (wanted.policies, wanted.has_row_security):
            continue
        table = sql.table_name(name)
        yield from (f"DROP POLICY {sql.name(policy.name)} ON {table}" for policy in there.policies)
        yield f"ALTER TABLE {table} {'ENABLE' if wanted.has_row_security else 'DISABLE'} ROW LEVEL SECURITY"
        yield from (_create(table, policy) for policy in wanted.policies)


def _functions_as_written(bench: Bench) -> Iterator[str]:
    said = " ".join(
        text or "" for t in bench.desired.tables.values() for p in t.policies for text in (p.using, p.check)
    )
    for key, wanted in bench.desired.objects.items():
        there = bench.actual.objects.get(key)
        is_called = key[0] == "function" and f"{key[1].split('(')[0]}(" in said
        if is_called and there is not None and there.definition != wanted.definition:
            yield wanted.definition


def _create(table: str, policy: PolicyState) -> str:
    roles = ", ".join(r if r == PUBLIC else sql.name(r) for r in policy.roles) or PUBLIC
    parts = [
        f"CREATE POLICY {sql.name(policy.name)} ON {table}",
        f"AS {'PERMISSIVE' if policy.is_permissive else 'RESTRICTIVE'} FOR {policy.command} TO {roles}",
        f"USING ({policy.using})" if policy.using else "",
        f"WITH CHECK ({policy.check})" if policy.check else "",
    ]
    return " ".join(filter(None, parts))
