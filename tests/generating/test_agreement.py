"""What generated validators refuse, the server refuses too: conditions of all kinds, rows at random, both sides."""

import json
import random
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import psycopg
from tests.generating.conftest import TSC

from asbuilt.access.deriving import schema_of
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.session import PostgresSession
from asbuilt.generating.json_schema import json_schema
from asbuilt.generating.typescript import typescript
from asbuilt.model.design import Design
from asbuilt.text import Source

POOLS: dict[str, tuple[str, list[Any]]] = {
    "a": ("varchar(4)", ["", "a", "aB", "abcd", "ab  ", "abcde", "ab   ", "é-1", "\U0001f600\U0001f600\U0001f600\U0001f600", "x@y"]),
    "c": ("char(3)", ["", "DE", "DE ", "DEU", "d"]),
    "i": ("integer", [-3, 0, 1, 5, 2**31 - 1, 2**31]),
    "j": ("smallint", [-3, 0, 1, 5, 40000]),
    "n": ("numeric(5, 2)", ["0", "0.005", "0.995", "1.00", "-1", "999.99", "999.995", "1000", 2]),
    "t": ("timestamptz", ["2026-01-01T00:00:00Z", "2026-01-01T01:00:00.000001+01:00", "2026-01-02 00:00:00+00"]),
    "d": ("date", ["1899-12-31", "2026-01-31"]),
    "e": ("colour", ["red", "green", "blau"]),
    "y": ("boolean", [True, False]),
}  # fmt: skip
CONDITIONS = [
    "i > 0", "NOT (i > 0)", "i BETWEEN 1 AND 5 OR j IS NULL", "i <> j", "i + j > 2", "i - j <= 0 AND y", "i IN (1, 5)", "i NOT IN (1, 5)", "i IN (1, NULL)",
    "n >= 1", "n < 1", "n > i", "n <> 0", "a ~ '^[a-z]+$'", "a ~* '^[a-z]+$'", "a !~ '\\d'", "a LIKE 'a%'", "a ILIKE '%B'", "a NOT LIKE '_'", "length(a) = 4",
    "char_length(trim(a)) > 0", "a = lower(a)", "a <> c", "c = 'DE'", "c IN ('DE', 'd')", "length(c) = 2", "e = 'red'", "e::text <> 'gruen'", "t > '2026-01-01'",
    "t >= '2026-01-01 00:00:00+00'", "d > '1900-01-01'", "y", "NOT y", "y IS NOT NULL", "a IS NULL OR i IS NULL", "(a ~ '@') = y", "coalesce(i, 0) > 0", "n * 2 > 1",
]  # fmt: skip


def cases(session: PostgresSession) -> list[tuple[int, dict[str, Any], bool]]:
    """Return rows for each condition, and whether the server refuses them."""
    dice = random.Random(7)
    found = []
    for at in range(len(CONDITIONS)):
        for _ in range(15):
            row = {name: dice.choice([None, *pool]) for name, (_, pool) in POOLS.items() if dice.random() < 0.6}
            found.append((at, row, is_refused(session, at, row)))
    return found


def is_refused(session: PostgresSession, at: int, row: dict[str, Any]) -> bool:
    types = {name: "text" if type.startswith(("varchar", "char")) else type for name, (type, _) in POOLS.items()}
    holes = ", ".join(f"%s::{types[name]}" for name in row)
    sql = (
        f"INSERT INTO things{at} ({', '.join(row)}) VALUES ({holes})"
        if row
        else f"INSERT INTO things{at} DEFAULT VALUES"
    )
    try:
        with session.connection.transaction():
            session.connection.execute(sql.encode(), list(row.values()))
    except psycopg.Error:
        return True
    return False


def test_nothing_is_refused_that_the_server_takes(npm: Path) -> None:
    with POSTGRES.scratch() as session:
        session.execute("CREATE TYPE colour AS ENUM ('red', 'green')")
        columns = ", ".join(f"{name} {type}" for name, (type, _) in POOLS.items())
        for at, condition in enumerate(CONDITIONS):
            session.execute(f"CREATE TABLE things{at} ({columns}, CHECK ({condition}))")
        schema = schema_of(session.inspect(), Design(Source("things.md", ""), ()))
        rows = cases(session)
    refused = sum(is_refused for *_, is_refused in rows)
    entities = [schema.by_name[f"things{at}"].entity for at in range(len(CONDITIONS))]
    by_zod = zod_answers(npm, typescript(schema, {}), [(entities[at], row) for at, row, _ in rows])
    assert not [
        (CONDITIONS[at], row) for (at, row, wrong), fine in zip(rows, by_zod, strict=True) if not fine and not wrong
    ]
    assert by_zod.count(False) > refused * 0.7
    whole = json.loads(json_schema(schema, {}))
    seen = 0
    for at, row, is_wrong in rows:
        validator = jsonschema.Draft202012Validator({**whole, "$ref": f"#/$defs/{entities[at]}Create"})
        faults = [fault for fault in validator.iter_errors(row) if fault.validator != "maxLength"]
        assert is_wrong or not faults, (CONDITIONS[at], row, faults)
        seen += bool(faults)
    assert seen > refused * 0.4


def zod_answers(npm: Path, source: str, given: list[tuple[str, dict[str, Any]]]) -> list[bool]:
    """Return whether zod takes each row."""
    (npm / "things.ts").write_text(source.replace('from "zod"', 'from "zod4"'), encoding="utf-8")
    (npm / "things.json").write_text(json.dumps(given), encoding="utf-8")
    (npm / "things.mjs").write_text(_RUN, encoding="utf-8")
    told = subprocess.run([*TSC, "things.ts"], cwd=npm, capture_output=True, text=True, timeout=120)
    assert told.stdout == ""
    answer = subprocess.run(["node", "things.mjs"], cwd=npm, capture_output=True, text=True, timeout=60)
    found: list[bool] = json.loads(answer.stdout)
    return found


_RUN = """import fs from "node:fs";
import * as things from "./things.js";
const rows = JSON.parse(fs.readFileSync("things.json", "utf-8"));
const name = (entity) => `${entity[0].toLowerCase()}${entity.slice(1)}CreateSchema`;
console.log(JSON.stringify(rows.map(([entity, row]) => things[name(entity)].safeParse(row).success)));
"""
