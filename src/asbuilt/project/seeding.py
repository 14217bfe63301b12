"""Rows for what was built: the document's own statements, its own rows, then generated ones."""

from asbuilt import seed
from asbuilt.engines.base import Progress, Session
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.errors import ServerRefused
from asbuilt.model.design import Design
from asbuilt.project.results import Seeding

SEED = 1


def seeded(design: Design, url: str, rows: int, progress: Progress) -> Seeding:
    """Fill every table at `url` up to `rows` rows, with what the document says first."""
    with POSTGRES.connect(url) as session:
        ran, refused = _run_own_seeds(session, design)
        state = session.inspect()
        own, lost = seed.write_own(session, state, seed.own_rows(design, state), SEED)
        plan = seed.plan(state, seed.lacking(session, state, rows), SEED)
        made = seed.run(session, plan, progress)
    return Seeding(ran + own, made.rows, (*refused, *lost, *made.problems))


def _run_own_seeds(session: Session, design: Design) -> tuple[int, list[str]]:
    """Run the document's seed statements in order; return how many ran, and what was refused of the others."""
    done, refused = 0, []
    for step in POSTGRES.seed_steps(design):
        try:
            with session.transaction():
                session.execute(step.sql)
            done += 1
        except ServerRefused as refusal:
            refused.append(f"line {design.source.line_at(step.causes[0].start)}: {refusal}")
    return done, refused
