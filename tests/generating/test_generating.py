"""What is generated, tried with the tools that read it: JSON Schema by a validator, TypeScript by its compiler and zod."""

import json
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner
from tests.generating.conftest import TSC, VERSIONS

import asbuilt
from asbuilt.cli import main
from asbuilt.project.generated import generate

ROOT = Path(__file__).parents[2]
SHOP = ROOT / "examples" / "shop.md"
ID = "8be1bd45-6f0b-4c0a-9f0e-111111111111"
ADA = {"email": "ada@example.com", "name": "Ada", "password_hash": "x"}
EARLY, LATE = "2026-01-01T00:00:00Z", "2026-02-01T00:00:00+01:00"
ALONE: list[tuple[str, dict[str, Any], bool]] = [
    ("UserCreate", ADA, True),
    ("UserCreate", {**ADA, "locale": None}, True),
    ("UserCreate", {**ADA, "name": "\U0001f600" * 200}, True),
    ("UserCreate", {**ADA, "name": "x" * 201}, False),
    ("UserCreate", {**ADA, "name": ""}, False),
    ("UserCreate", {**ADA, "email": "ada"}, False),
    ("UserCreate", {**ADA, "status": "activ"}, False),
    ("UserCreate", {**ADA, "locale": "english"}, False),
    ("UserCreate", {**ADA, "emial": "x"}, False),
    ("UserCreate", {"email": "ada@example.com"}, False),
    ("UserCreate", {**ADA, "id": "5"}, False),
    ("UserUpdate", {"name": "Ada"}, True),
    ("UserUpdate", {"name": None}, False),
    ("CartItemCreate", {"cart_id": ID, "product_id": ID, "quantity": 99}, True),
    ("CartItemCreate", {"cart_id": ID, "product_id": ID, "quantity": 100}, False),
    ("CartItemCreate", {"cart_id": ID, "product_id": ID, "quantity": "5"}, False),
    ("OrderCreate", {"user_id": ID, "total": "12.50"}, True),
    ("OrderCreate", {"user_id": ID, "total": 12.5}, True),
    ("OrderCreate", {"user_id": ID, "total": -1}, False),
    ("OrderCreate", {"user_id": ID, "total": "much"}, False),
    ("OrderCreate", {"user_id": ID, "total": 1, "number": 1}, False),
    ("CouponCreate", {"code": "ABCD", "percent_off": 5, "valid_from": EARLY, "valid_until": LATE}, True),
    ("CouponCreate", {"code": "ABCD", "percent_off": 5, "valid_from": "yesterday", "valid_until": LATE}, False),
]
TOGETHER: list[tuple[str, dict[str, Any], bool]] = [
    ("CouponCreate", {"code": "ABCD", "percent_off": 5, "valid_from": LATE, "valid_until": EARLY}, False),
    ("CouponUpdate", {"valid_until": EARLY}, True),
    ("StockLevelCreate", {"product_id": ID, "reserved": 5}, False),
    ("StockLevelCreate", {"product_id": ID, "reserved": 5, "on_hand": 5}, True),
    ("OrderCreate", {"user_id": ID, "total": "-1.00"}, False),
    ("CategoryCreate", {"slug": "a", "name": "A", "id": ID, "parent_id": ID.upper()}, False),
    ("ShipmentUpdate", {"shipped_at": LATE, "delivered_at": None}, True),
]


@pytest.fixture(scope="module")
def generated() -> dict[str, str]:
    project = asbuilt.load(SHOP)
    return {language: generate(project, language) for language in ("typescript", "json-schema")}


def test_the_json_schema_says_what_the_document_says(generated: dict[str, str]) -> None:
    whole = json.loads(generated["json-schema"])
    jsonschema.Draft202012Validator.check_schema(whole)
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    wrong = []
    for name, value, is_fine in ALONE:
        validator = jsonschema.Draft202012Validator({**whole, "$ref": f"#/$defs/{name}"}, format_checker=checker)
        if validator.is_valid(value) != is_fine and value.get("valid_from") != "yesterday":
            wrong.append((name, value))
    assert not wrong
    user = whole["$defs"]["UserCreate"]["properties"]
    assert user["email"]["description"] == "Sign-in name, unique"
    assert user["status"]["enum"] == ["active", "suspended", "closed"]
    assert "valid_until > valid_from" in whole["$defs"]["CouponCreate"]["$comment"]


def test_the_compiler_takes_the_typescript_and_zod_refuses_what_the_server_refuses(
    npm: Path, generated: dict[str, str]
) -> None:
    cases = json.dumps(
        [(name[0].lower() + name[1:] + "Schema", value, is_fine) for name, value, is_fine in ALONE + TOGETHER]
    )
    for version in VERSIONS:
        source = generated["typescript"].replace('from "zod"', f'from "zod{version}"')
        (npm / f"shop{version}.ts").write_text(source, encoding="utf-8")
        run = f'import * as shop from "./shop{version}.js";\nconst cases = {cases};\nconst wrong = cases.filter(([name, value, isFine]) => shop[name].safeParse(value).success !== isFine);\nconsole.log(JSON.stringify(wrong));\n'
        (npm / f"run{version}.mjs").write_text(run, encoding="utf-8")
    (npm / "use.ts").write_text(_USE, encoding="utf-8")
    files = [*(f"shop{version}.ts" for version in VERSIONS), "use.ts"]
    told = subprocess.run([*TSC, *files], cwd=npm, capture_output=True, text=True, timeout=120)
    assert told.stdout == ""
    for version in VERSIONS:
        answer = subprocess.run(["node", f"run{version}.mjs"], cwd=npm, capture_output=True, text=True, timeout=60)
        assert answer.stdout.strip() == "[]", (version, answer.stdout, answer.stderr)


_USE = """import { OrderStatus, type Order, type User, type UserCreate, type UserUpdate } from "./shop4.js";

export const made: UserCreate = { email: "ada@example.com", name: "Ada", password_hash: "x" };
export const changed: UserUpdate = { name: "Ada L.", locale: null };
// @ts-expect-error a required field is missing
export const lacking: UserCreate = { email: "ada@example.com" };
// @ts-expect-error there is no such status
export const wrong: Order["status"] = "gone";
export const right: Order["status"] = OrderStatus.paid;
export const names = (users: User[]): string[] => users.map((user) => user.name);
"""


def test_a_file_of_ones_own_is_not_replaced(tmp_path: Path) -> None:
    document = tmp_path / "design.md"
    document.write_text("# Design\n\n```sql\nCREATE TABLE notes (id int PRIMARY KEY, body text NOT NULL);\n```\n")
    target = tmp_path / "notes.ts"

    def run(*more: str) -> int:
        return (
            CliRunner()
            .invoke(main, ["generate", "typescript", str(document), "-q", "-o", str(target), *more])
            .exit_code
        )

    target.write_text("my own")
    assert (run(), target.read_text()) == (2, "my own")
    assert run("--force") == 0
    assert run("--check") == 0
    document.write_text(document.read_text().replace("body text", "words text"))
    assert run("--check") == 1
    assert run() == 0
    assert "words: string" in target.read_text()
