"""Strings from regular expressions, and conditions read from checks."""

import pytest

from asbuilt.seed.conditions import ways
from asbuilt.seed.dice import Dice
from asbuilt.seed.limits import choose, combine, is_consistent
from asbuilt.seed.pattern import generate, matches

PATTERNS = (
    r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$",
    r"^\+?[1-9]\d{1,14}$",
    "^[A-Z]{3}-[0-9]{4,6}$",
    "^(a|bc)+$",
    "^[[:alpha:]][[:alnum:]_]*$",
    "^#[0-9a-fA-F]{6}$",
    "^[a-z0-9]+(?:-[a-z0-9]+)*$",
    r"^\d{4}-\d{2}$",
    "^[^@ ]+@[^@ ]+$",
    r"^https?://",
    "^[A-Z|a-z]{2}$",
)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_what_is_generated_matches(pattern: str) -> None:
    for number in range(50):
        text = generate(pattern, Dice("test", number))
        assert text is not None
        assert matches(pattern, text)


def test_a_limit_is_kept_or_nothing_comes() -> None:
    assert all(len(generate("^[a-z]+$", Dice(n), limit=3) or "") <= 3 for n in range(50))
    assert generate("^[a-z]{9}$", Dice(1), limit=3) is None


@pytest.mark.parametrize("pattern", ["^(?=.*[0-9]).+$", r"^(a)\1$", "a(", "[a"])
def test_what_is_not_understood_is_declined(pattern: str) -> None:
    assert generate(pattern, Dice(1)) is None


def test_a_condition_has_one_way_for_each_alternative() -> None:
    assert len(ways("(a IS NULL) OR (a > 0 AND b = 'x')")) == 2
    assert len(ways("num_nonnulls(a, b, c) = 1")) == 3
    assert not _is_opaque("status = ANY (ARRAY['a'::text, 'b'::text]) AND length(name) > 2")
    assert _is_opaque("jsonb_typeof(a) = 'object'")


def _is_opaque(condition: str) -> bool:
    return any(atom.kind == "opaque" for way in ways(condition) for atom in way)


def test_not_goes_inside() -> None:
    (way,) = ways("NOT (a = 'x' OR b IS NULL)")
    assert [(atom.kind, atom.column) for atom in way] == [("none of", "a"), ("not null", "b")]


def test_limits_meet() -> None:
    (way,) = ways("price >= 1 AND price < 10 AND status IN ('a', 'b') AND status <> 'b'")
    limits = combine(way)
    assert (limits["price"].low, limits["price"].high) == (("1", True), ("10", False))
    assert limits["status"].allowed == ("a",)


def test_ways_that_exclude_each_other_are_not_chosen_together() -> None:
    alternatives = [ways("(kind = 'a' AND x IS NULL) OR (kind = 'b' AND x IS NOT NULL)"), ways("kind = 'b'")]
    for number in range(20):
        chosen = choose(alternatives, Dice(number))
        assert is_consistent(chosen)
        assert any(atom.kind == "not null" for atom in chosen)


def test_dice_fall_the_same_way_for_the_same_words() -> None:
    one, again, other = Dice("a", 1), Dice("a", 1), Dice("a", 2)
    first = [one.below(1000) for _ in range(20)]
    assert first == [again.below(1000) for _ in range(20)]
    assert first != [other.below(1000) for _ in range(20)]
    assert all(0 <= n < 1000 for n in first)
