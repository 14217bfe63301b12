"""Positions: every offset leads to a line and a column, and back."""

from hypothesis import given
from hypothesis import strategies as st

from asbuilt.text import Excerpt, Position, Source, Span


def test_lines_end_at_any_kind_of_line_break() -> None:
    source = Source("x.md", "one\ntwo\r\nthree\rfour")
    assert [source[source.line_span(n)] for n in range(1, 5)] == ["one", "two", "three", "four"]
    assert source.line_count == 4


def test_a_final_line_break_opens_no_line() -> None:
    assert Source("x.md", "one\n").line_count == 1
    assert Source("x.md", "").line_count == 1


def test_columns_count_code_points_from_one() -> None:
    source = Source("x.md", "ab\n字段x")
    assert source.position(source.text.index("x")) == Position(2, 3)


@given(st.text(alphabet="ab\r\n字", max_size=60), st.data())
def test_every_offset_lies_in_the_line_it_is_said_to_lie_in(text: str, data: st.DataObject) -> None:
    source = Source("x.md", text)
    offset = data.draw(st.integers(0, len(text)))
    at = source.position(offset)
    assert source.line_starts[at.line - 1] + at.column - 1 == offset


def test_a_span_touches_the_lines_it_stands_on() -> None:
    source = Source("x.md", "one\ntwo\nthree")
    assert list(source.lines_of(Span(2, 6))) == [1, 2]
    assert list(source.lines_of(Span(4, 7))) == [2]
    assert list(source.lines_of(Span(0, 4))) == [1]


def test_an_excerpt_leads_back_where_markdown_was_undone() -> None:
    source = Source("x.md", "| user\\_id |")
    excerpt = Excerpt("user_id", ((0, 2), (4, 7)))
    assert source[excerpt.span()] == "user\\_id"
    assert source[excerpt.span(5, 7)] == "id"
    assert source[excerpt.cut(5, 7).span()] == "id"


@given(st.text(max_size=30), st.integers(0, 50), st.data())
def test_cutting_an_excerpt_keeps_every_offset(text: str, offset: int, data: st.DataObject) -> None:
    excerpt = Excerpt.at(text, offset)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    cut = excerpt.cut(start, end)
    assert cut.text == text[start:end]
    assert [cut.offset(i) for i in range(len(cut.text))] == [excerpt.offset(start + i) for i in range(len(cut.text))]


def test_covering_takes_in_all_spans() -> None:
    assert Span.cover([Span(5, 9), Span(2, 3)]) == Span(2, 9)
    assert Span(3, 4) in Span(2, 9)
    assert Span(8, 10) not in Span(2, 9)
    assert Span(8, 10).overlaps(Span(2, 9))
    assert not Span(9, 10).overlaps(Span(2, 9))
