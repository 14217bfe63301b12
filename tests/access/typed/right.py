from decimal import Decimal
from typing import assert_type
from uuid import UUID

from shop_data import Data, Order, OrderItem, OrderStatus, Product, User

from asbuilt.access.conditions import count, sum_of


async def main(data: Data, id: UUID) -> None:
    user = await data.users.create(email="a", name="b", password_hash="c")
    assert_type(user, User)
    orders = data.orders.fields
    q = data.orders.where(orders.total > Decimal(10), user_id=id)
    rows = await q.include("user").include("coupon").order("-ordered_at", "id").all()
    name: str = rows[0].user.name
    c = rows[0].coupon
    if c is not None:
        pct: int = c.percent_off
    deep = (
        await data.orders.include(items=data.order_items.include("product").order("-quantity").limit(10))
        .include("user")
        .first()
    )
    if deep is not None:
        for item in deep.items:
            p: Product = item.product
            s: str = item.product.sku
        n: str = deep.user.name
        takes(deep)
    pairs = await data.orders.select(orders.status, sum_of(orders.total), count()).all()
    assert_type(pairs, list[tuple[OrderStatus, Decimal, int]])
    page = await data.orders.include("items").page(50)
    assert_type(page.rows[0].items, list[OrderItem])
    await data.orders.update(id, total=orders.total + 1, status="paid")
    await data.orders.where(status="pending").update(status="cancelled")
    many = await data.orders.select(orders.id, orders.items.sum(orders.items.fields.line_total)).limit(3).all()
    await data.orders.where(orders.user.email.contains("x") | orders.items.any(orders.items.fields.quantity > 3)).all()
    await data.users.upsert(on="email", email="x", name="y", password_hash="z")
    async for o in data.orders.stream():
        assert_type(o, Order)


def takes(order: Order) -> None: ...
