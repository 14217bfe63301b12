"""Behaviour of foreign keys: an orphan is refused; what happens to a row when its parent goes or changes its key."""

from collections.abc import Iterator
from dataclasses import replace

from asbuilt.engines.base import Session
from asbuilt.engines.state import ConstraintState, TableState
from asbuilt.evidence import Verdict
from asbuilt.model.types import Family
from asbuilt.seed import sql
from asbuilt.seed.kinds import kind_of
from asbuilt.seed.limits import Row
from asbuilt.verify.bench import Bench, Outcome
from asbuilt.verify.places import Places
from asbuilt.verify.probes import Finding, Probe, claim, other_names, refusal, unknown

_NOBODY = {Family.UUID: "00000000-0000-4000-8000-00000000dead", Family.DECIMAL: "999983", Family.DATE: "1901-01-01"}
_REFUSED = ("23503", "23001")
_WORDS = {
    "cascade": "the row goes or changes with its parent", "set null": "the row stays, its key becomes NULL",
    "set default": "the row stays, its key becomes the default", "refused": "refused", "nothing": "the row stays as it was",
}  # fmt: skip


def probes(table: TableState, places: Places) -> Iterator[Probe]:
    """Yield what the foreign keys of `table` promise."""
    for key in table.constraints:
        if key.kind == "foreign key" and key.is_enforced:
            yield _orphan(table, key, places)
            yield _action(table, key, places, "delete")
            if key.on_update not in (None, "no action"):
                yield _action(table, key, places, "update")


def _orphan(table: TableState, key: ConstraintState, places: Places) -> Probe:
    def attempt(bench: Bench) -> Finding:
        row = bench.spare(table.name) or {}
        strangers = {name: _nobody(bench, table, name) for name in key.columns}
        if None in strangers.values():
            return unknown("the key's type has no value that nobody has")
        insertion = bench.insertion(table.name, {**row, **strangers})
        outcome = bench.attempt(*_out_of_the_way(bench, table, key), insertion)
        finding = refusal(outcome, ("23503",), other_names(table, key.name))
        return replace(finding, observed=finding.observed and finding.observed + _note(table, key))

    expected = f"{', '.join(key.columns)} without a row of {key.target} is refused"
    stated = claim("foreign_key_refuses_orphan", table, key.name, places, "foreign_key", expected, key.columns)
    return Probe(stated, table.name, attempt)


def _beside(table: TableState, key: ConstraintState) -> list[str]:
    """Return the table's other foreign keys over some of the same columns: where a tenant's number is part of all."""
    others = (c for c in table.constraints if c.kind == "foreign key" and c.name != key.name)
    return [c.name for c in others if set(c.columns) & set(key.columns)]


def _out_of_the_way(bench: Bench, table: TableState, key: ConstraintState) -> list[str]:
    return [bench.dropping(table, name) for name in _beside(table, key)]


def _note(table: TableState, key: ConstraintState) -> str:
    names = _beside(table, key)
    return f" (in the twin without {', '.join(names)})" if names else ""


def _nobody(bench: Bench, table: TableState, name: str) -> str | None:
    column = table.column(name)
    kind = kind_of(bench.desired, column.type) if column else None
    if kind is None or kind.labels or kind.is_array:
        return None
    if kind.family == Family.INTEGER:
        return "31999" if kind.name == "smallint" else "1999999999"
    if kind.family == Family.STRING:
        return "zz-nobody"[: kind.arguments[0]] if kind.arguments else "zz-nobody"
    return _NOBODY.get(kind.family)


def _action(table: TableState, key: ConstraintState, places: Places, event: str) -> Probe:
    stated_action = (key.on_delete if event == "delete" else key.on_update) or "no action"
    wanted = "refused" if stated_action in ("no action", "restrict") else stated_action

    def attempt(bench: Bench) -> Finding:
        is_platforms = event == "delete" and key.target not in bench.actual.tables
        if not is_platforms and (reason := bench.obstacle(key.target or "")):
            return unknown(reason)
        steps: list[str] = []
        outcome = bench.trying(lambda session: _happens(bench, session, table, key, event, steps))
        statement = ";\n".join(steps)
        if outcome.is_refused and not _is_the_keys(outcome, table, key, steps):
            return unknown(f"refused for another reason: {outcome.message}", statement)
        seen = "refused" if outcome.is_refused else str(outcome.answer[0] if outcome.answer else "")
        agrees = seen == wanted or (seen == "set null" and wanted == "set default" and not _has_default(table, key))
        observed = outcome.words if outcome.is_refused else _WORDS.get(seen, seen)
        observed += _note(table, key)
        return Finding(Verdict.HOLDS if agrees else Verdict.BROKEN, observed, statement=statement)

    expected = f"on {event} of the row in {key.target}: {stated_action}"
    return Probe(
        claim(f"on_{event}", table, key.name, places, "foreign_key", expected, key.columns), table.name, attempt
    )


