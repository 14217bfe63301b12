"""Each kind of claim of a cache turns broken where the way to Redis, or Redis itself, does not do what is promised."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.cache.servers import Redis, binaries, running
from tests.sabotage.redis_between import Meddling, between

import asbuilt
from asbuilt import seed
from asbuilt.cache.claims import cache_evidence
from asbuilt.cache.compiling import cache_plan
from asbuilt.cache.plan import CachePlan
from asbuilt.engines.base import Session
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.evidence import Evidence, Verdict
from asbuilt.model.design import Design

Ground = tuple[Design, CachePlan, Session]
DOCUMENT = """# Library

```sql
CREATE TABLE members (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    email VARCHAR(100) UNIQUE NOT NULL,
    level INTEGER NOT NULL DEFAULT 1
);
CREATE TABLE books (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, title TEXT NOT NULL);
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
        yield design, cache_plan(state, design), session


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
    design, plan, session = ground
    evidence = cache_evidence(design, plan, redis.url, session)
    told = [(e.claim.kind, e.claim.subject, e.verdict, e.reason or e.observed) for e in evidence]
    assert {e.verdict for e in evidence} == {Verdict.HOLDS}, told
    assert {e.claim.kind for e in evidence} == set(KINDS)
    assert len(evidence) == len({e.claim.id for e in evidence}) == 15
    assert all(e.statement and e.observed and e.reproduce for e in evidence)
    assert redis.names() == []
    assert session.rows("SELECT count(*) FROM members") == [(3,)]


def nowhere(command: list[bytes]) -> list[bytes]:
    """A fill goes nowhere."""
    return [b"GET", b"nothing"] if b"EVALSHA" in command and len(command) == 8 else command


def elsewhere(command: list[bytes]) -> list[bytes]:
    """Keys are kept under other names."""
    if command[0] not in (b"EVALSHA", b"DEL"):
        return command
    return [part.replace(b"member:", b"m:").replace(b"book:", b"b:").replace(b"page:", b"p:") for part in command]


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
    design, plan, session = ground
    with sabotaged(redis, tmp_path, meddle) as url:
        evidence = cache_evidence(design, plan, url, session)
    assert broken(evidence) == kinds, [(e.claim.kind, e.claim.subject, e.observed, e.reason) for e in evidence]
    lines = {design.source[design.source.line_span(design.source.line_at(e.claim.spans[0].start))] for e in evidence}
    assert "TTL: 600 seconds" in "".join(lines)
    redis.ask("FLUSHALL")


def test_without_a_redis_nothing_is_known(ground: Ground) -> None:
    design, plan, session = ground
    for url in (None, "unix:///nowhere"):
        evidence = cache_evidence(design, plan, url, session)
        assert {e.verdict for e in evidence} == {Verdict.UNKNOWN}
        assert all("cache was named" in e.reason or "No such file" in e.reason for e in evidence)
