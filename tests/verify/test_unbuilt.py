"""What could not be tried out is claimed all the same, and unknown."""

from asbuilt.document import parse
from asbuilt.engines.base import Failure, Step
from asbuilt.engines.state import DatabaseState
from asbuilt.evidence import Verdict
from asbuilt.model.merging import merge
from asbuilt.reading import read
from asbuilt.text import Source, Span
from asbuilt.verify import unverified

SOURCE = Source("a.md", "# A\n\n```sql\nCREATE EXTENSION postgis;\nCREATE TABLE t (at geometry);\n```\n")


def test_statements_that_the_scratch_server_cannot_run_are_unknown_with_the_reason() -> None:
    design = merge(SOURCE, read(parse(SOURCE)).facts)
    extension = Failure(
        Step("CREATE EXTENSION postgis", "extension postgis", (Span(12, 37),)), "extension is not available", "0A000"
    )
    table = Failure(
        Step("CREATE TABLE t", "table t", (Span(38, 67),)), 'type "geometry" does not exist', "42704", follows=0
    )
    found = {e.claim.subject: e for e in unverified(design, DatabaseState((18, 0)), (extension, table))}
    assert found["table t"].verdict == found["extension postgis"].verdict == Verdict.UNKNOWN
    assert found["extension postgis"].reason == "could not be tried out here: extension is not available"
    assert (
        found["table t"].reason
        == "could not be tried out here, since extension postgis could not: extension is not available"
    )
    assert SOURCE[found["table t"].claim.spans[0]].startswith("CREATE TABLE t")
