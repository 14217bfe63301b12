"""The generated client in an editor: what is offered while a program is written, and what is told of what stands there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.access.language_server import LanguageServer, language_server

import asbuilt
from asbuilt.access.deriving import schema_of
from asbuilt.cache.compiling import cache_plan
from asbuilt.generating.python import python

SHOP = Path(__file__).parents[2] / "examples" / "shop.md"
BEFORE = """from shop_data import Data


async def main(data: Data) -> None:
    orders = data.orders.fields
    row = await data.orders.include("user").include("items.product").one()
    """
ORDER = {"id", "number", "user_id", "coupon_id", "status", "total", "ordered_at", "created_at", "updated_at"}
RELATIONS = {"user", "coupon", "items", "payments", "shipments"}
OFFERED = [
    ("data.", {"orders", "order_items", "users", "transaction", "cache", "session_store"}),
    ("data.orders.where(", {f"{name}=" for name in ORDER}),
    ("data.orders.where(orders.", ORDER | RELATIONS),
    ('data.orders.where(status="', {"pending", "paid", "shipped", "delivered", "cancelled"}),
    ('data.orders.include("', {*RELATIONS, "items.product", "user.addresses"}),
    ("data.orders.include(", {*RELATIONS, *(f"{name}=" for name in RELATIONS)}),
    ('data.orders.order("', {*ORDER, *(f"-{name}" for name in ORDER)}),
    ("data.orders.create(", {f"{name}=" for name in ORDER - {"number"}}),
    ("orders.user.", {"email", "name", "addresses"}),
    ("orders.items.fields.", {"quantity", "product"}),
    ("row.", ORDER | RELATIONS),
    ("row.user.", {"email", "name"}),
    ("row.items[0].product.", {"sku", "price"}),
    ('data.cache.forget("', {"user:{userId}", "product:{productId}", "session:{tokenHash}"}),
    ('data.transaction("', {"read committed", "repeatable read", "serializable"}),
    ('Data("", ', {"cache=", "size=", "secret="}),
]
TOLD = [
    ("data.orders.where", "Only rows that fulfil all conditions"),
    ("data.orders.include", "With the related rows"),
    ("data.orders.get", "raises `RowNotFound`"),
    ("data.orders.where(total=5).update", "Change all these rows"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageServer]:
    project = asbuilt.load(SHOP)
    trial = project.check().trial
    assert trial
    folder = tmp_path_factory.mktemp("editor")
    client = python(schema_of(trial.state, project.design), cache_plan(trial.state, project.design))
    (folder / "shop_data.py").write_text(client)
    with language_server(folder) as found:
        yield found


@pytest.mark.parametrize(("written", "wanted"), OFFERED, ids=[written for written, _ in OFFERED])
def test_what_comes_next_is_offered(server: LanguageServer, written: str, wanted: set[str]) -> None:
    assert wanted <= set(server.offered(BEFORE + written))


@pytest.mark.parametrize(("written", "wanted"), TOLD, ids=[written for written, _ in TOLD])
def test_what_stands_there_is_told(server: LanguageServer, written: str, wanted: str) -> None:
    assert wanted in server.told(BEFORE + written)
