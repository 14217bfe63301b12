"""Rows to try policies with: some that they let through and some that they refuse, as far as such are found."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, product, zip_longest
from typing import TypeVar

from asbuilt.engines.base import Row as Answer
from asbuilt.engines.base import Session
from asbuilt.engines.state import TableState
from asbuilt.errors import ServerRefused
from asbuilt.seed import sql
from asbuilt.seed.judge import judge
from asbuilt.seed.limits import Row
from asbuilt.verify.bench import Bench, checks
from asbuilt.verify.callers import Caller, Reading
from asbuilt.verify.violations import candidates

_SPARES = 8
_VARIED = 2
_FRESH = 20
_MOST_KEYS = 6
_MOST_CHANGED = 30
_MOST_TOGETHER = 40
_MOST_DRAFTS = 200
_MOST_ALIKE = 2
_MOST_ROWS = 10
_CALLER = re.compile(r"\b(?:CURRENT_USER|CURRENT_ROLE)\b", re.IGNORECASE)

_EQUALS = re.compile(r"\b(\w+)\"?\)*(?:::[\w ]+)?\)* = '((?:[^']|'')*)'")

Thing = TypeVar("Thing")
Sort = tuple[tuple[bool | None, ...], ...]
"""What each condition of a table's policies makes of a row, for each caller."""


def rows_to_try(bench: Bench, table: TableState, reading: Reading, callers: Sequence[Caller]) -> list[Row]:
    """Return rows that nobody has written, a few of each sort."""
    drafts = list(islice(_drafts(bench, table, reading, callers), _MOST_DRAFTS))
    asked = [*checks(table), *reading.apart]
    verdicts = [_judged(bench.session, table, drafts, asked, caller) for caller in _distinct(callers)]
    chosen = _some_of_each(drafts, zip(*verdicts, strict=True))
    return [_apart_from_others(bench, table, reading, row, number) for number, row in enumerate(chosen)]


def _apart_from_others(bench: Bench, table: TableState, reading: Reading, row: Row, number: int) -> Row:
    """Return the row with values of its own where they must be unique and no policy looks at them."""
    recipe = bench.recipes[table.name]
    unique = {name for each in recipe.uniques for name in each.columns} | recipe.spread
    fresh = bench.spare(table.name, _FRESH + number) or {}
    free = unique - set(policy_columns(table, reading))
    return {**row, **{name: value for name, value in fresh.items() if name in free and row.get(name) is not None}}


def _some_of_each(things: Iterable[Thing], sorts: Iterable[Sort]) -> list[Thing]:
    """Return a few things of each sort, those first that most conditions let a caller have; where there is only one sort, some of it."""
    found: dict[Sort, list[Thing]] = {}
    for thing, sort in zip(things, sorts, strict=True):
        found.setdefault(sort, []).append(thing)
    most = _MOST_ALIKE if len(found) > 1 else _MOST_ROWS
    ranked = sorted(found, key=lambda sort: -max(verdicts.count(True) for verdicts in sort))
    in_turn = zip_longest(*(found[sort][:most] for sort in ranked))
    return [thing for turn in in_turn for thing in turn if thing is not None][:_MOST_ROWS]


def policy_columns(table: TableState, reading: Reading) -> tuple[str, ...]:
    """Return the table's columns that its policies speak of."""
    whole = " ".join(reading.texts)
    return tuple(c.name for c in table.columns if re.search(rf"\b{re.escape(c.name)}\b", whole))


def write_rows(bench: Bench, session: Session, table: TableState, rows: Iterable[Row]) -> None:
    """Write those of the rows that can be."""
    for row in rows:
        try:
            with session.transaction():
                session.execute(bench.insertion(table.name, row))
        except ServerRefused:
            continue


def standing_rows(session: Session, table: TableState, reading: Reading, callers: Sequence[Caller]) -> list[str]:
    """Return for rows that stand, a few of each sort, the condition that picks each out."""
    verdicts = [_of_standing(session, table, reading, caller) for caller in _distinct(callers)]
    places = [place for place, _ in verdicts[0]]
    return _some_of_each(places, zip(*([sort for _, sort in found] for found in verdicts), strict=True))


