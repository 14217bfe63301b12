"""Small documents, and the command line run in this process."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from asbuilt.cli import main

CLEAN = """# Lending library

## Entities

### members

| Field | Type | Required | Constraints |
| --- | --- | --- | --- |
| id | BIGSERIAL | yes | PK |
| email | VARCHAR(255) | yes | unique |
| status | VARCHAR(20) | yes | |

### loans

| Field | Type | Required | Constraints |
| --- | --- | --- | --- |
| id | BIGSERIAL | yes | PK |
| member_id | BIGINT | yes | FK → members.id |
| lent_at | TIMESTAMPTZ | yes | |

```sql
CREATE INDEX idx_loans_member ON loans (member_id);
```
"""

FAULTY = """# Lending library

```sql
CREATE TABLE loans (
  id BIGINT PRIMARY KEY,
  member_id BIGINT REFERENCES members(id),
  lent_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX idx_loans_recent ON loans (lent_at) WHERE lent_at > NOW();
```
"""


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    return _written(tmp_path / "library.md", CLEAN)


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    return _written(tmp_path / "faulty.md", FAULTY)


def _written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def run() -> Callable[..., Result]:
    """Run a command; an exception that gets out of it is a failure of the test."""

    def invoke(*arguments: object) -> Result:
        result = CliRunner().invoke(main, [str(argument) for argument in arguments])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return invoke
