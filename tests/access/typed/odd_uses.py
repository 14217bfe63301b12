from datetime import date
from typing import assert_type

from odd_data import Data, DataRow, FieldRow, List, ListQuery

from asbuilt.access import Page


async def main(data: Data) -> None:
    made = await data.lists.create(date=date(2026, 1, 1), on_=False, self_=1, bytes=5, labels=["x"])
    assert_type(made.until, date | None)
    await data.lists.update(made.id, self_=2, version=made.version)
    await data.fields.upsert(on="id", id=1, list_id=made.id, labels=["x"])
    found = data.lists.with_deleted().where(data.lists.fields.content == b"x")
    assert_type(found, ListQuery[List])
    assert_type((await data.fields.include("list").one()).list, List)
    assert_type(await data.fields.update(1, version="2.0"), FieldRow)
    assert_type(await data.lists.include("fields").page(5), Page[List[list[FieldRow]]])
    assert_type(await data.lists.cached("lists:page:{page}", page=1).page(5), Page[List])
    assert_type(await data.data.get_or_none(1), DataRow | None)
