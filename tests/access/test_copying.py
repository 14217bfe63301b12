"""What is copied in is read back as it was given: every type, by both drivers."""

import asyncio
import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.access.conftest import HERE, standing

from asbuilt.access.aio import AnyData
from asbuilt.access.copying.writing import Copying
from asbuilt.access.refusals import InvalidRow, QueryRefused
from asbuilt.access.schema import Column, Schema, Table
from asbuilt.access.sync import AnyData as AnySyncData

Row = Mapping[str, Any]
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)
LABELS = st.sampled_from(["sad", "so so", 'ha,"ppy\\'])
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30)
JSON = st.recursive(
    st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
MOMENTS = st.datetimes(dt.datetime(1, 1, 2), dt.datetime(9999, 12, 30))
INSTANTS = st.datetimes(
    dt.datetime(1, 1, 3), dt.datetime(9999, 12, 29), timezones=st.sampled_from([dt.UTC, dt.timezone(dt.timedelta(hours=-3, minutes=-30))]),
)  # fmt: skip
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "small": st.integers(-(2**15), 2**15 - 1),
    "whole": st.integers(-(2**31), 2**31 - 1),
    "large": st.integers(-(2**63), 2**63 - 1),
    "words": TEXT,
    "short": st.text("aé\t\\\n🙂", max_size=20),
    "yes": st.booleans(),
    "number": NUMBERS | st.integers(-(10**40), 10**40).map(Decimal),
    "price": st.decimals(-(10**8), 10**8, places=3),
    "near": st.floats(width=32, allow_nan=False),
    "ratio": st.floats(allow_nan=False),
    "code": st.uuids(),
    "day": st.dates(dt.date(1, 1, 2), dt.date(9999, 12, 30)),
    "hour": st.times(),
    "moment": MOMENTS,
    "instant": INSTANTS,
    "span": st.timedeltas(dt.timedelta(days=-100_000), dt.timedelta(days=100_000)),
    "plain": JSON,
    "tree": JSON,
    "content": st.binary(max_size=40),
    "feeling": LABELS,
    "address": TEXT.map(lambda text: f"{text}@"),
    "title": st.text("abc d", max_size=20),
    "object": st.integers(0, 2**32 - 1),
}
OTHERS = {
    "host": "10.0.0.1/32", "net": "10.0.0.0/8", "card": "08:00:2b:01:02:03", "numbers": "[1,5)", "place": "(1,2)", "paid": "$3.00",
    "bits": "101", "query": "'a' & 'b'", "hours": "10:00:00+02", "hosts": "{10.0.0.1}", "spans": '{"1 day",NULL}',
    "contents": '{"\\\\x00ff"}', "ranges": '{"[1,3)"}',
}  # fmt: skip


@pytest.fixture(scope="module")
def types() -> Iterator[tuple[str, Schema]]:
    with standing(HERE / "types.md") as found:
        yield found


def rows_of(table: Table, wrap: Callable[[Column], st.SearchStrategy[Any]]) -> st.SearchStrategy[list[dict[str, Any]]]:
    row = st.fixed_dictionaries({column.attribute: wrap(column) for column in table.columns if column.name != "id"})
    return st.lists(row, min_size=1, max_size=5).map(lambda rows: [{"id": n, **row} for n, row in enumerate(rows)])


def single(column: Column) -> st.SearchStrategy[Any]:
    return VALUES[column.name] | st.none() if column.is_nullable else VALUES[column.name]


def several(column: Column) -> st.SearchStrategy[Any]:
    return st.lists(VALUES[column.name] | st.none(), max_size=3) | st.none()


def came_back(found: tuple[str, Schema], table: Table, rows: Sequence[Row]) -> None:
    """Copy rows in by both drivers, make them by one statement, and read them."""
    url, schema = found

    async def awaited() -> list[Any]:
        async with AnyData(schema, url, size=1) as data:
            await data.sql(f"TRUNCATE {table.name}")
            await getattr(data, table.accessor).create_many(rows)
            return [await getattr(data, table.accessor).get(row["id"]) for row in rows]

    def blocking(how: str) -> list[Any]:
        with AnySyncData(schema, url, size=1) as data:
            data.sql(f"TRUNCATE {table.name}")
            getattr(getattr(data, table.accessor), how)(rows)
            return [getattr(data, table.accessor).get(row["id"]) for row in rows]

    for read in (asyncio.run(awaited()), blocking("create_many"), blocking("create_all")):
        assert [{name: getattr(row, name) for name in rows[0]} for row in read] == list(rows)


