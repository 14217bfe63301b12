"""Rows that the document gives as objects: written as given, completed where they must be."""

import pytest

from asbuilt.document import parse
from asbuilt.engines.postgres.session import PostgresSession
from asbuilt.model.design import Design
from asbuilt.model.merging import merge
from asbuilt.reading import read
from asbuilt.seed import own_rows, write_own
from asbuilt.text import Source

pytestmark = pytest.mark.live

TABLES = """CREATE TABLE users (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), email text NOT NULL UNIQUE, full_name text NOT NULL,
    age int CHECK (age > 0), password_hash text NOT NULL, tags text[], note text
);
CREATE TABLE posts (id int PRIMARY KEY, user_email text NOT NULL REFERENCES users (email), title text NOT NULL);"""
DOCUMENT = f"""# Blog database

**Database**: PostgreSQL 16

```sql
{TABLES}
```

## Seed Data

```json
{{
  "posts": [ {{ "id": 1, "userEmail": "a@example.com", "title": "Hi" }} ],
  "users": [
    {{ "email": "a@example.com", "fullName": "A", "age": 3, "tags": ["x", "y, z"] }},
    {{ "email": "b@example.com", "age": -3 }},
    {{ "email": "c@example.com", "shoe": 42 }}
  ]
}}
```

```typescript
const seedUsers = [
  {{ email: 'd@example.com', fullName: 'D D' }},
];
```
"""


def design() -> Design:
    source = Source("blog.md", DOCUMENT)
    return merge(source, read(parse(source)).facts)


def test_rows_are_written_as_given_and_completed(session: PostgresSession) -> None:
    session.execute(TABLES)
    state = session.inspect()
    written, problems = write_own(session, state, own_rows(design(), state))
    assert written == 4
    found = session.rows(
        "SELECT email, full_name, age, tags, note FROM users WHERE email <> 'c@example.com' ORDER BY email"
    )
    assert found == [("a@example.com", "A", 3, ["x", "y, z"], None), ("d@example.com", "D D", None, None, None)]
    assert session.rows("SELECT user_email, title FROM posts") == [("a@example.com", "Hi")]
    assert session.rows("SELECT count(*) FROM users WHERE password_hash IS NULL") == [(0,)]
    lines = DOCUMENT.splitlines()
    refused, unknown = sorted(problems, key=lambda problem: "shoe" in problem)
    assert "users_age_check" in refused
    assert "b@example.com" in lines[int(refused.split(":")[0].removeprefix("line ")) - 1]
    assert "has no column shoe" in unknown
    assert "shoe" in lines[int(unknown.split(":")[0].removeprefix("line ")) - 1]


def test_rows_of_no_table_are_told(session: PostgresSession) -> None:
    session.execute("CREATE TABLE other (id int)")
    rows = own_rows(design(), session.inspect())
    assert {problem.partition(": ")[2] for row in rows for problem in row.problems} >= {
        "there is no table for the rows of posts"
    }
    assert write_own(session, session.inspect(), rows)[0] == 0
