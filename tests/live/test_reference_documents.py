"""The documents of the real world: what is wrong in them is found, each at its line, and put right they build and hold."""

import shutil
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest

from asbuilt.diagnostics import Diagnostic, Severity
from asbuilt.evidence import Verdict
from asbuilt.project import CheckResult, Project, load

ROOT = Path(__file__).parents[2]
SHARED = ROOT / "../shared"
TEMPLATES = {path.stem[:3]: path for path in sorted(SHARED.glob("templates/*.txt"))}
CORPUS = {path.stem: path for path in sorted(SHARED.glob("corpus/*.md")) if path.stem != "README"}
EXAMPLES = {path.stem: path for path in sorted((ROOT / "examples").glob("*.md"))}
DOCUMENTS = {**TEMPLATES, **CORPUS, **EXAMPLES}
_NAMES = ["000", "001", "002", "003", "004", "enterprise-auth-architecture", "momei-database", "as_found", "shop"]
pytestmark = pytest.mark.usefixtures("own_cache")


def document(name: str) -> Path:
    if name not in DOCUMENTS:
        pytest.skip(f"the reference document {name} is not beside the repository")
    return DOCUMENTS[name]


@lru_cache
def checked(name: str) -> CheckResult:
    return load(document(name)).check()


@lru_cache
def fixed(name: str, is_unsafe: bool) -> Project:
    return load(document(name)).fixed(is_unsafe=is_unsafe)


@lru_cache
def checked_when_fixed(name: str, is_unsafe: bool) -> CheckResult:
    return fixed(name, is_unsafe).check()


@pytest.fixture
def copied(tmp_path: Path) -> Iterator[dict[str, Project]]:
    """Keeps what is copied by name; stops its servers at the end."""
    made: dict[str, Project] = {}
    yield made
    for project in made.values():
        project.down(with_data=True)


def copy(name: str, folder: Path) -> Path:
    return Path(shutil.copy(document(name), folder / f"{name}.md"))


def by_code(diagnostics: tuple[Diagnostic, ...]) -> dict[str, list[Diagnostic]]:
    found: dict[str, list[Diagnostic]] = {}
    for diagnostic in diagnostics:
        found.setdefault(diagnostic.code, []).append(diagnostic)
    return found


EXPECTED = {
    "suspicious_pattern": "CHECK (email ~*",
    "reference_undefined": "REFERENCES roles(id)",
    "inline_index": "INDEX idx_commentable",
    "trigger_function_missing": "EXECUTE FUNCTION update_order_user_info()",
    "seed_leaves_out_required": "INSERT INTO users (email, name, status)",
    "index_on_unique": "CREATE INDEX idx_users_email",
    "column_undefined": "tablename,",
    "column_only_in_one_form": "| balance ",
    "polymorphic_without_check": "commentable_type VARCHAR(50)",
}


@pytest.mark.parametrize("code", EXPECTED)
def test_the_faults_of_the_template_are_found_at_their_lines(code: str) -> None:
    source = checked("001").design.source
    (finding,) = by_code(checked("001").diagnostics)[code]
    line = source[source.line_span(source.line_at(finding.span.start))]
    assert EXPECTED[code] in line
    assert finding.help
    assert finding.fixes


@pytest.mark.parametrize("name", _NAMES)
def test_every_error_and_warning_has_a_fix_or_a_help(name: str) -> None:
    found = checked(name).diagnostics
    assert [d for d in found if d.severity != Severity.INFO and not d.help and not d.fixes] == []


@pytest.mark.parametrize("name", _NAMES)
def test_fixing_comes_to_an_end_and_leaves_nothing_that_could_be_fixed(name: str) -> None:
    for is_unsafe in (False, True):
        found = checked_when_fixed(name, is_unsafe).diagnostics
        left = [d for d in found if any(fix.is_safe or is_unsafe for fix in d.fixes)]
        assert [(d.code, d.message) for d in left] == []


@pytest.mark.parametrize("name", _NAMES)
def test_safe_fixes_make_nothing_worse(name: str) -> None:
    before, after = checked(name), checked_when_fixed(name, False)
    assert after.count(Severity.ERROR) <= before.count(Severity.ERROR)
    assert after.count(Severity.WARNING) <= before.count(Severity.WARNING)
    assert set(before.trial.state.tables) <= set(after.trial.state.tables)  # type: ignore[union-attr]


@pytest.mark.parametrize("name", [name for name in _NAMES if name != "as_found"])
def test_with_the_offered_fixes_made_it_builds_and_nothing_is_broken(
    name: str, tmp_path: Path, copied: dict[str, Project]
) -> None:
    path = copy(name, tmp_path)
    path.write_text(fixed(name, True).source.text, encoding="utf-8")
    copied[name] = load(path)
    result = copied[name].up(rows=2)
    assert result.check.count(Severity.ERROR) == 0
    assert result.seeding.problems == ()
    assert [e.claim.subject for e in result.run.evidence if e.verdict == Verdict.BROKEN] == []
    assert any(e.verdict == Verdict.HOLDS for e in result.run.evidence)


def test_the_hurried_example_has_a_dozen_different_faults() -> None:
    found = checked("as_found").diagnostics
    assert len({d.code for d in found if d.severity != Severity.INFO}) >= 12


def test_the_sound_example_is_silent() -> None:
    assert checked("shop").diagnostics == ()


def test_the_readme_tells_how_many_claims_there_are(tmp_path: Path, copied: dict[str, Project]) -> None:
    copied["shop"] = load(copy("shop", tmp_path))
    evidence = copied["shop"].up().run.evidence
    told = {v: sum(e.verdict == v for e in evidence) for v in Verdict}
    line = (
        f"proved  {len(evidence)} claims: ✓ {told[Verdict.HOLDS]} holds, ✗ 0 broken, "
        f"? {told[Verdict.UNKNOWN]} unknown, · {told[Verdict.STATED]} stated"
    )
    assert line in (ROOT / "README.md").read_text(encoding="utf-8")