def _of_standing(
    session: Session, table: TableState, reading: Reading, caller: Caller
) -> list[tuple[str, tuple[bool | None, ...]]]:
    """Return what picks out each row that stands, with what the policies' conditions make of it."""
    asked = "".join(f", ({_for(caller, condition)})" for condition in reading.apart)
    place = "format('tableoid = %L::regclass AND ctid = %L', tableoid::regclass, ctid)"
    known_as = sql.name(table.name.rpartition(".")[2])
    try:
        rows = _asked(
            session, caller, f"SELECT {place}{asked} FROM {sql.table_name(table.name)} AS {known_as} ORDER BY 1"
        )
    except ServerRefused:
        rows = session.rows(f"SELECT {place} FROM {sql.table_name(table.name)} ORDER BY 1")
    return [(str(row[0]), tuple(row[1:])) for row in rows]


def _asked(session: Session, caller: Caller, query: str) -> list[Answer]:
    with session.attempt():
        for statement in caller.setting():
            session.execute(statement)
        return session.rows(query)


def _distinct(callers: Iterable[Caller]) -> list[Caller]:
    """Return the callers that policies can tell apart by their settings."""
    return list({caller.settings: caller for caller in callers}.values())


def _for(caller: Caller, condition: str) -> str:
    return _CALLER.sub(f"{sql.literal(caller.name)}::name", condition)


def _drafts(bench: Bench, table: TableState, reading: Reading, callers: Sequence[Caller]) -> Iterator[Row]:
    """Yield valid rows, and such rows with the values that make a difference to the policies."""
    spares = [row for number in range(_SPARES) if (row := bench.spare(table.name, number)) is not None]
    yield from spares
    offers = _offers(bench, table, reading, callers)
    for spare in spares[:_VARIED]:
        varied = [{**spare, **chosen} for chosen in islice(_together(offers), _MOST_TOGETHER)]
        yield from varied
        for row in (spare, *varied[:_VARIED]):
            yield from islice(candidates(bench.desired, table, reading.texts, row), _MOST_CHANGED)
        for name, values in offers.items():
            yield from ({**spare, name: value} for value in values)


def _together(offers: dict[str, tuple[str | None, ...]]) -> Iterator[Row]:
    """Yield one of the values offered for every column: first abreast, then each in the company of each other."""
    widest = max(map(len, offers.values()), default=0)
    for turn in range(widest):
        yield {name: values[turn % len(values)] for name, values in offers.items()}
    for chosen in product(*offers.values()) if len(offers) > 1 else ():
        yield dict(zip(offers, chosen, strict=True))


def _offers(
    bench: Bench, table: TableState, reading: Reading, callers: Sequence[Caller]
) -> dict[str, tuple[str | None, ...]]:
    """Return values by column: what callers come with, who they are, what is asked for, the keys that stand where it points."""
    found: dict[str, tuple[str | None, ...]] = {}
    for key in bench.recipes[table.name].keys:
        pool = bench.makers[table.name].pools.get((key.target, key.target_columns), [])
        if len(key.columns) == 1 and key.columns[0] in policy_columns(table, reading) and pool:
            found[key.columns[0]] = tuple(values[0] for values in pool[:_MOST_KEYS])
    for name, value in (pair for text in reading.conditions for pair in _EQUALS.findall(text)):
        usual = (bench.spare(table.name) or {}).get(name)
        found[name] = tuple(dict.fromkeys((value.replace("''", "'"), usual)))
    found.update(reading.offers)
    names = tuple(dict.fromkeys(caller.name for caller in callers))
    found.update(dict.fromkeys(reading.named_by_caller, names))
    written = bench.recipes[table.name].written
    return {name: values for name, values in found.items() if name in written}


def _judged(
    session: Session, table: TableState, drafts: Sequence[Row], asked: Sequence[str], caller: Caller
) -> list[tuple[bool | None, ...]]:
    with session.attempt():
        for statement in caller.setting():
            session.execute(statement)
        return judge(session, table, drafts, [_for(caller, condition) for condition in asked])
