"""A design tried out: built statement by statement in a scratch database, and what PostgreSQL says of it."""

from asbuilt.engines.base import Progress, Session, Trial, silent
from asbuilt.engines.postgres.building import nodes
from asbuilt.engines.postgres.running import run
from asbuilt.model.design import Design


def trial(design: Design, session: Session, progress: Progress = silent) -> Trial:
    """Run the design's steps in `session`, each on its own, and go on after a failure."""
    with session.transaction():
        done = run(session, nodes(design), progress)
    return Trial(session.inspect(), tuple(done.failures), tuple(done.stubs))
