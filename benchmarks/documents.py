"""Documents of any size, generated: every kind of block, nothing random."""

from pathlib import Path

SHOP = Path(__file__).parents[1] / "examples" / "shop.md"


def repeated(lines: int) -> str:
    """Return the shop's document, its entities renamed at each repetition, cut to about `lines` lines."""
    shop = SHOP.read_text(encoding="utf-8").split("---", 2)[2]
    parts, count = [], 0
    while count < lines:
        parts.append(_renamed(shop, len(parts)))
        count += shop.count("\n")
    return "\n".join("\n".join(parts).splitlines()[:lines])


_NAMES = ["users", "addresses", "categories", "products", "product_images", "stock_levels", "carts", "cart_items", "coupons", "orders", "order_items", "payments", "shipments", "reviews", "sessions", "roles", "user_roles", "audit_log", "user_status", "order_status", "payment_status", "write_audit", "touch_updated_at"]


def _renamed(text: str, number: int) -> str:
    if not number:
        return text
    for name in sorted(_NAMES, key=len, reverse=True):
        text = text.replace(name, f"{name}_{number}")
    return text


def entities(number: int) -> str:
    """Return a document of `number` entities, each with SQL, a foreign key, indexes, a check and a field table."""
    return "# Generated\n\n" + "\n".join(_entity(n) for n in range(number))


def _entity(n: int) -> str:
    parent = f"t{(n - 1) // 2:04}" if n else None
    reference = f"    parent_id bigint REFERENCES {parent} (id) ON DELETE CASCADE,\n" if parent else ""
    index = f"CREATE INDEX idx_t{n:04}_parent ON t{n:04} (parent_id);\n" if parent else ""
    row = f"| parent_id | bigint | no | | FK → {parent}.id |\n" if parent else ""
    return f"""## t{n:04}

```sql
CREATE TABLE t{n:04} (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
{reference}    code varchar(20) NOT NULL UNIQUE,
    name varchar(100) NOT NULL,
    amount numeric(12, 2) NOT NULL DEFAULT 0 CHECK (amount >= 0),
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now()
);
{index}CREATE INDEX idx_t{n:04}_created ON t{n:04} (created_at DESC);
```

| Field | Type | Required | Default | Description |
| --- | --- | --- | --- | --- |
| id | bigint | yes | | PK |
{row}| code | varchar(20) | yes | | unique |
| name | varchar(100) | yes | | |
| amount | numeric(12,2) | yes | 0 | |
| is_active | boolean | yes | true | |
| created_at | timestamptz | yes | now() | |
"""
