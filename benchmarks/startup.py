"""How soon the command line answers."""

import subprocess
import sys
from pathlib import Path

from benchmarks.measuring import Figure, compare

ASBUILT = str(Path(sys.executable).parent / "asbuilt")


def run() -> list[Figure]:
    bare = [sys.executable, "-c", "import click"]
    return [
        compare(
            "asbuilt --help",
            lambda: _call([ASBUILT, "--help"]),
            "python -c 'import click'",
            lambda: _call(bare),
            bound=200,
        ),
        compare(
            "asbuilt explain", lambda: _call([ASBUILT, "explain"]), "python -c 'import click'", lambda: _call(bare)
        ),
    ]


def _call(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True)
