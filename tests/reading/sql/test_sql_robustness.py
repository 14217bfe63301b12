"""Whatever the text: no exception, exact places; the boundaries of tokens are PostgreSQL's."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sql_reading import SHARED, Read, read_fence, read_markdown

from asbuilt.model.entities import EntityMention, IndexMention
from asbuilt.model.sql import SqlStatement, UnreadableSql
from asbuilt.reading.sql.lexing import tokenize
from asbuilt.reading.sql.rewriting import Change, rewritten
from asbuilt.text import Excerpt

WORDS = ["CREATE TABLE t (", "a int", ",", ")", ";", "\n", "'", '"', "$$", "$", "--", "/*", "*/", "`", "BEGIN", "END", "...", "[x y]", "é名", "CREATE MIGRATION m",
         "INDEX i (a)", "SELECT 1", "?", ":a", "CHECK (a > 0)", "AS", "LANGUAGE sql", "ENUM('a')", "\\c x", "(", "UNIQUE KEY", "ALTER TABLE t ADD"]  # fmt: skip
SAMPLE = (
    "-- é\nCREATE TABLE a (id int PRIMARY KEY, k text CHECK (k IN ('x', 'y')), INDEX i (k));\nCREATE FUNCTION f() RETURNS int AS $\nx\n$ LANGUAGE sql;\n"
    "ALTER TABLE a ADD b numeric(10,2) DEFAULT 0, ALTER k SET NOT NULL;\nSELECT * FROM a WHERE k = ? AND b > :b;\n-- Uses index: i\nCREATE INDEX j ON a (lower(k)) WHERE b > 0;"
)


def check_places(read: Read) -> None:
    length = len(read.source.text)
    for fact in read.facts:
        assert 0 <= fact.span.start <= fact.span.end <= length
        if isinstance(fact, SqlStatement | UnreadableSql):
            assert read.at(fact.span) == fact.text.text
        if isinstance(fact, SqlStatement):
            assert all(need.span.end <= length for need in fact.needs)
        if isinstance(fact, EntityMention):
            assert all(f.name_span in f.span or f.name_span.end <= length for f in fact.fields)
    for diagnostic in read.diagnostics:
        assert all(0 <= label.span.start <= label.span.end <= length for label in diagnostic.labels)


@settings(max_examples=150)
@given(st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join))
def test_fragments_of_sql_never_fail(text: str) -> None:
    check_places(read_fence(text))


@settings(max_examples=100)
@given(st.text(st.characters(exclude_characters="\r\0"), max_size=80))
def test_any_text_is_taken(text: str) -> None:
    check_places(read_fence(text, language="sql"))


@settings(max_examples=150)
@given(st.integers(0, len(SAMPLE)), st.integers(0, 12), st.text(alphabet="();,'\"$-`é \n?[].", max_size=4))
def test_changed_sql_never_fails(at: int, length: int, text: str) -> None:
    check_places(read_fence(SAMPLE[:at] + text + SAMPLE[at + length :]))


@given(
    st.text(min_size=1, max_size=30),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 5), st.text(max_size=3)), max_size=4),
)
def test_what_is_left_of_a_rewritten_text_leads_back(text: str, wanted: list[tuple[int, int, str]]) -> None:
    excerpt = Excerpt.at("<<" + text, 0).cut(2, len(text) + 2)
    changes = tuple(Change(min(s, len(text)), min(s + n, len(text)), "\0" * len(new)) for s, n, new in wanted)
    made = rewritten(excerpt, changes)
    for index, char in enumerate(made.text):
        if char != "\0":
            assert ("<<" + text)[made.offset(index)] == char
    assert made.span().end <= len(text) + 2


def suites() -> list[str]:
    import yaml

    found = sorted((SHARED / "suites" / "sqldef").glob("psqldef_*.yml"))
    cases = [case for path in found for case in yaml.safe_load(path.read_text("utf-8")).values()]
    return [
        text
        for case in cases
        for key in ("current", "desired")
        if isinstance(text := case.get(key), str) and text.strip()
    ]


def test_every_statement_of_a_suite_of_definitions_is_read() -> None:
    import postgast

    texts = suites()
    if not texts:
        pytest.skip("the suite of definitions is not here")
    for text in texts:
        read = read_fence(text)
        assert len(read.statements) == len(postgast.split(text)), text
        assert not read.of(UnreadableSql), text
        assert not read.diagnostics, text
        assert all(s.creates for s in read.statements if s.kind.startswith("create")), text


def test_token_boundaries_are_those_of_the_server() -> None:
    import postgast

    texts = suites()
    if not texts:
        pytest.skip("the suite of definitions is not here")
    for text in (t for t in texts if t.isascii()):
        theirs = [(t.start, t.end) for t in postgast.scan(text).tokens]
        assert [(t.start, t.end) for t in tokenize(text)] == theirs, text


@pytest.mark.parametrize(
    "name", ["000_d2a76629ee470c9e", "001_de0830f9360538d0", "003_8e340563a60b6865", "004_5f1bea2d45c02f46"]
)
def test_templates_have_nothing_unreadable(name: str) -> None:
    path = SHARED / "templates" / f"{name}.txt"
    if not path.exists():
        pytest.skip("the templates are not here")
    read = read_markdown(path.read_text("utf-8"))
    assert not read.of(UnreadableSql)
    check_places(read)
    for index in read.of(IndexMention):
        assert [read.at(k.span) for k in index.keys] == [k.text for k in index.keys]
