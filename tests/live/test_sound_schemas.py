"""A sound database never has a broken claim: the schemas of a differ's own suite, each built as written and proved."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from asbuilt.document import parse
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.scratch import scratch_database
from asbuilt.engines.postgres.server import EmbeddedServer
from asbuilt.evidence import Verdict
from asbuilt.model.merging import merge
from asbuilt.reading import read
from asbuilt.text import Source
from asbuilt.verify import Run, verify

SUITE = Path(__file__).parents[2] / "../shared/suites/sqldef"
EVERY = 11
"""One schema of so many is tried, the same ones each time."""

pytestmark = pytest.mark.skipif(not SUITE.is_dir(), reason="the suite of schemas is not here")


def schemas() -> Iterator[Any]:
    for path in sorted(SUITE.glob("psqldef_*.yml")):
        cases = yaml.safe_load(path.read_text(encoding="utf-8"))
        found = [
            (name, case["desired"]) for name, case in cases.items() if isinstance(case, dict) and case.get("desired")
        ]
        for name, sql in found[::EVERY]:
            group = pytest.mark.xdist_group(f"schemas {path.stem}")
            yield pytest.param(sql, id=f"{path.stem.removeprefix('psqldef_tests_')}-{name}", marks=group)


def proved(sql: str) -> Run:
    """Build a document of nothing but `sql`, and verify the database that it makes."""
    source = Source(
        "schema.md", f"# Database design\n\n**Database**: PostgreSQL 16\n\n## Schema\n\n```sql\n{sql}\n```\n"
    )
    design = merge(source, read(parse(source)).facts)
    with POSTGRES.scratch() as session:
        trial = POSTGRES.trial(design, session)
    if trial.failures:
        pytest.skip(f"the embedded server refuses it: {trial.failures[0].message}")
    with scratch_database() as url:
        with POSTGRES.connect(url) as session:
            POSTGRES.build(session, design)
        return verify(design, trial.state, POSTGRES, url)


@pytest.mark.parametrize("sql", list(schemas()) if SUITE.is_dir() else [])
def test_a_sound_database_has_no_broken_claim(server: EmbeddedServer, sql: str) -> None:
    run = proved(sql)
    assert [(e.claim.id, e.observed, e.statement) for e in run.broken] == []
    assert any(e.verdict == Verdict.HOLDS for e in run.evidence)
    assert run.notes == ()