def _has_default(table: TableState, key: ConstraintState) -> bool:
    return any((column := table.column(name)) is not None and column.default is not None for name in key.columns)


def _is_the_keys(outcome: Outcome, table: TableState, key: ConstraintState, steps: list[str]) -> bool:
    """Tell whether a refusal is the key's own: of the last step, and not in the name of another constraint."""
    return len(steps) == 3 and outcome.sqlstate in _REFUSED and not set(outcome.named) & other_names(table, key.name)


def _happens(
    bench: Bench, session: Session, table: TableState, key: ConstraintState, event: str, steps: list[str]
) -> Outcome:
    """Write a parent and a row, delete or change the parent, and see what became of the row."""

    def run(statement: str) -> list[tuple[object, ...]]:
        steps.append(statement)
        return session.rows(statement)

    target = key.target or ""
    for statement in (*_out_of_the_way(bench, table, key), "SET CONSTRAINTS ALL IMMEDIATE"):
        session.execute(statement)
    columns = ", ".join(f"{sql.name(c)}::text" for c in key.target_columns)
    parent = [str(v) for v in run(bench.insertion(target, _parent(bench, table, key), columns))[0]]
    row = (bench.spare(table.name, 2) or {}) | dict(zip(key.columns, parent, strict=True))
    run(bench.insertion(table.name, row))
    count = _count(session, table)
    where = _where(key.target_columns, parent)
    new = _new_key(bench, table, key, parent) if event == "update" else []
    if event == "delete":
        run(f"DELETE FROM {sql.table_name(target)} WHERE {where}")
    else:
        settings = ", ".join(f"{sql.name(c)} = {sql.literal(v)}" for c, v in zip(key.target_columns, new, strict=True))
        run(f"UPDATE {sql.table_name(target)} SET {settings} WHERE {where}")
    gone = count - _count(session, table) - (event == "delete" and target == table.name)
    return Outcome(steps[-1], (_seen(session, table, key, gone, parent, new),))


def _parent(bench: Bench, table: TableState, key: ConstraintState) -> Row:
    """Return a row for the key to point at; for a table of the platform, of which little is known, just its key."""
    if key.target in bench.makers:
        return bench.spare(key.target, 1) or {}
    return {target: _nobody(bench, table, name) for name, target in zip(key.columns, key.target_columns, strict=True)}


def _seen(
    session: Session, table: TableState, key: ConstraintState, gone: int, parent: list[str], new: list[str]
) -> str:
    if gone > 0:
        return "cascade"
    if _exists(session, table, _where(key.columns, parent)):
        return "nothing"
    if new and _exists(session, table, _where(key.columns, new)):
        return "cascade"
    defaults = [table.column(name) for name in key.columns]
    if all(c is not None and c.default is not None for c in defaults):
        same = " AND ".join(f"{sql.name(c.name)} = ({c.default})" for c in defaults if c is not None)
        if _exists(session, table, same):
            return "set default"
    return "set null"


def _new_key(bench: Bench, table: TableState, key: ConstraintState, parent: list[str]) -> list[str]:
    other = bench.spare(key.target or "", 3) or {}
    return [other.get(c) or str(int(v) + 1000) for c, v in zip(key.target_columns, parent, strict=True)]


def _where(columns: tuple[str, ...], values: list[str]) -> str:
    return " AND ".join(f"{sql.name(c)} = {sql.literal(v)}" for c, v in zip(columns, values, strict=True))


def _count(session: Session, table: TableState) -> int:
    return int(session.rows(f"SELECT count(*) FROM {sql.table_name(table.name)}")[0][0])


def _exists(session: Session, table: TableState, where: str) -> bool:
    return bool(session.rows(f"SELECT 1 FROM {sql.table_name(table.name)} WHERE {where} LIMIT 1"))
