"""A shop on the client that asbuilt writes from its document: what can be asked and written is known by name and type.

asbuilt up examples/shop.md
asbuilt generate python examples/shop.md -o examples/shop_data.py
python examples/shop_app.py
"""

import asyncio
import random
import time
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid4

from local_redis import local_redis
from shop_data import Data, Order, OrderItem, Product, User
from trips import Trips

import asbuilt
from asbuilt.access import Conflict, Duplicate, count, highlight, sum_of

DOCUMENT = Path(__file__).parent / "shop.md"
CUSTOMERS = 8
ORDERS = 20


class SoldOut(Exception):
    """There is not as much of a product as somebody wants."""


async def stock_up(data: Data) -> list[Product]:
    """New products, each with its stock: all of them or none."""
    books = await data.categories.where(slug="books").one()
    topics = ("Databases", "Documents", "Caches", "Queries", "Keys", "Indexes", "Clocks", "Queues", "Types", "Tests")
    async with data.transaction():
        products = await data.products.create_all(
            [
                {"category_id": books.id, "sku": f"B-{uuid4().hex[:8]}", "name": f"A Design Book of {topic}", "price": 20 + n}
                for n, topic in enumerate(topics)
            ]
        )  # fmt: skip
        await data.stock_levels.create_many([{"product_id": product.id, "on_hand": 500} for product in products])
    return products


async def sign_up(data: Data, email: str) -> tuple[User, str]:
    """A new customer, and the token of the session that begins; what the document does not allow never gets to the server."""
    try:
        user = await data.users.create(email=email, name=email.partition("@")[0], password_hash="argon2id$…")
    except Duplicate:
        user = await data.users.where(email=email).one()
    session = await data.session_store.start(user.id)
    return user, session.token


async def who(data: Data, token: str) -> User | None:
    """Who a request comes from: the session and the user both come from the cache, once they have been read."""
    session = await data.session_store.touch(token)
    return await data.users.get(session.user_id) if session else None


async def find(data: Data, words: str) -> list[tuple[UUID, str, Decimal]]:
    """Products by the document's full-text index, the best first, with the words that were found marked."""
    products = data.products.fields
    found = data.products.search(words).where(products.stock_level.available > 0, is_active=True)
    return await found.select(products.id, highlight(products.name), products.price).limit(10).all()


async def place(data: Data, user: User, wanted: Mapping[UUID, int]) -> Order:
    """An order with its items, and the stock reserved: all of it, or nothing. What others wait for comes last."""
    stock = data.stock_levels.fields
    async with data.transaction():
        products = [product for product in await data.products.get_many(sorted(wanted)) if product]
        total = sum((product.price * wanted[product.id] for product in products), Decimal(0))
        order = await data.orders.create(user_id=user.id, total=total)
        await data.order_items.create_all(
            [
                {"order_id": order.id, "product_id": product.id, "quantity": wanted[product.id], "unit_price": product.price}
                for product in products
            ]
        )  # fmt: skip
        for product in products:
            enough = data.stock_levels.where(stock.available >= wanted[product.id], product_id=product.id)
            if not await enough.update(reserved=stock.reserved + wanted[product.id]):
                raise SoldOut(product.name)
    return order


async def history(data: Data, user: User) -> list[str]:
    """All orders of a customer, newest first, page by page; what is in them comes in the same statement."""
    orders = data.orders.where(user_id=user.id).include(items=data.order_items.include("product")).order("-ordered_at")
    page = await orders.page(5)
    lines = [_line(order.number, order.items) for order in page.rows]
    while page.next:
        page = await orders.page(5, after=page.next)
        lines += [_line(order.number, order.items) for order in page.rows]
    return lines


def _line(number: int | None, items: list[OrderItem[object, Product]]) -> str:
    return f"{number}: {', '.join(f'{item.quantity} × {item.product.name}' for item in items)}"


async def change_price(data: Data, seen: Product, price: Decimal) -> Product:
    """Another price; where somebody has changed the product since it was seen, theirs is looked at first."""
    try:
        return await data.products.update(seen.id, price=price, version=seen.version)
    except Conflict as conflict:
        current: Product = conflict.current
        return await data.products.update(seen.id, price=max(price, current.price), version=current.version)


async def bestsellers(data: Data) -> list[tuple[str, int, int]]:
    """The three products that were sold most, with how many, and in how many orders."""
    items = data.order_items.fields
    sold = sum_of(items.quantity)
    return await data.order_items.select(items.product.name, sold, count()).order(sold.desc()).limit(3).all()


async def visit(data: Data, products: list[Product]) -> None:
    """A customer, from signing up to looking at what was ordered."""
    user, token = await sign_up(data, f"{uuid4().hex}@visitor.example")
    for _ in range(ORDERS):
        assert await who(data, token) == user
        for id, _, _ in await find(data, "design book"):
            await data.products.get(id)  # a product page
        first, second = random.sample(products, 2)
        await place(data, user, {first.id: 1, second.id: 2})
    assert len(await history(data, user)) == ORDERS
    await data.session_store.revoke(token)
    assert await who(data, token) is None


async def two_editors(data: Data, product: Product) -> None:
    """Two people have the same product before them, and change its price one after the other."""
    theirs = await change_price(data, product, product.price + 5)
    ours = await change_price(data, product, product.price + 1)  # changes what it has not seen: a conflict
    assert (ours.price, ours.version) == (theirs.price, product.version + 2)


async def main() -> None:
    with local_redis() as redis:
        trips = Trips()
        async with Data(asbuilt.load(DOCUMENT).target(), cache=redis or "near", size=8) as data:
            data.on_statement(trips.add)
            began = time.perf_counter()
            products = await stock_up(data)
            await asyncio.gather(*(visit(data, products) for _ in range(CUSTOMERS)))
            await two_editors(data, products[0])
            [(best, sold, _), *_] = await bestsellers(data)
            tell(
                "visits",
                f"{CUSTOMERS} customers at once placed {CUSTOMERS * ORDERS} orders in {time.perf_counter() - began:.1f} s; {best} sold best, {sold} times",
            )
            tell(
                "trips",
                f"{trips.count:,} to the database: median {trips.median:.1f} ms, 95 of 100 within {trips.p95:.1f} ms",
            )
            state = data.cache.statistics()
            reads = state.near_hits + state.redis_hits + state.misses
            where = "near in the process, Redis behind it" if state.has_redis else "near in the process"
            tell("cache", f"{state.hit_ratio:.0%} of {reads:,} reads by key were hits; {where}")


def tell(what: str, words: str) -> None:
    print(f"{what:>9}  {words}", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
