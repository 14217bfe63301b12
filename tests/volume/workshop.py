"""The workshop filled for real, as large as its document says that it is at a time."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from pathlib import Path

import asbuilt
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.scratch import scratch_database
from asbuilt.engines.postgres.session import PostgresSession
from asbuilt.engines.statistics import RelationStatistics
from asbuilt.model.sql import QueryPattern
from asbuilt.verify.parameters import numbered, prepared
from asbuilt.verify.query_plans import explained
from asbuilt.volume.forecasting import Draw, drawn, shape
from asbuilt.volume.projection import TableProjection, project

DOCUMENT = Path(__file__).parent / "workshop.md"
HISTORY = 365
"""Days before today in which the rows of today came in, evenly."""
_FILLED = """
INSERT INTO clients (email, town, score, joined_at)
SELECT 'client' || i || '@example.com', 'town ' || abs(hashint4(i)) % 40, abs(hashint4(i + 7)) % 1000, now() - {clients_age}
FROM generate_series(1, {clients}) i;
INSERT INTO jobs (client_id, state, total, tags, note, booked_at)
SELECT 1 + abs(hashint4(i)) % {clients},
       (CASE WHEN h % 100 < 2 THEN 'open' WHEN h % 100 < 5 THEN 'dropped' ELSE 'done' END)::job_state,
       (h % 100000) / 100.0, ARRAY['tag ' || h % 30] || CASE WHEN h % 97 = 0 THEN ARRAY['urgent'] END,
       CASE WHEN h % 10 < 7 THEN 'note ' || i / 3 END, now() - {jobs_age}
FROM generate_series(1, {jobs}) i, LATERAL (SELECT abs(hashint4(i + 13)) AS h);
INSERT INTO parts SELECT 1 + i / 3, i % 3, 'P' || abs(hashint4(i + 29)) % 900 FROM generate_series(0, {parts} - 1) i;
"""


@contextmanager
def filled(years: float) -> Iterator[tuple[str, PostgresSession]]:
    """Build the workshop and fill it as it is in so many years."""
    design = asbuilt.load(DOCUMENT).design
    with scratch_database() as url, POSTGRES.connect(url) as session:
        state = POSTGRES.build(session, design).state
        tables = project(design, state)
        counts = {name: table.rows(years) for name, table in tables.items()}
        ages = {f"{name}_age": _age(table, years) for name, table in tables.items()}
        session.execute(_FILLED.format(**counts, **ages))
        session.execute("VACUUM (ANALYZE)")
        yield url, session


def _age(table: TableProjection, years: float) -> str:
    """Return, as SQL, how old row `i` is: those of today came in evenly, those after them by the same factor every day."""
    cases = [f"WHEN i <= {table.now} THEN {HISTORY} * (1 - i::float8 / {table.now}) + 365.25 * {years}"]
    cases += [
        f"WHEN i <= {more} THEN 365.25 * ({years} - {begin} - {end - begin} * ln(i::float8 / {fewer}) / ln({more}::float8 / {fewer}))"
        for (begin, fewer), (end, more) in pairwise(table.points)
    ]
    return f"make_interval(secs => 86400 * greatest(CASE {' '.join(cases)} ELSE 0 END, 0))"


def truth(session: PostgresSession, known: Sequence[RelationStatistics]) -> Mapping[str, tuple[str, ...]]:
    """Return the plan of each query as the server makes it over real rows, values drawn from the same statistics as the forecast's."""
    design, state, found = asbuilt.load(DOCUMENT).design, session.inspect(), {}
    for pattern in design.of(QueryPattern):
        with session.attempt():
            execute = prepared(session, numbered(pattern.statement.sql), state, partial(drawn, known, Draw.COMMON))
            found[pattern.title] = shape(explained(session, execute))
    return found
