"""The house is as drawn: who may import whom, how long things are, what may not be named."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "asbuilt"
MODULES = sorted(SOURCE.rglob("*.py"))

# room -> the rooms that it may import; a file directly under asbuilt/ is a room of its own
MAY_IMPORT: dict[str, set[str]] = {
    "text": set(),
    "diagnostics": {"text"},
    "errors": {"text"},
    "evidence": {"text"},
    "spans": set(),
    "sql_parser": set(),
    "server_url": set(),
    "document": {"text", "diagnostics"},
    "model": {"text", "evidence"},
    "reading": {"text", "sql_parser", "diagnostics", "evidence", "document", "model"},
    "rules": {"text", "diagnostics", "evidence", "model", "reading"},
    "engines": {"text", "sql_parser", "server_url", "diagnostics", "errors", "evidence", "model", "reading"},
    "plan": {"text", "errors", "evidence", "model", "engines"},
    "seed": {"text", "sql_parser", "errors", "evidence", "model", "engines"},
    "verify": {"text", "errors", "evidence", "model", "engines", "seed"},
    "volume": {"text", "errors", "evidence", "model", "engines", "seed", "verify"},
    "cache": {"text", "errors", "evidence", "spans", "model", "engines"},
    "access": {"text", "server_url", "errors", "evidence", "spans", "model", "reading", "engines", "cache"},
    "generating": {"model", "access", "cache"},
    "writing": {"text", "diagnostics", "engines"},
    "report": {"text", "server_url", "diagnostics", "errors", "evidence", "document", "model", "reading", "rules", "engines", "plan", "seed", "verify", "volume", "project", "asbuilt"},
    "project": {"text", "server_url", "diagnostics", "errors", "evidence", "document", "model", "reading", "rules", "engines", "plan", "seed", "verify", "volume", "writing", "access", "cache", "generating", "report"},
    "cli": {"text", "errors", "project", "report", "cli", "asbuilt", "engines"},
    "asbuilt": {"text", "diagnostics", "errors", "evidence", "project"},
}  # fmt: skip
# `reading` lends the rules, engines and data access its pure SQL expressions, nothing else.
LENT = ("asbuilt.reading.sql.expressions", "asbuilt.reading.sql.shapes")
LENT_TREES = (*LENT, "asbuilt.reading.sql.syntax")
# From engines, promises see the protocols and the states; from `project` the report sees types only.
ENGINE_NEUTRAL = (
    "asbuilt.engines.base",
    "asbuilt.engines.changers",
    "asbuilt.engines.changes",
    "asbuilt.engines.contents",
    "asbuilt.engines.inherited",
    "asbuilt.engines.journal",
    "asbuilt.engines.state",
    "asbuilt.engines.statistics",
)


def room_of(path: Path) -> str:
    relative = path.relative_to(SOURCE)
    if len(relative.parts) == 1:
        return "asbuilt" if relative.stem == "__init__" else relative.stem
    return relative.parts[0]


def imports_of(path: Path) -> set[str]:
    """Return the modules of ours that a file imports, wherever in it, type checking apart."""
    found: set[str] = set()
    for node in _runtime_nodes(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.split(".")[0] == "asbuilt"}
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "asbuilt":
            found |= {f"{node.module}.{a.name}" if _is_module(node.module, a.name) else node.module for a in node.names}
    return found


def _is_module(package: str, name: str) -> bool:
    folder = SOURCE.parent.joinpath(*package.split("."))
    return (folder / f"{name}.py").exists() or (folder / name / "__init__.py").exists()


def _runtime_nodes(node: ast.AST):
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        yield child
        yield from _runtime_nodes(child)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_a_module_imports_only_what_the_picture_allows(path: Path) -> None:
    room = room_of(path)
    for module in imports_of(path):
        parts = module.split(".")
        other = parts[1] if len(parts) > 1 else "asbuilt"
        if other == "__version__" or other == room:
            continue
        assert other in MAY_IMPORT[room], f"{room} may not import {module}"
        if other == "reading" and room in ("rules", "engines"):
            assert module.startswith(LENT), f"{room} may import only {LENT} of reading, not {module}"
        if other == "reading" and room == "access":
            assert module.startswith(LENT_TREES), f"{room} may import only {LENT_TREES} of reading, not {module}"
        if other == "engines" and room in ("plan", "seed", "verify", "volume", "writing", "access"):
            assert module.startswith(ENGINE_NEUTRAL), f"{room} may see only the protocols of engines, not {module}"


def test_engines_never_import_each_other() -> None:
    engines = [p.name for p in (SOURCE / "engines").iterdir() if p.is_dir() and (p / "__init__.py").exists()]
    for engine in engines:
        for path in (SOURCE / "engines" / engine).rglob("*.py"):
            others = {e for e in engines if e != engine}
            assert not any(m.startswith(f"asbuilt.engines.{o}") for m in imports_of(path) for o in others), path


def test_modules_do_not_import_each_other_in_circles() -> None:
    graph = {_module_name(path): imports_at_top(path) for path in MODULES}
    done: set[str] = set()

    def visit(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, " -> ".join((*above, name))
        if name in done or name not in graph:
            return
        for other in graph[name]:
            visit(other, (*above, name))
        done.add(name)

    for name in graph:
        visit(name, ())


def imports_at_top(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("asbuilt"):
            found |= {f"{node.module}.{a.name}" if _is_module(node.module, a.name) else node.module for a in node.names}
    return found - {_module_name(path)}


def _module_name(path: Path) -> str:
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_a_file_is_a_room_not_a_hall(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def functions() -> list[tuple[str, int]]:
    found = []
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                name = f"{path.relative_to(SOURCE)}:{node.lineno} {node.name}"
                found.append((name, (node.end_lineno or node.lineno) - node.lineno + 1))
    return found


def test_functions_are_short() -> None:
    lengths = sorted(length for _, length in functions())
    assert not [name for name, length in functions() if length > 60]
    assert lengths[len(lengths) // 2] <= 10
    assert lengths[int(len(lengths) * 0.9)] <= 25


def test_modules_are_named_for_what_they_hold() -> None:
    unspeaking = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "base_utils"}
    assert not [p for p in MODULES if p.stem in unspeaking]
