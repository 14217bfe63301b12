"""Each rule's Markdown test: documents, and what the rule says of them.

`tests/rules/CODE.md` holds cases: a heading, a document in a ````markdown fence, the rule's findings in a ```text fence.
`--update` writes what is found into the file.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

import asbuilt
from asbuilt.diagnostics import Diagnostic, apply_edits
from asbuilt.document import parse
from asbuilt.model.merging import merge
from asbuilt.reading import read
from asbuilt.rules import PAGES, RULES, check, found_elsewhere
from asbuilt.text import Source

_HERE = Path(__file__).parent
_CASE = re.compile(
    r"^## (?P<name>.+?)\n+````markdown\n(?P<document>.*?)^````\n+```text\n(?P<expected>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_EMITTED = re.compile(r"""(?:\bDiagnostic|\bRepair|\b_kind|\bself\._find)\(\s*"([a-z_]+)\"""")
"""A code where it is emitted outside of the rules."""


@dataclass(frozen=True)
class Case:
    """One document of a rule's test, and the findings that are expected."""

    path: Path
    name: str
    document: str
    expected: str

    @property
    def code(self) -> str:
        return self.path.stem


def _cases() -> list[Case]:
    return [
        Case(path, found["name"], found["document"], found["expected"].strip("\n"))
        for path in sorted(_HERE.glob("*.md"))
        for found in _CASE.finditer(path.read_text())
    ]


def _concise(source: Source, diagnostic: Diagnostic) -> str:
    """Return a finding as `line:column severity[code] message`, its other labels indented below."""
    lines = []
    for label in diagnostic.labels:
        at = source.position(label.span.start)
        lines.append(f"{at.line}:{at.column} {label.text}".rstrip())
    place = lines[0].split(" ")[0]
    head = f"{place} {diagnostic.severity}[{diagnostic.code}] {diagnostic.message}"
    return "\n".join([head, *(f"    {line}" for line in lines[1:])])


def _diagnose(document: str, code: str) -> tuple[Source, list[Diagnostic]]:
    source = Source("design.md", document)
    reading = read(parse(source))
    design = merge(source, reading.facts)
    return source, [d for d in check(design, reading.diagnostics) if d.code == code]


def _findings(case: Case) -> str:
    source, found = _diagnose(case.document, case.code)
    return "\n".join(_concise(source, d) for d in found)


def _write(case: Case, found: str) -> None:
    text = case.path.read_text()
    for match in _CASE.finditer(text):
        if match["name"] == case.name:
            start, end = match.span("expected")
            case.path.write_text(text[:start] + (found + "\n" if found else "") + text[end:])
            return


@pytest.mark.parametrize("case", _cases(), ids=lambda case: f"{case.code}: {case.name}")
def test_rule_finds_what_its_page_promises(case: Case, is_updating: bool) -> None:
    found = _findings(case)
    if is_updating:
        _write(case, found)
    else:
        assert found == case.expected


@pytest.mark.parametrize("case", _cases(), ids=lambda case: f"{case.code}: {case.name}")
def test_every_fix_makes_its_finding_go_away(case: Case) -> None:
    source, found = _diagnose(case.document, case.code)
    for finding in found:
        for fix in finding.fixes:
            _, left = _diagnose(apply_edits(source, fix.edits), case.code)
            assert len(left) < len(found), fix.title


@pytest.mark.parametrize("case", _cases(), ids=lambda case: f"{case.code}: {case.name}")
def test_no_fix_leaves_sql_behind_that_nobody_can_read(case: Case) -> None:
    source, found = _diagnose(case.document, case.code)
    _, unreadable = _diagnose(case.document, "unreadable_sql")
    for fix in (fix for finding in found for fix in finding.fixes):
        _, left = _diagnose(apply_edits(source, fix.edits), "unreadable_sql")
        assert len(left) <= len(unreadable), fix.title


@pytest.mark.parametrize(
    ("code", "fewest"),
    [
        ("cache_key_without_ttl", 1),
        ("cardinality_not_held_by_keys", 2),
        ("rule_against_rule", 2),
        ("unique_against_life_cycle", 1),
    ],
)
def test_these_offer_a_fix_in_every_case_and_both_directions_where_there_are_two(code: str, fewest: int) -> None:
    for case in (case for case in _cases() if case.code == code):
        _, found = _diagnose(case.document, code)
        assert all(len(finding.fixes) >= fewest for finding in found), case.name


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_rule_has_a_page_a_case_that_fires_and_one_that_is_silent(rule) -> None:
    cases = [case for case in _cases() if case.code == rule.code]
    assert all(part in rule.page for part in ("**Why it matters.**", "**Example.**", "**What to do.**"))
    assert any(f"[{rule.code}]" in case.expected for case in cases), "no case makes the rule speak"
    assert any(not case.expected for case in cases), "no case keeps it silent"


def test_codes_are_distinct_and_every_test_belongs_to_a_rule() -> None:
    codes = [rule.code for rule in RULES]
    assert len(codes) == len(set(codes))
    assert not set(codes) & set(found_elsewhere.PAGES)
    assert {path.stem for path in _HERE.glob("*.md")} <= set(PAGES)


def test_every_code_that_is_found_has_a_page() -> None:
    root = Path(asbuilt.__file__).parent
    sources = [p.read_text() for p in root.rglob("*.py") if p.parent.name != "rules"]
    found = {code for text in sources for code in _EMITTED.findall(text)}
    assert found == set(found_elsewhere.PAGES)
    for code, page in found_elsewhere.PAGES.items():
        assert all(part in page for part in ("**Why it matters.**", "**Example.**", "**What to do.**")), code


def test_every_module_that_checks_is_registered() -> None:
    folder = Path(check.__code__.co_filename).parent
    with_check = {
        p.stem for p in folder.glob("*.py") if re.search(r"^def check\(design: Design\)", p.read_text(), re.MULTILINE)
    }
    assert with_check - {"__init__"} == {rule.code for rule in RULES}
