"""The replicas that follow a server, and how far behind it they are."""

from asbuilt.engines.base import Lag, Session

_BEHIND = """
SELECT application_name || coalesce(' (' || host(client_addr) || ')', ''), extract(epoch FROM replay_lag)
FROM pg_stat_replication WHERE replay_lag IS NOT NULL AND replay_lsn < pg_current_wal_lsn()
ORDER BY replay_lag DESC LIMIT 1
"""
"""The lag of a replica that has replayed all there is stands there for a while as it was."""
_FOLLOWING = """
SELECT count(*), count(*) FILTER (WHERE state IS NULL) FROM pg_stat_replication WHERE state IS DISTINCT FROM 'backup'
"""


def lag(session: Session) -> Lag | None:
    """Return the replica that is furthest behind; None where none is, or none may be seen."""
    found = session.rows(_BEHIND)
    return Lag(found[0][0], float(found[0][1])) if found else None


def following(session: Session) -> tuple[int, int]:
    """Return how many replicas follow the server, and of how many the role may not see how far they are behind."""
    count, unseen = session.rows(_FOLLOWING)[0]
    return int(count), int(unseen)
