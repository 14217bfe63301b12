from decimal import Decimal
from uuid import UUID

from shop_data import Data


async def main(data: Data, id: UUID) -> None:
    await data.users.create(email="a", name="b")  # missing password_hash
    await data.users.create(email=1, name="b", password_hash="c")  # type
    await data.users.create(email="a", name="b", password_hash="c", nick="x")  # unknown
    orders = data.orders.fields
    data.orders.where(orders.total > "x")  # type
    data.orders.where(colour="red")  # unknown
    data.orders.order("-colour")  # unknown
    data.orders.include("colour")  # unknown
    row = await data.orders.get(id)
    row.user.name  # not included
    row.total = Decimal(1)  # frozen
    await data.orders.update(id, status="lost")  # not a value
    await data.orders.get("x")  # type
    data.orders.include(items=data.users)  # other entity
    data.order_itmes  # unknown
    (await data.orders.include("items").first()).items  # may be None
    orders.colour  # unknown
    await data.orders.create(user_id=id, total=Decimal(1), number=3)  # made by the server
