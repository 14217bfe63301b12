"""Something between the cache and its Redis that changes what they say to each other."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from asbuilt.cache.resp import Push, Reader, encoded

Meddling = Callable[[list[bytes]], list[bytes]]
"""What becomes of a command on its way."""


@contextmanager
def between(url: str, folder: Path, meddle: Meddling) -> Iterator[str]:
    """Yield the URL of a Redis that is the one at `url`, with every command changed."""
    path = folder / "between"
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(path))
    server.listen()
    open_ones: list[socket.socket] = [server]

    def accept() -> None:
        with suppress(OSError):
            while True:
                client, _ = server.accept()
                upstream = socket.socket(socket.AF_UNIX)
                upstream.connect(url.removeprefix("unix://"))
                open_ones.extend((client, upstream))
                threading.Thread(target=_commands, args=(client, upstream, meddle), daemon=True).start()
                threading.Thread(target=_answers, args=(upstream, client), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"unix://{path}"
    finally:
        for one in open_ones:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        path.unlink()


def _commands(client: socket.socket, upstream: socket.socket, meddle: Meddling) -> None:
    reader = Reader()
    with suppress(OSError):
        while data := client.recv(65536):
            for command in reader.feed(data):
                assert not isinstance(command, Push)
                upstream.sendall(encoded(meddle(command)))


def _answers(upstream: socket.socket, client: socket.socket) -> None:
    with suppress(OSError):
        while data := upstream.recv(65536):
            client.sendall(data)
