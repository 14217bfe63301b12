"""The watcher of a scratch server, a process of its own: it stops the server once nobody has used it for a while."""

import sys
import time
from pathlib import Path

from asbuilt.engines.postgres import places
from asbuilt.engines.postgres.server import EmbeddedServer, is_postgres

IDLE_SECONDS = 600.0
_LOOK_SECONDS = 30.0


def reap_if_idle(folder: Path, idle_seconds: float = IDLE_SECONDS) -> bool:
    """Stop the server of `folder` if it is idle; tell whether it is gone."""
    home = places.data_home(folder)
    with places.locked(home / "lock"):
        server = EmbeddedServer.find(folder)
        if server is None:
            return True
        if time.time() - (home / "used").stat().st_mtime < idle_seconds or _has_sessions(server):
            return False
        server.stop()
        return True


def _has_sessions(server: EmbeddedServer) -> bool:
    import psycopg

    with psycopg.connect(server.url("postgres")) as connection:
        found = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        ).fetchone()
    return found is not None and found[0] > 0


def watch(folder: Path, pid: int) -> None:
    """Look now and then until the server is gone, by us or by others."""
    while is_postgres(pid):
        time.sleep(_LOOK_SECONDS)
        if not is_postgres(pid) or reap_if_idle(folder):
            return


if __name__ == "__main__":
    watch(Path(sys.argv[1]), int(sys.argv[2]))
