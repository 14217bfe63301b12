"""Each kind of claim of a cache turns broken where the way to Redis, or Redis itself, does not do what is promised."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.cache.servers import Redis, binaries, running
from tests.sabotage.redis_between import Meddling, between

import asbuilt
from asbuilt import seed
from asbuilt.access.cache_claims import cache_evidence
from asbuilt.access.cache_writing import Ground as Copy
from asbuilt.access.deriving import schema_of
from asbuilt.cache.compiling import cache_plan
from asbuilt.cache.plan import CachePlan
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.evidence import Evidence, Verdict
from asbuilt.model.design import Design

Ground = tuple[Design, CachePlan, Copy]
DOCUMENT = """# Library

```sql
CREATE TABLE members (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    email VARCHAR(100) UNIQUE NOT NULL,
    level INTEGER NOT NULL DEFAULT 1
);
CREATE TABLE books (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, title TEXT NOT NULL);
CREATE TABLE loans (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    member_id UUID NOT NULL REFERENCES members (id) ON DELETE CASCADE,
    book_id BIGINT NOT NULL REFERENCES books (id)
);
```

## Caching

### Redis Keys

```yaml
Key: member:{memberId}
TTL: 3600 seconds
Invalidate: On member update

Key: book:{bookId}
TTL: 600 seconds
Invalidate: On book delete

Key: loan:{loanId}
TTL: 600 seconds
Invalidate: On loan update

Key: members:page:{pageNum}
TTL: 300 seconds
Invalidate: On any member change
```
"""
KINDS = ("cache_key_shape", "cache_hit", "cache_ttl", "cache_invalidates", "cache_keeps")


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    path = tmp_path_factory.mktemp("library") / "library.md"
    path.write_text(DOCUMENT)
    design = asbuilt.load(path).design
    with POSTGRES.scratch() as session:
        for step in POSTGRES.steps(design):
            session.execute(step.sql)
        state = session.inspect()
        seed.run(session, seed.plan(state, 3))
        place = session.connection.info
        url = f"postgresql://{place.user}@/{place.dbname}?host={place.host}&port={place.port}"
        yield design, cache_plan(state, design), Copy(session, url, schema_of(state, design))


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    with running(binaries()[0]) as server:
        yield server


def broken(evidence: list[Evidence]) -> set[str]:
    return {e.claim.kind for e in evidence if e.verdict == Verdict.BROKEN}


@contextmanager
def sabotaged(redis: Redis, folder: Path, meddle: Meddling) -> Iterator[str]:
    with between(redis.url, folder, meddle) as url:
        yield url


def test_a_sound_redis_holds_all_of_it(ground: Ground, redis: Redis) -> None:
    design, plan, copy = ground
    evidence = cache_evidence(design, plan, redis.url, copy)
    told = [(e.claim.kind, e.claim.subject, e.verdict, e.reason or e.observed) for e in evidence]
    assert {e.verdict for e in evidence} == {Verdict.HOLDS}, told
    assert {e.claim.kind for e in evidence} == set(KINDS)
    assert len(evidence) == len({e.claim.id for e in evidence}) == 20
    assert all(e.statement and e.observed and e.reproduce for e in evidence)
    assert redis.names() == []
    assert copy.session.rows("SELECT count(*) FROM members") == [(3,)]


def test_each_write_goes_by_way_of_data_access(ground: Ground, redis: Redis) -> None:
    design, plan, copy = ground
    evidence = cache_evidence(design, plan, redis.url, copy)
    told = {e.claim.subject: e.observed for e in evidence if e.claim.kind == "cache_invalidates"}
    assert told["member:{memberId}"].endswith("the insert of members, the update of members, the delete of members")
    assert "insert of members" in told["members:page:{pageNum}"]
    assert "the insert of loans" in told["loan:{loanId}"]
    assert told["loan:{loanId}"].endswith("the delete of members")


@pytest.mark.parametrize("untold", ["of_inserted", "of_changed", "of_deleted"])
def test_a_write_that_data_access_does_not_tell_breaks_the_claim(
    ground: Ground, redis: Redis, monkeypatch: pytest.MonkeyPatch, untold: str
) -> None:
    design, plan, copy = ground
    monkeypatch.setattr(f"asbuilt.access.compiled.{untold}", lambda *given: lambda records: [])
    assert "cache_invalidates" in broken(cache_evidence(design, plan, redis.url, copy))
    redis.ask("FLUSHALL")


def nowhere(command: list[bytes]) -> list[bytes]:
    """A fill goes nowhere."""
    return [b"GET", b"nothing"] if b"EVALSHA" in command and len(command) == 8 else command


def elsewhere(command: list[bytes]) -> list[bytes]:
    """Keys are kept under other names."""
    if command[0] not in (b"EVALSHA", b"DEL"):
        return command
    return [
        part.replace(b"member:", b"m:").replace(b"book:", b"b:").replace(b"page:", b"p:").replace(b"loan:", b"l:")
        for part in command
    ]


def too_long(command: list[bytes]) -> list[bytes]:
    """All is kept for a day."""
    return [*command[:-1], b"86400000"] if command[0] == b"EVALSHA" and len(command) == 8 else command


def deaf(command: list[bytes]) -> list[bytes]:
    """Nothing is ever taken out."""
    return [b"DEL", b"nothing"] if command[0] == b"DEL" else command


def forgetful(command: list[bytes]) -> list[bytes]:
    """Whatever is taken out, all goes."""
    return [b"FLUSHDB"] if command[0] == b"DEL" else command


@pytest.mark.parametrize(
    ("meddle", "kinds"),
    [
        (nowhere, {"cache_key_shape", "cache_hit", "cache_keeps"}),
        (elsewhere, {"cache_key_shape"}),
        (too_long, {"cache_ttl"}),
        (deaf, {"cache_invalidates"}),
        (forgetful, {"cache_keeps"}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_sabotage_breaks_its_claims(
    ground: Ground, redis: Redis, tmp_path: Path, meddle: Meddling, kinds: set[str]
) -> None:
    design, plan, copy = ground
    with sabotaged(redis, tmp_path, meddle) as url:
        evidence = cache_evidence(design, plan, url, copy)
    assert broken(evidence) == kinds, [(e.claim.kind, e.claim.subject, e.observed, e.reason) for e in evidence]
    lines = {design.source[design.source.line_span(design.source.line_at(e.claim.spans[0].start))] for e in evidence}
    assert "TTL: 600 seconds" in "".join(lines)
    redis.ask("FLUSHALL")


def test_without_a_redis_nothing_is_known(ground: Ground) -> None:
    design, plan, copy = ground
    for url in (None, "unix:///nowhere"):
        evidence = cache_evidence(design, plan, url, copy)
        assert {e.verdict for e in evidence} == {Verdict.UNKNOWN}
        assert all("cache was named" in e.reason or "No such file" in e.reason for e in evidence)
