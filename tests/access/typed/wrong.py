from decimal import Decimal
from uuid import UUID

from shop_data import Data, NewOrderItem

from asbuilt.access import sum_of


async def writes(data: Data, id: UUID) -> None:
    await data.users.create(email="a", name="b")  # missing password_hash
    await data.users.create(email=1, name="b", password_hash="c")  # type
    await data.users.create(email="a", name="b", password_hash="c", nick="x")  # unknown
    await data.users.create(email=None, name="b", password_hash="c")  # never null
    await data.orders.create(user_id=id, total=Decimal(1), number=3)  # made by the server
    await data.order_items.create_many([{"order_id": id, "product_id": id, "quantity": 1}])  # missing unit_price
    line: NewOrderItem = {"order_id": id, "product_id": id, "quantity": 1, "unit_price": 1.5}  # type
    await data.orders.update(id, status="lost")  # not a value
    await data.orders.update(id, id=id)  # a key stays
    await data.orders.update(id, total=Decimal(2), version=1)  # no version
    await data.orders.where(status="paid").update(total="x")  # type
    await data.orders.delete()  # no key
    await data.orders.restore(id)  # deleted for good
    await data.users.upsert(on="name", email="x", name="y", password_hash="z")  # not unique
    await data.user_roles.delete(id)  # half a key


async def reads(data: Data, id: UUID) -> None:
    orders = data.orders.fields
    data.orders.where(orders.total > "x")  # type
    data.orders.where(orders.status == 5)  # type
    data.orders.where(orders.status.contains("x"))  # no text
    data.orders.where(orders.user.nick == "x")  # unknown
    data.orders.where(orders.items.quantity > 3)  # many
    data.orders.where(colour="red")  # unknown
    data.orders.where(status="lost")  # not a value
    data.orders.order("-colour")  # unknown
    data.orders.limit("5")  # type
    data.orders.search("x")  # not searched
    data.orders.with_deleted()  # deleted for good
    await data.orders.get("x")  # type
    await data.orders.get(id, id)  # one key
    await data.users.find(nick="x")  # unknown
    data.order_itmes  # unknown
    orders.colour  # unknown
    await data.orders.page(5, total="some")  # not a way to count
    data.orders.all().rows  # not waited for


async def includes(data: Data, id: UUID) -> None:
    data.orders.include("colour")  # unknown
    data.orders.include("items.colour")  # unknown
    data.orders.include(colour=data.users)  # unknown
    data.orders.include("items").related_by("column")  # not a way
    data.orders.include(items=data.users)  # other entity
    row = await data.orders.get(id)
    row.user.name  # not included
    row.total = Decimal(1)  # frozen
    row.colour  # unknown
    (await data.orders.include("items").one()).items[0].product.name  # not included
    (await data.orders.include("items").first()).items  # may be None
    (await data.orders.include("coupon").one()).coupon.code  # may be None
    (await data.orders.page(5)).rows[0].colour  # unknown


async def values(data: Data) -> None:
    orders = data.orders.fields
    first: tuple[str] | None = await data.orders.select(sum_of(orders.total)).first()  # type
    data.orders.select(orders.total).where(colour="red")  # unknown
    data.orders.select("total")  # a name
    async with data.transaction("snapshot"):  # not a level
        pass
    await data.cache.forget("usr:{userId}")  # unknown
    await data.session_store.start("x")  # type
    Data("postgresql://", chache="near")  # unknown


async def loads(data: Data, id: UUID) -> None:
    await data.users.load(name="x")  # not unique
    await data.users.load("x")  # type
    await data.orders.load_all(colour="red")  # unknown
