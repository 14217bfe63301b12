"""Commands as messages name them, made whole: with the document and the database of the command that the user called."""

import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import click

from asbuilt.cli import console

_COMMAND = re.compile(r"`asbuilt (?P<verb>[a-z]+)(?P<rest>(?: [^`]*)?)`")


@dataclass(frozen=True)
class Call:
    """What the user called a command for: a document and a database, each where one was named. `commands` are all that there are."""

    commands: Mapping[str, click.Command]
    document: str = ""
    url: str = ""

    def line(self, verb: str, options: str = "") -> str:
        """Return the command line of another command for the same document and database; `options` begin with a space."""
        takes = {parameter.name: parameter for parameter in self.commands[verb].params}
        document = f" {shlex.quote(self.document)}" if self.document and "document" in takes else ""
        url = f" {takes['url'].opts[0]} {shown(self.url)}" if self.url and "url" in takes else ""
        return f"{console.program()} {verb}{document}{url}{options}"

    def whole(self, text: str) -> str:
        """Return a message in which what stands as `asbuilt apply --yes` is a command that can be copied."""
        return _COMMAND.sub(self._completed, text)

    def _completed(self, found: re.Match[str]) -> str:
        verb, rest = found["verb"], found["rest"]
        is_whole = verb not in self.commands or (self.document and shlex.quote(self.document) in rest)
        return f"`{console.program()} {verb}{rest}`" if is_whole else f"`{self.line(verb, rest)}`"


def call_of(context: click.Context) -> Call:
    """Return what the command that is running was called for."""
    group = context.find_root().command
    commands = group.commands if isinstance(group, click.Group) else {}
    return Call(commands, context.params.get("document") or "", context.params.get("url") or "")


def shown(url: str) -> str:
    """Return a URL as a command line takes it; one with a password is not shown, but by the variable of the environment that has it."""
    parts = urlsplit(url)
    has_password = parts.password is not None or "password" in parts.query
    if not has_password and "://" in url:
        return shlex.quote(url)
    return next((f'"${name}"' for name, value in os.environ.items() if value == url), "URL")
