"""The generated client as mypy and pyright see it: right uses pass, each wrong one is refused at its line."""

import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from scripts.threads import made
from tests.access.conftest import stated

import asbuilt
from asbuilt.access.aio import Answers, Entity, Query
from asbuilt.access.deriving import schema_of
from asbuilt.cache.compiling import cache_plan
from asbuilt.generating.python import python

ROOT = Path(__file__).parents[2]
TYPED = Path(__file__).parent / "typed"
SHOP = ROOT / "examples" / "shop.md"
CLIENTS = ("shop_data.py", "shop_data_blocking.py", "odd_data.py")
EXAMPLES = ("shop_app.py", "local_redis.py", "trips.py")
USES = (*EXAMPLES, "right.py", "right_blocking.py", "wrong.py", "odd_uses.py")
STRICT = {"mypy.ini": "[mypy]\nstrict = true\n", "pyrightconfig.json": '{"typeCheckingMode": "strict"}'}
Errors = list[tuple[str, int, str]]
"""What a checker refuses: the file, the line, the reason."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program's folder, with clients that were generated and uses of them."""
    project = asbuilt.load(SHOP)
    trial = project.check().trial
    assert trial
    schema, plan = schema_of(trial.state, project.design), cache_plan(trial.state, project.design)
    texts = {
        **STRICT,
        "shop_data.py": python(schema, plan),
        "shop_data_blocking.py": python(schema, plan, is_async=False),
        **{path.name: path.read_text() for path in (*TYPED.glob("*.py"), *(SHOP.with_name(name) for name in EXAMPLES))},
    }
    texts["right_blocking.py"] = made(texts["right.py"]).replace("shop_data", "shop_data_blocking")
    with stated(TYPED / "odd.md") as (_, odd, odd_plan):
        texts["odd_data.py"] = python(odd, odd_plan)
    return _written(tmp_path_factory.mktemp("client"), texts)


def _written(folder: Path, texts: Mapping[str, str]) -> Path:
    for name, text in texts.items():
        (folder / name).write_text(text)
    return folder


def by_mypy(folder: Path, *names: str, python: str = sys.executable) -> Errors:
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--python-executable", python, *names],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1].startswith(("Success", "Found")), done.stdout + done.stderr
    parts = [line.split(":", 2) for line in done.stdout.splitlines() if ": error:" in line]
    return [(name, int(line), text) for name, line, text in parts]


def by_pyright(folder: Path, *names: str, python: str = sys.executable) -> Errors:
    done = subprocess.run(
        [sys.executable, "-m", "pyright", "--pythonpath", python, "--outputjson", *names],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout, f"pyright does not run; `make setup` installs it\n{done.stderr}"
    told = json.loads(done.stdout)
    assert told["summary"]["filesAnalyzed"] == len(names)
    return [
        (Path(one["file"]).name, one["range"]["start"]["line"] + 1, one["message"])
        for one in told["generalDiagnostics"]
        if one["severity"] in ("error", "warning")
    ]


Checker = Callable[..., Errors]
CHECKERS = pytest.mark.parametrize("checked", [by_mypy, by_pyright])


@CHECKERS
def test_right_uses_pass(folder: Path, checked: Checker) -> None:
    assert checked(folder, *CLIENTS, *(name for name in USES if name != "wrong.py")) == []


@CHECKERS
def test_each_wrong_use_is_refused_at_its_line(folder: Path, checked: Checker) -> None:
    wrong = {n for n, line in enumerate((folder / "wrong.py").read_text().splitlines(), 1) if "  # " in line}
    assert {line for _, line, _ in checked(folder, "wrong.py")} == wrong


def test_no_method_of_an_entity_is_left_out(folder: Path) -> None:
    declared = {name for client in CLIENTS for name in re.findall(r"def (\w+)\(", (folder / client).read_text())}
    public = {name for name in {*dir(Entity), *dir(Query)} - {*dir(Answers), "fields"} if not name.startswith("_")}
    assert public - declared == set()


@pytest.mark.parametrize("name", [Path(name).stem for name in (*CLIENTS, *USES)])
def test_all_that_a_checker_knows_can_be_imported(folder: Path, name: str) -> None:
    opened = f"{name}.Data('postgresql:///none')" if f"{name}.py" in CLIENTS else "None"
    subprocess.run([sys.executable, "-W", "error", "-c", f"import {name}; {opened}"], cwd=folder, check=True)


RUN = """import asyncio, sys
from odd_data import Data
from odd_uses import main


async def run() -> None:
    async with Data(sys.argv[1]) as data:
        await main(data)


asyncio.run(run())
"""


def test_odd_names_work_as_they_are_checked(tmp_path: Path) -> None:
    with stated(TYPED / "odd.md") as (url, schema, plan):
        uses = (TYPED / "odd_uses.py").read_text()
        _written(tmp_path, {"odd_data.py": python(schema, plan), "odd_uses.py": uses, "run.py": RUN})
        subprocess.run([sys.executable, "-W", "error", "run.py", url], cwd=tmp_path, check=True)


KEPT_USES = """from kept_data import Data


async def main(data: Data) -> None:
    names: list[str] = [u.name for u in await data.users.cached("users:role:{role}", role="x").all()]
    data.users.cached("users:rol:{role}", role="x")  # unknown
    data.users.cached("users:role:{role}", rol="x")  # another hole
    data.users.cached("user:{userId}", userId=1)  # holds rows
    data.users.restore(1)  # deleted for good
"""


@CHECKERS
def test_the_keys_of_the_document_are_known(tmp_path: Path, checked: Checker) -> None:
    with stated(Path(__file__).parent / "kept.md") as (_, schema, plan):
        _written(tmp_path, {**STRICT, "kept_data.py": python(schema, plan), "uses.py": KEPT_USES})
    wrong = {n for n, line in enumerate(KEPT_USES.splitlines(), 1) if "  # " in line}
    found = checked(tmp_path, "uses.py")
    assert {line for _, line, text in found if "not accessed" not in text} == wrong


APPLICATION = """import asbuilt
from asbuilt.access import Conflict
from shop_data import Data, Order


async def main() -> list[Order]:
    report = asbuilt.load("design.md").check()
    async with Data("postgresql://", cache="near") as data, asbuilt.open("design.md", "postgresql://") as other:
        await other.users.get(len(report.diagnostics))
        return await data.orders.all()
"""


@CHECKERS
def test_a_program_is_checked_strictly_over_the_package_as_it_is_installed(
    folder: Path, tmp_path: Path, checked: Checker
) -> None:
    packed = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir"]
    subprocess.run([*packed, str(tmp_path), str(ROOT)], check=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "venv")], check=True)
    [site] = (tmp_path / "venv").glob("lib/python*/site-packages")
    [wheel] = tmp_path.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(site)
    (site / "others.pth").write_text("\n".join(path for path in sys.path if path.endswith("site-packages")))
    program = tmp_path / "program"
    program.mkdir()
    client = (folder / "shop_data.py").read_text()
    _written(program, {**STRICT, "app.py": APPLICATION, "shop_data.py": client})
    found = checked(program, "app.py", "shop_data.py", python=str(tmp_path / "venv" / "bin" / "python"))
    assert [one for one in found if "not accessed" not in one[2]] == []
