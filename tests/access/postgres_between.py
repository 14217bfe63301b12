"""Something between a program and PostgreSQL that takes the answer away: what was sent arrives, and nobody hears what came of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit


class Between:
    """Once `cut_after` is set, the connection that next says it is cut on the program's side; the server's stays for `linger` seconds."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._links: set[asyncio.Task[None]] = set()
        self.cut_after: bytes | None = None
        self.linger = 0.0
        self.cuts = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._links.add(task)
        server, to_server = await asyncio.open_unix_connection(self._path)
        back = asyncio.create_task(_carry(server, writer))
        try:
            with suppress(OSError, asyncio.CancelledError):
                while data := await reader.read(65536):
                    to_server.write(data)
                    await to_server.drain()
                    if self.cut_after is not None and self.cut_after in data:
                        self.cut_after = None
                        self.cuts += 1
                        back.cancel()
                        writer.transport.abort()
                        await asyncio.sleep(self.linger)
                        break
        finally:
            back.cancel()
            to_server.transport.abort()
            writer.transport.abort()

    async def end(self) -> None:
        """Let go of all connections."""
        for task in self._links:
            task.cancel()
        await asyncio.gather(*self._links, return_exceptions=True)
        await asyncio.sleep(0)


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def between(url: str, folder: Path) -> AsyncIterator[tuple[str, Between]]:
    """Yield a URL that leads to the same database by way of something between, and that."""
    said = parse_qs(urlsplit(url).query)
    port = said["port"][0]
    one = Between(f"{said['host'][0]}/.s.PGSQL.{port}")
    server = await asyncio.start_unix_server(one.serve, folder / f".s.PGSQL.{port}")
    try:
        yield url.replace(said["host"][0], str(folder)), one
    finally:
        server.close()
        await one.end()
