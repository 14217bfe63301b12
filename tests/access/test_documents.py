"""A row that comes with what is included is the row that comes alone: every type, at its ends, and odd values."""

import asyncio
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from tests.access.conftest import HERE, standing

from asbuilt.access.aio import AnyData
from asbuilt.access.schema import Schema
from asbuilt.access.sync import AnyData as AnySyncData

ROWS = r"""
INSERT INTO singles VALUES (1);
INSERT INTO singles VALUES (2, 1, -32768, 2147483647, 9223372036854775807, E'"é\\\n\t\x01😀', 'it''s', 'ab', true, 12345678901234567890.1234567890123456789,
    1.200, 0.1, 0.1, '00000000-0000-0000-0000-000000000007', '0001-01-01', '23:59:59.999999', '9999-12-31 23:59:59.999999',
    '2026-03-29 01:59:59.000001+02', '1 year 2 mons 3 days 04:05:06.789', '{"a": [1, 2.50, null, "x"], "a": 2}',
    '{"big": 12345678901234567890, "f": 1e3}', '\x00ff5c22', 'ha,"ppy\', 'a@b', 'n', 4294967295, 'r');
INSERT INTO singles VALUES (3, 1, 0, 0, 0, '', '', '', false, 'NaN', 0, '-Infinity', 'NaN', '00000000-0000-0000-0000-000000000000', 'infinity', '00:00',
    '-infinity', 'infinity', '-1 year -2 mons -3 days -04:05:06.5', 'null', 'null', '', 'sad', '@', '', 0);
INSERT INTO singles (id, parent_id, number, near, ratio, day, moment, instant, span, plain, tree) VALUES
    (4, 3, 'Infinity', 'NaN', 'Infinity', '-infinity', 'infinity', '-infinity', '-1 day 2 hours', '"x"', '"x"'),
    (5, 3, 1e-20, 3.4028235e38, 5e-324, '9999-12-31', '0001-01-01', '0001-01-01 00:00+00', '-00:00:00.000001', '[]', '{}'),
    (6, 4, 1e30, 1e-45, 1.7976931348623157e308, '2026-01-01', '2026-01-01', '2026-01-01', '13 mons 400 days', '0', '1');
INSERT INTO lists VALUES (1);
INSERT INTO lists VALUES (2, 1, '{1}', '{1,2}', '{9223372036854775807}', E'{"é\\"\\\\,",NULL0,"null","[x]"}', '{a}', '{t,f}', '{1.20,0}', '{1.200}', '{0.1,0.5}', '{0.1}',
    '{00000000-0000-0000-0000-000000000007}', '{2026-01-01}', '{10:00}', '{2026-01-01 10:00}', '{2026-01-01 10:00+02}', '{"[1, 2]","{}"}', '{"ha,\"ppy\\"}', '{a@b}');
INSERT INTO lists VALUES (3, 1, '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}');
INSERT INTO lists VALUES (4, 2, '{1,NULL}', '{NULL}', '{NULL,1}', '{NULL,x}', '{NULL}', '{NULL,t}', '{NaN,NULL}', '{NULL}', '{-Infinity,NaN}', '{NaN,NULL,1}', '{NULL}',
    '{infinity,NULL}', '{NULL}', '{-infinity,2026-01-01}', '{infinity,NULL}', '{NULL,"null"}', '{NULL,sad}', '{NULL}');
INSERT INTO lists (id, parent_id, whole, words, ratio, instant, tree) VALUES
    (5, 4, '{{1,2},{3,4}}', '{{"[",b},{c,NULL}}', '{{{1}},{{NaN}}}', '{{infinity},{2026-01-01 10:00+02}}', '{{1},{"[2]"}}');
INSERT INTO others VALUES (1);
INSERT INTO others VALUES (2, 1, '10.0.0.0/8', '10.0.0.0/8', '08:00:2b:01:02:03', '[1,5)', '(1,2)', '12.50', '101', 'a & b', '10:00+02', '{10.0.0.1,NULL}', '{1 day}', '{"\\x00"}', '{"[1,5)"}');
ALTER TYPE mood ADD VALUE 'new';
INSERT INTO singles (id, parent_id, feeling) VALUES (7, 1, 'new');
INSERT INTO lists (id, parent_id, feeling) VALUES (7, 1, '{new}')
"""  # fmt: skip


@pytest.fixture(scope="module")
def filled() -> Iterator[tuple[str, Schema]]:
    """Rows of every type; what they are, the enumeration's last label aside, is what the document says."""
    with standing(HERE / "documents.md") as (url, schema):
        asyncio.run(_fill(url, schema))
        yield url, schema


async def _fill(url: str, schema: Schema) -> None:
    async with AnyData(schema, url) as data:
        for statement in ROWS.split(";\n"):
            await data.sql(statement)


@pytest.mark.parametrize("accessor", ["singles", "lists", "others"])
def test_a_row_is_the_same_alone_and_in_a_document(accessor: str, filled: tuple[str, Schema]) -> None:
    url, schema = filled

    async def asked() -> tuple[list[Any], list[Any]]:
        async with AnyData(schema, url) as data:
            rows = getattr(data, accessor).order("id")
            return await rows.all(), await rows.include("parent.parent", "children.children").all()

    alone, whole = asyncio.run(asked())
    with AnySyncData(schema, url) as data:
        blocking = getattr(data, accessor).order("id").include("parent.parent", "children.children").all()
    _same(alone, whole)
    _same(alone, blocking)


def _known(value: Any) -> Any:
    """Return a value with its type, and so that NaN is what it is."""
    if isinstance(value, list):
        return [_known(item) for item in value]
    return type(value).__name__, value if value == value else "NaN"


def _same(alone: list[Any], whole: list[Any]) -> None:
    names = [name for name in alone[0].__struct_fields__ if name not in ("parent", "children")]
    told = {row.id: [_known(getattr(row, name)) for name in names] for row in alone}
    below = {key: [row.id for row in alone if row.parent_id == key] for key in told}

    def check(row: Any) -> None:
        assert [_known(getattr(row, name)) for name in names] == told[row.id]
        if row.parent is not msgspec.UNSET:
            assert (row.parent and row.parent.id) == row.parent_id
        for each in [row.parent] if row.parent else []:
            check(each)
        if row.children is not msgspec.UNSET:
            assert sorted(child.id for child in row.children) == below[row.id]
            for child in row.children:
                check(child)

    assert [row.id for row in whole] == list(told)
    for row in whole:
        check(row)
