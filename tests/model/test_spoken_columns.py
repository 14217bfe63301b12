"""The column of a key that only a relationship implies: named by whatever other place of the document names it."""

import pytest

from asbuilt.document import parse
from asbuilt.model.design import Design
from asbuilt.model.merging import merge
from asbuilt.reading import read
from asbuilt.text import Source

_DIAGRAM = "```mermaid\nerDiagram\n    CUSTOMER ||--o{ ORDER : places\n```\n"
_LISTS = "## Customers\n\n- id, email\n\n## Orders\n\n- id, total\n\n"


def design(text: str) -> Design:
    source = Source("design.md", text)
    return merge(source, read(parse(source)).facts)


def query(sql: str) -> str:
    return f"## Query Patterns\n\n```sql\n{sql}\n```\n"


@pytest.mark.parametrize(
    ("place", "column"),
    [
        ("", "customer_id"),
        ("## Indexes\n\n- `orders (buyer_id)`: orders of a buyer\n", "buyer_id"),
        ("## Constraints\n\n- Unique: `orders (buyer_id, total)`\n", "buyer_id"),
        (query("SELECT * FROM orders WHERE buyer_id = ?;"), "buyer_id"),
        (query("SELECT o.id FROM orders o JOIN customers c ON c.id = o.customer_ref;"), "customer_ref"),
        (query("INSERT INTO orders (id, buyer_id) VALUES (?, ?);"), "buyer_id"),
        ("## Privacy\n\n### PII\n\n- `orders.buyer_id` - who bought\n", "buyer_id"),
        ('## Example\n\n### Order\n\n```json\n{"id": 1, "customerId": 7}\n```\n', "customerId"),
        ("### Order\n\n| Field | Type |\n|---|---|\n| buyer_id | UUID |\n", "buyer_id"),
    ],
    ids=["nowhere", "index", "unique", "where", "join", "insert", "personal data", "example", "field table"],
)
def test_a_key_has_the_name_that_some_place_gives_it(place: str, column: str) -> None:
    found = design(f"# Shop\n\n{_LISTS}{_DIAGRAM}\n{place}")
    orders = found.entity("orders")
    assert [(key.columns, key.target) for key in orders.foreign_keys] == [((column,), "customers")]
    assert {f.name for f in orders.fields} == {"id", "total", column}
    (reason,) = [a.reason for a in found.assumptions if a.assumed == "references customers"]
    assert reason.startswith("the relationship needs a key")


def test_the_place_that_names_the_column_is_the_columns_place() -> None:
    text = f"# Shop\n\n{_LISTS}{_DIAGRAM}\n## Indexes\n\n- `orders (buyer_id)`: orders of a buyer\n"
    found = design(text)
    assert found.source[found.entity("orders").field("buyer_id").span] == "buyer_id"


@pytest.mark.parametrize("column", ["external_id", "tracking_id", "quantity"])
def test_what_is_no_key_of_ours_is_not_taken_for_one(column: str) -> None:
    found = design(f"# Shop\n\n{_LISTS}{_DIAGRAM}\n## Indexes\n\n- `orders ({column})`: look-ups\n")
    assert found.entity("orders").foreign_keys[0].columns == ("customer_id",)


def test_a_column_that_nobody_names_is_spelled_as_the_others_are() -> None:
    found = design(
        f"# Shop\n\n## Orders\n\n- `id` (uuid)\n- `placedAt` (timestamp)\n- `totalPrice` (decimal)\n\n{_DIAGRAM}"
    )
    assert found.entity("orders").foreign_keys[0].columns == ("customerId",)


def test_a_joining_table_keeps_the_columns_that_it_lists() -> None:
    text = (
        "# School\n\n## Relationships\n\n- Student N:M Course via Enrollment\n\n## Enrollment\n\n"
        "| Field | Type |\n|---|---|\n| studentRef | UUID |\n| courseRef | UUID |\n| grade | INT |\n"
    )
    joining = design(text).entity("Enrollment")
    assert [f.name for f in joining.fields] == ["studentRef", "courseRef", "grade"]
    assert [(k.columns, k.target) for k in joining.foreign_keys] == [
        (("studentRef",), "students"),
        (("courseRef",), "courses"),
    ]


def test_names_in_one_line_under_an_entitys_heading_are_its_fields() -> None:
    found = design(f"# Shop\n\n{_LISTS}")
    assert {e.name: [f.name for f in e.fields] for e in found.entities} == {
        "customers": ["id", "email"],
        "orders": ["id", "total"],
    }
