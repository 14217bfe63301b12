"""A platform's tables are stood in for with rows in them, so that what refers to them is seeded and proved."""

from pathlib import Path

from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.scratch import scratch_database
from asbuilt.engines.postgres.server import EmbeddedServer
from asbuilt.engines.postgres.shims import PLATFORM_ROWS
from asbuilt.evidence import Verdict
from asbuilt.project import Project
from asbuilt.text import Source

DOCUMENT = """# Notes – Data Design

**Database**: Supabase (PostgreSQL 15)

## Schema

```sql
CREATE TABLE notes (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
    file_id uuid REFERENCES storage.objects (id),
    body text NOT NULL CHECK (length(body) < 1000)
);
```
"""


def test_tables_that_refer_to_a_platform_are_seeded_and_proved(server: EmbeddedServer, tmp_path: Path) -> None:
    project = Project(Source("notes.md", DOCUMENT), tmp_path / "notes.md")
    with scratch_database() as url:
        project.build(url)
        assert project.seed(url, 5).rows == {"notes": 5}
        with POSTGRES.connect(url) as session:
            assert session.rows("SELECT count(*) FROM auth.users") == [(PLATFORM_ROWS,)]
        run = project.verify(url)
    assert run.broken == ()
    unknown = {e.claim.kind for e in run.evidence if e.verdict == Verdict.UNKNOWN}
    refused = [e for e in run.evidence if e.claim.kind.endswith("_refuses") and e.verdict == Verdict.HOLDS]
    assert unknown <= {"on_delete"}  # what happens when the platform's own row goes is the platform's
    assert len(refused) >= 3
