"""A plan by hand, and a table that counts how often it is read."""

import time
from typing import Any

from asbuilt.cache.keys import Written
from asbuilt.cache.plan import EVENTS, CachePlan, Drop, Hole, Key

ROW = Key(
    "user:{userId}",
    ("user:", ""),
    (Hole("userId", "whole"),),
    100,
    1,
    "users",
    ("id",),
    (Drop("users", EVENTS, ("id",)),),
)
EMAIL = Key(
    "user:email:{email}",
    ("user:email:", ""),
    (Hole("email", "text"),),
    100,
    2,
    "users",
    ("email",),
    (Drop("users", EVENTS, ("email",)),),
)
PAGE = Key("users:page:{n}", ("users:page:", ""), (Hole("n", "any"),), 50, 3, drops=(Drop("users", EVENTS),))
PLAN = CachePlan((ROW, EMAIL, PAGE), digest="d1", name="shop")  # fmt: skip
ID, MAIL = ("id",), ("email",)


class Table:
    """Rows of users by id: an address each."""

    def __init__(self) -> None:
        self.rows: dict[int, str] = {1: "ada@x", 2: "bob@x"}
        self.loads = 0

    def value(self, id: int) -> bytes | None:
        self.loads += 1
        email = self.rows.get(id)
        return email.encode() if email is not None else None

    def update(self, id: int, email: str) -> Written:
        before = self.rows.get(id)
        self.rows[id] = email
        return Written("users", None if before is None else {"id": id, "email": before}, {"id": id, "email": email})

    def delete(self, id: int) -> Written:
        return Written("users", {"id": id, "email": self.rows.pop(id)}, None)


def until(is_so: Any, seconds: float = 5.0) -> bool:
    """Wait until something is so, blocking; for what another thread does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if is_so():
            return True
        time.sleep(0.005)
    return False
