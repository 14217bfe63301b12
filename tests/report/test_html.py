"""The page: well-formed, nothing of the document or the database alive in it, everything that is promised reachable."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from asbuilt.document import parse
from asbuilt.evidence import Verdict
from asbuilt.model.merging import merge
from asbuilt.reading import read
from asbuilt.report import html
from asbuilt.report.grouping import grouped
from asbuilt.text import Source, Span

VOID = {"meta", "img", "br", "input", "link"}


class Page(HTMLParser):
    """The page's elements with their attributes; `problems` are tags that do not match."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.problems: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        self.problems += [f"{tag} is never closed" for tag in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.problems.append(f"</{tag}> closes nothing")

    def of_class(self, name: str) -> list[dict[str, str | None]]:
        return [found for _, found in self.elements if name in (found.get("class") or "").split()]


@pytest.fixture
def text(project, result, run) -> str:
    return html.render(project.reading.document, project.design, result.diagnostics, run)


@pytest.fixture
def page(text) -> Page:
    return Page(text)


def test_every_tag_is_closed_and_every_id_is_there_once(page) -> None:
    ids = [found["id"] for _, found in page.elements if "id" in found]
    assert not page.problems
    assert len(ids) == len(set(ids))


def test_nothing_of_the_document_is_alive(page) -> None:
    tags = [tag for tag, _ in page.elements]
    assert tags.count("script") == 1
    assert not {"img", "i", "iframe", "object"} & set(tags)
    assert not any(name.startswith("on") for _, found in page.elements for name in found)


def test_nothing_is_loaded_from_elsewhere(text, page) -> None:
    links = [found.get("href") or found.get("src") for _, found in page.elements]
    assert all(link.startswith("#") for link in links if link)
    assert not re.search(r"https?://|@import|url\((?!#)", text)


def test_every_link_leads_somewhere(page) -> None:
    ids = {found.get("id") for _, found in page.elements}
    targets = {found["href"][1:] for _, found in page.elements if (found.get("href") or "").startswith("#")}
    assert targets <= ids


def test_each_line_that_promises_something_has_its_chip(page, project, run) -> None:
    lines = {project.source.line_at(e.claim.spans[0].start): e.verdict for e in run.evidence}
    chips = {chip["aria-controls"]: chip for chip in page.of_class("chip")}
    assert chips.keys() == {f"E{line}" for line in lines}
    assert all(verdict in chips[f"E{line}"]["class"].split() for line, verdict in lines.items())
    assert all(chip["aria-label"] and chip["aria-expanded"] == "false" for chip in chips.values())


def test_every_line_of_the_document_is_shown_as_written(text, project) -> None:
    rows = re.findall(r'<div class="row[^>]*id="L(\d+)"', text)
    assert [int(row) for row in rows] == list(range(1, project.source.line_count + 1))
    assert "{{ x }} \N{REPLACEMENT CHARACTER}" in text
    assert "\x00" not in text


def test_evidence_can_be_filtered_by_chapter_and_verdict(page, run) -> None:
    shown = {(found["data-chapter"], found["data-verdict"]) for found in page.of_class("evidence")}
    assert shown == {(e.claim.chapter.value, e.verdict.value) for e in run.evidence}


def test_a_finding_and_its_line_lead_to_each_other(page, result) -> None:
    assert result.diagnostics
    assert {found["href"] for found in page.of_class("flag")} <= {f"#F{n}" for n in range(1, 100)}
    assert len(page.of_class("finding")) == len(grouped(result.diagnostics)) < len(result.diagnostics)


def test_a_reference_to_itself_is_drawn(text) -> None:
    assert "<title>members → members</title>" in text


def test_many_notes_are_folded(project, result, run) -> None:
    few, many = (replace(run, notes=tuple(f"undocumented table t{n}" for n in range(count))) for count in (4, 40))
    assert "<details" not in html.render(project.reading.document, project.design, result.diagnostics, few)
    page = Page(html.render(project.reading.document, project.design, result.diagnostics, many))
    assert not page.problems
    assert len(page.of_class("notes")) == 1
    assert len(page.of_class("note")) == 41


def test_an_entity_in_a_schema_has_its_verdict_in_the_diagram(run) -> None:
    source = Source(
        "design.md", "# Data design\n\n```sql\nCREATE SCHEMA app;\nCREATE TABLE app.users (id int PRIMARY KEY);\n```\n"
    )
    document = parse(source)
    design = merge(source, read(document).facts)
    claim = replace(run.evidence[0].claim, subject="app.users.id", spans=(Span(0, 1),))
    proved = replace(run, evidence=(replace(run.evidence[0], claim=claim, verdict=Verdict.HOLDS),))
    assert '<a class="box holds"' in html.render(document, design, (), proved)
