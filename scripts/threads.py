"""Makes `access/sync/` and `cache/sync/`, for programs with threads, of `access/aio/` and `cache/aio/`: nothing awaited.

What differs in kind is written by hand on both sides: the driver, the link, and waiting for one another.

    python -m scripts.threads           writes the files
    python -m scripts.threads --check   exits with 1 where they are not current
"""

import re
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src" / "asbuilt"
ROOMS = (SOURCE / "access", SOURCE / "cache")
BY_HAND = frozenset({"driver.py", "link.py", "waiting.py"})
_CHANGES = (
    (r"\basync (def|with|for)\b", r"\1"),
    (r"\bawait ", ""),
    (r"\bAsync(Iterator|Iterable)\b", r"\1"),
    (r"\basynccontextmanager\b", "contextmanager"),
    (r"__a(enter|exit)__", r"__\1__"),
    (r"\bAwaitable\[((?:[^\[\]]|\[[^\[\]]*\])*)\]", r"\1"),
    (r"\bAwaitable, ", ""),
    (r"\basbuilt\.(access|cache)\.aio\b", r"asbuilt.\1.sync"),
    (r"asynchronous programs", "programs with threads"),
    (r"`async with`", "`with`"),
    (r"for asyncio", "for threads"),
    (r"among all tasks", "among all threads"),
    (r"to the task that", "to the thread that"),
    (r"another task\b", "another thread"),
    (r"in this task\b", "in this thread"),
)


def made(source: str) -> str:
    """Return a source with nothing awaited in it."""
    for old, new in _CHANGES:
        source = re.sub(old, new, source)
    for command in (["check", "--fix", "--quiet", "--select", "I,F401"], ["format", "--quiet"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--stdin-filename", str(ROOMS[0] / "sync" / "made.py"), "-"],
            input=source, capture_output=True, text=True, check=True,
        )  # fmt: skip
        source = done.stdout
    return source


def files() -> dict[Path, str]:
    """Return what each file has to hold."""
    return {
        room / "sync" / path.name: made(path.read_text(encoding="utf-8"))
        for room in ROOMS
        for path in sorted((room / "aio").glob("*.py"))
        if path.name not in BY_HAND
    }


def main(arguments: list[str]) -> int:
    stale = {
        path: text for path, text in files().items() if not path.exists() or path.read_text(encoding="utf-8") != text
    }
    if "--check" in arguments:
        print("\n".join(f"{path} is not current" for path in stale))
        return 1 if stale else 0
    for path, text in stale.items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
