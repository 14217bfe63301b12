"""An editor's side of a language server: asks pyright what it would offer and tell at the end of a program."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class LanguageServer:
    """A server that speaks by pipes. `folder` holds the program and what it imports."""

    def __init__(self, process: "subprocess.Popen[bytes]", folder: Path) -> None:
        self._process = process
        self._folder = folder
        self._asked = 0
        place = {"uri": folder.as_uri(), "name": folder.name}
        abilities = {"workspace": {"configuration": True, "workspaceFolders": True}}
        self._ask("initialize", {"processId": None, "capabilities": abilities, "workspaceFolders": [place]})
        self._tell("initialized", {})

    def offered(self, program: str) -> list[str]:
        """Return what is offered at the end of a program, the best first; its own words and built-in names apart."""
        found = self._ask("textDocument/completion", self._at_end(program)) or {}
        items = sorted(found.get("items", []), key=lambda item: str(item.get("sortText", "")))
        return [item["label"].strip("'\"") for item in items if item.get("kind") != 14 and "__" not in item["label"]]

    def told(self, program: str) -> str:
        """Return what is told of the last word of a program."""
        place = self._at_end(program)
        place["position"]["character"] -= 1
        found = self._ask("textDocument/hover", place) or {}
        return str(found.get("contents", {}).get("value", ""))

    def _at_end(self, program: str) -> dict[str, Any]:
        uri = (self._folder / f"program{self._asked}.py").as_uri()
        document = {"uri": uri, "languageId": "python", "version": 1, "text": f"{program}\n"}
        self._tell("textDocument/didOpen", {"textDocument": document})
        lines = program.split("\n")
        return {"textDocument": {"uri": uri}, "position": {"line": len(lines) - 1, "character": len(lines[-1])}}

    def _ask(self, method: str, params: dict[str, Any]) -> Any:
        self._asked += 1
        self._send({"id": self._asked, "method": method, "params": params})
        while (message := self._read()).get("id") != self._asked or "method" in message:
            if "id" in message and "method" in message:
                self._send({"id": message["id"], "result": self._settings(message)})
        return message.get("result")

    def _settings(self, message: dict[str, Any]) -> Any:
        if message["method"] != "workspace/configuration":
            return None
        sections = (item.get("section") for item in message["params"]["items"])
        return [{"pythonPath": sys.executable} if section == "python" else {} for section in sections]

    def _tell(self, method: str, params: dict[str, Any]) -> None:
        self._send({"method": method, "params": params})

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._process.stdin.flush()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        length = 0
        while line := self._process.stdout.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        assert length, "the language server has ended"
        message: dict[str, Any] = json.loads(self._process.stdout.read(length))
        return message


@contextmanager
def language_server(folder: Path) -> Iterator[LanguageServer]:
    command = [sys.executable, "-m", "pyright.langserver", "--stdio"]
    with subprocess.Popen(command, stdin=-1, stdout=-1, stderr=subprocess.DEVNULL, cwd=folder) as process:
        try:
            yield LanguageServer(process, folder)
        finally:
            process.terminate()
