"""Firestore's collections: paths in fences, trees, lists and headings."""

import pytest

from asbuilt.document import parse
from asbuilt.model.entities import Store
from asbuilt.model.merging import merge
from asbuilt.reading import read
from asbuilt.text import Source

_USERS = {"users": ["email", "name"], "orders": ["total"]}
_INDENTED = (
    "```\nusers/{userId}\n  email: string\n  name: string\n\nusers/{userId}/orders/{orderId}\n  total: number\n```\n"
)
_TREE = (
    "```\nfirestore/\n├── users/{userId}\n│   ├── email (string)\n│   ├── name: string # shown\n"
    "│   └── orders/{orderId}\n│       └── total: number\n```\n"
)
_NESTED = "```\nusers/\n  {userId}/\n    email: string\n    name: string\n    orders/\n      {orderId}\n        total: number\n```\n"
_SLASHED = "```\n/users/{uid}\n  ├── email: string\n  ├── name: string\n  └── /orders/{orderId}\n        └── total: number\n```\n"
_LIST = (
    "- `users/{userId}`\n  - `email`: string\n  - `name`: string\n"
    "- `users/{userId}/orders/{orderId}`\n  - `total`: number\n"
)
_HEADINGS = (
    "### `users/{userId}`\n\n| Field | Type |\n|---|---|\n| email | string |\n| name | string |\n\n"
    "### /users/{userId}/orders/{orderId}\n\n- `total`: number\n"
)


def collections(text: str) -> dict[str, list[str]]:
    source = Source("design.md", text)
    reading = read(parse(source))
    assert not reading.coverage.not_understood
    entities = merge(source, reading.facts).entities
    assert all(entity.store == Store.FIRESTORE for entity in entities)
    return {entity.name: [field.name for field in entity.fields] for entity in entities}


@pytest.mark.parametrize(
    "form",
    [_INDENTED, _TREE, _NESTED, _SLASHED, _LIST, _HEADINGS],
    ids=["indented", "tree", "nested", "slashed", "list", "headings"],
)
def test_a_collection_has_the_fields_below_its_path(form: str) -> None:
    assert collections(f"# Firestore\n\n## Collections\n\n{form}") == _USERS


def test_parts_of_a_map_are_no_fields_of_the_collection() -> None:
    text = "```\nusers/{userId}\n  address: map\n    street: string\n  email?: string\n```\n"
    assert collections(f"# Firestore\n\n{text}") == {"users": ["address", "email"]}


@pytest.mark.parametrize(
    "text",
    [
        "# API\n\n### /users/{id}\n\n| Name | Type |\n|---|---|\n| page | integer |\n",
        "# API\n\n### `/users/{id}`\n\n| Name | Type |\n|---|---|\n| page | integer |\n",
        "# API\n\n```\n/users/{id}\n/users/{id}/orders/{orderId}\n```\n",
        "# API\n\n### GET /users/{id}\n\n- `page`: integer\n",
    ],
)
def test_paths_of_an_api_are_no_collections(text: str) -> None:
    source = Source("design.md", text)
    assert [e.name for e in merge(source, read(parse(source)).facts).entities if e.store == Store.FIRESTORE] == []
