from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, assert_type
from uuid import UUID

from msgspec import Struct
from shop_data import (
    CartItem,
    Coupon,
    Data,
    NewOrderItem,
    Order,
    OrderItem,
    OrderItemFields,
    OrderQuery,
    OrderStatus,
    Product,
    Session,
    User,
)

from asbuilt.access import CacheOptions, Page, count, greatest, highlight, rank, sum_of


async def writes(data: Data, id: UUID) -> None:
    user = await data.users.create(email="a", name="b", password_hash="c")
    assert_type(user, User)
    assert_type(user.status, Literal["active", "suspended", "closed"])
    lines: list[NewOrderItem] = [{"order_id": id, "product_id": id, "quantity": 1, "unit_price": Decimal(1)}]
    assert_type(await data.order_items.create_many(lines), int)
    assert_type(await data.order_items.create_all(lines), list[OrderItem])
    orders = data.orders.fields
    assert_type(await data.orders.update(id, total=orders.total + 1, status="paid"), Order)
    assert_type(await data.orders.where(status="pending").update(status="cancelled", coupon_id=None, total=0), int)
    assert_type(await data.orders.where(orders.total < 1).delete(), int)
    assert_type(await data.orders.delete(id), Order)
    assert_type(await data.users.upsert(on="email", email="x", name="y", password_hash="z"), User)
    await data.user_roles.delete(id, id)


async def reads(data: Data, id: UUID, when: datetime) -> None:
    assert_type(await data.users.get(id), User)
    assert_type(await data.users.get_or_none(id), User | None)
    assert_type(await data.users.get_many([id]), list[User | None])
    assert_type(await data.cart_items.get_many([(id, id)]), list[CartItem | None])
    assert_type(await data.users.find(email="a"), User | None)
    assert_type(await data.users.load(id), User | None)
    assert_type(await data.users.load(email="x"), User | None)
    assert_type(await data.cart_items.load(id, id), CartItem | None)
    assert_type(await data.orders.order("-ordered_at").limit(3).load_all(user_id=id), list[Order])
    for loaded in await data.orders.include("items").load_all(user_id=id):
        assert_type(loaded.items, list[OrderItem])
    orders = data.orders.fields
    chosen = data.orders.where(orders.total > Decimal(10), user_id=id, coupon_id=None)
    assert_type(chosen, OrderQuery[Order])
    assert_type(await chosen.order("-ordered_at", "id", orders.user.name.desc()).limit(3).offset(1).all(), list[Order])
    assert_type(await chosen.first(), Order | None)
    assert_type(await chosen.one(), Order)
    assert_type(await chosen.count(), int)
    assert_type(await chosen.exists(), bool)
    assert_type(await chosen.order("id").for_update(skip_locked=True).all(), list[Order])
    async for order in data.orders.stream():
        assert_type(order, Order)
    data.orders.where(orders.user.email.contains("x") | ~orders.items.any(orders.items.fields.quantity > 3))
    data.orders.where(orders.status.is_in(["paid", "shipped"]), orders.ordered_at.between(when, when))
    data.orders.where(orders.coupon.percent_off < 5, orders.coupon_id.is_null())
    data.users.where(data.users.fields.preferences["a", "b"] == "x")
    data.products.search("red shoe").order("name")


async def pages(data: Data) -> None:
    page = await data.orders.include("items").order("-ordered_at").page(50, total="exact")
    assert_type(page, Page[Order[list[OrderItem]]])
    assert_type(page.rows[0].items, list[OrderItem])
    further = await data.orders.include("items").order("-ordered_at").page(50, after=page.next)
    assert_type(further.total, int | None)


async def includes(data: Data) -> None:
    row = await data.orders.include("user").include("coupon").order("-ordered_at", "id").one()
    assert_type(row.user, User)
    assert_type(row.coupon, Coupon | None)
    takes(row)
    deep = (
        await data.orders.include(items=data.order_items.include("product").order("-quantity").limit(10))
        .include("user")
        .one()
    )
    assert_type(deep.items[0].product, Product)
    assert_type(deep.user.name, str)
    along = await data.orders.include("items.product").include("user").related_by("set").one()
    assert_type(along.items[0].product.sku, str)
    self = await data.categories.include("parent.parent").include("children").one()
    if self.parent is not None and self.parent.parent is not None:
        assert_type(self.parent.parent.name, str)


def takes(order: Order, fields: OrderItemFields | None = None) -> None: ...


class Total(Struct):
    status: OrderStatus
    total: Decimal


async def values(data: Data) -> None:
    orders, products = data.orders.fields, data.products.fields
    sums = data.orders.select(orders.status, sum_of(orders.total), count()).where(user_id=UUID(int=0)).order("status")
    assert_type(await sums.all(), list[tuple[OrderStatus, Decimal, int]])
    many = await data.orders.select(
        orders.id, orders.items.sum(orders.items.fields.quantity), orders.items.count()
    ).all()
    assert_type(many, list[tuple[UUID, int, int]])
    assert_type(await data.orders.select(greatest(orders.total)).one(), tuple[Decimal | None])
    found = await data.products.search("shoe").select(products.name, rank(), highlight(products.description)).first()
    assert_type(found, tuple[str, float, str] | None)
    assert_type(await data.sql("SELECT status, total FROM orders WHERE id = $1", 1, into=Total), list[Total])
    assert_type(await data.sql("SELECT 1"), list[dict[str, Any]])


async def together(data: Data, id: UUID) -> None:
    async with data.transaction("repeatable read", is_read_only=True):
        await data.users.get(id)

    async def work() -> int:
        return await data.orders.count()

    assert_type(await data.repeat(work), int)
    data.on_statement(lambda seen: print(seen.sql, seen.seconds))
    assert_type(await data.orders.limit(1).explain(analyze=True), str)


async def kept(data: Data, id: UUID) -> None:
    await data.cache.forget("user:{userId}", userId=id)
    assert_type(await data.cache.warm("product:{productId}", [{"productId": id}]), int)
    assert_type(data.cache.statistics().hit_ratio, float)
    session = await data.session_store.start(id)
    assert_type(session.row, Session)
    assert_type(await data.session_store.get(session.token), Session | None)
    assert_type(await data.session_store.revoke_all(id), int)


async def spread(data: Data) -> None:
    with data.after(await data.position()), data.on_primary(), data.remembering():
        assert_type([one.lag for one in data.servers], list[float | None])


def behind() -> Data:
    return Data("postgresql://", replicas=["postgresql://"], replica_lag=2)


def opened() -> Data:
    return Data("postgresql://", cache="near", size=4, cache_options=CacheOptions(jitter=0))