@pytest.mark.parametrize(("name", "wrap"), [("singles", single), ("given", single), ("lists", several)])
def test_rows_are_read_as_they_were_given(types: tuple[str, Schema], name: str, wrap: Any) -> None:
    table = types[1].by_name[name]

    @settings(max_examples=25, suppress_health_check=list(HealthCheck))
    @given(rows_of(table, wrap))
    def tried(rows: list[dict[str, Any]]) -> None:
        came_back(types, table, rows)

    tried()


@pytest.mark.parametrize(
    "number",
    [
        "1E+20",
        "-1.5E-9",
        "0E-3",
        "-0.00",
        "0.0001",
        "10000",
        "99999999.9999",
        "1E+9999",
        f"-{'12345' * 900}.{'6789' * 900}1",
    ],
)
def test_numbers_of_every_form(types: tuple[str, Schema], number: str) -> None:
    came_back(types, types[1].by_name["singles"], [{"id": 1, "number": Decimal(number)}, {"id": 2, "number": 10**2000}])


def test_values_of_one_column_may_be_of_several_types(types: tuple[str, Schema]) -> None:
    code = UUID("00000000-0000-4000-8000-000000000001")
    rows = [
        {"id": 1, "number": 3, "ratio": 1, "near": 0.5, "code": str(code)},
        {"id": 2, "number": Decimal("1.5"), "ratio": 0.5, "near": 2, "code": code},
    ]
    url, schema = types
    with AnySyncData(schema, url, size=1) as data:
        for how in ("create_many", "create_all"):
            data.sql("TRUNCATE singles")
            getattr(data.singles, how)(rows)
            read = [data.singles.get(n) for n in (1, 2)]
            assert [(row.number, row.ratio, row.near, row.code) for row in read] == [
                (3, 1, 0.5, code),
                (Decimal("1.5"), 0.5, 2, code),
            ]


def test_types_without_a_type_in_python_are_given_as_they_are_read(types: tuple[str, Schema]) -> None:
    came_back(types, types[1].by_name["others"], [{"id": 1, **OTHERS}, {"id": 2, **dict.fromkeys(OTHERS)}])


def test_what_is_no_number_and_has_no_end_comes_back(types: tuple[str, Schema]) -> None:
    url, schema = types
    rows = [
        {"id": 0, "number": Decimal("Infinity"), "ratio": float("-inf"), "day": dt.date.max, "moment": dt.datetime.min}
    ]
    rows += [{"id": 1, "number": Decimal("NaN"), "ratio": float("nan"), "day": dt.date.min, "moment": dt.datetime.max}]

    async def run() -> None:
        async with AnyData(schema, url, size=1) as data:
            await data.sql("TRUNCATE singles")
            await data.singles.create_many(rows)
            copied = [await data.singles.get(n) for n in (0, 1)]
            assert [repr(getattr(copied[n], name)) for n in (0, 1) for name in rows[0]] == [
                repr(row[name]) for row in rows for name in rows[0]
            ]
            endless = await data.sql("SELECT id FROM singles WHERE NOT isfinite(day) AND NOT isfinite(moment)")
            assert len(endless) == 2  # as `create` writes them

    asyncio.run(run())


@pytest.mark.parametrize("name", ["singles", "others"])
def test_what_cannot_be_written_is_told_with_its_row_and_field(types: tuple[str, Schema], name: str) -> None:
    table = types[1].by_name[name]
    copying = Copying(table, ("id", "numbers" if name == "others" else "whole"), is_endless=True, document="t.md")
    rows = [{"id": n, copying.columns[1]: 3 if name == "singles" else "[1,2)"} for n in range(2100)]
    rows[2050] = {"id": 2050, copying.columns[1]: object()}
    with pytest.raises(InvalidRow, match=rf"row 2050: {copying.columns[1]} cannot be written as .* \(t\.md:\d+\)"):
        list(copying.chunks(rows))


def test_rows_with_other_fields_are_refused_and_the_connection_goes_on(types: tuple[str, Schema]) -> None:
    url, schema = types
    with AnySyncData(schema, url, size=1) as data:
        data.sql("TRUNCATE singles")
        rows = [*({"id": n, "whole": n} for n in range(3000)), {"id": 3000, "large": 1}]
        with pytest.raises(QueryRefused, match="singles: row 3000 has other fields than row 0"):
            data.singles.create_many(rows)
        with pytest.raises(QueryRefused, match="singles: rows without a field cannot be copied"):
            AnySyncData(schema, url).compiler.copying(data.singles._table, (), is_endless=False)
        assert (data.singles.count(), data.pool.lost) == (0, 0)
