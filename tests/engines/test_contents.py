"""Rows as they were read: packed, shared by readings that have them alike, and like any mapping to look at."""

from asbuilt.engines.contents import Rows, is_alike, packed

NAMES = ("id", "name")
FIRST = packed(NAMES, [(("1",), ("1", "a")), (("2",), ("2", None)), (("3",), ("3", ""))])


def read(*rows: tuple[str, str | None], names: tuple[str, ...] = NAMES, known: Rows | None = FIRST) -> Rows:
    return packed(names, [((row[0],), row) for row in rows], known)


def test_they_are_what_was_read() -> None:
    assert FIRST == {
        ("1",): {"id": "1", "name": "a"},
        ("2",): {"id": "2", "name": None},
        ("3",): {"id": "3", "name": ""},
    }
    assert len(FIRST) == 3
    assert FIRST.get(("4",)) is None
    assert FIRST.keys() - {("1",)} == {("2",), ("3",)}


def test_what_is_as_it_was_is_kept_once() -> None:
    again = read(("1", "a"), ("2", "b"), ("4", "new"))
    assert again.entry(("1",)) is FIRST.entry(("1",))
    assert again[("2",)] == {"id": "2", "name": "b"}
    assert FIRST[("2",)] == {"id": "2", "name": None}
    assert again.keys() == {("1",), ("2",), ("4",)}


def test_alike_is_what_has_the_same_columns_and_values() -> None:
    again = read(("1", "a"), ("2", ""), known=None)
    assert is_alike(FIRST, again, ("1",))
    assert not is_alike(FIRST, again, ("2",))
    assert not is_alike(FIRST, again, ("3",))
    assert not is_alike(FIRST, read(("1", "a"), names=("id", "label")), ("1",))
    assert not is_alike(FIRST, {("1",): {"id": "1", "name": "a"}}, ("1",)), "looked into elsewhere"
    assert read(("1", "a"), names=("id", "label"))[("1",)] == {"id": "1", "label": "a"}
