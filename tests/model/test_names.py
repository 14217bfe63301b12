"""Names: one normal form for every spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asbuilt.model.names import did_you_mean, normal, plural, singular, words

WORDS = st.lists(st.sampled_from(["user", "order", "item", "tag", "profile", "invoice"]), min_size=1, max_size=3)


@pytest.mark.parametrize(
    "spelling",
    ["OrderItem", "order_items", "OrderItems", "order-item", "ORDER_ITEMS", "Order Items Table", "orderItem"],
)
def test_one_entity_has_one_normal_form(spelling: str) -> None:
    assert normal(spelling) == "order_item"


@pytest.mark.parametrize(
    ("many", "one"),
    [("categories", "category"), ("statuses", "status"), ("boxes", "box"), ("people", "person"), ("news", "news"), ("address", "address")],
)  # fmt: skip
def test_plurals_lose_their_ending(many: str, one: str) -> None:
    assert singular(many) == one


@given(WORDS)
def test_case_and_separator_do_not_matter(parts: list[str]) -> None:
    snake, pascal = "_".join(parts), "".join(part.capitalize() for part in parts)
    assert normal(snake) == normal(pascal) == normal(snake.upper())


@given(WORDS)
def test_plural_and_singular_meet(parts: list[str]) -> None:
    assert normal("_".join([*parts[:-1], plural(parts[-1])])) == normal("_".join(parts))


@given(st.text(max_size=40))
def test_any_text_has_a_normal_form_that_stays(name: str) -> None:
    once = normal(name)
    assert isinstance(once, str)
    assert words(name) == words(name)


def test_a_slip_of_the_pen_is_recognised() -> None:
    assert did_you_mean("usres", ["orders", "users"]) == "users"
    assert did_you_mean("invoices", ["orders", "users"]) is None
