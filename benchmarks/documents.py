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


_NAMES = [
    "users",
    "addresses",
    "categories",
    "products",
    "product_images",
    "stock_levels",
    "carts",
    "cart_items",
    "coupons",
    "orders",
    "order_items",
    "payments",
    "shipments",
    "reviews",
    "sessions",
    "roles",
    "user_roles",
    "audit_log",
    "user_status",
    "order_status",
    "payment_status",
    "write_audit",
    "touch_updated_at",
]


def _renamed(text: str, number: int) -> str:
    if not number:
        return text
    for name in sorted(_NAMES, key=len, reverse=True):
        text = text.replace(name, f"{name}_{number}")
    return text


def dense(lines: int) -> str:
    """Return a document of lists, tables and small diagrams without any SQL, about `lines` lines long."""
    parts, count = ["# Generated"], 1
    while count < lines:
        parts.append(_module(len(parts)))
        count += parts[-1].count("\n") + 1
    return "\n".join("\n".join(parts).splitlines()[:lines])


def _module(n: int) -> str:
    return f"""## Module {n}

### authors_{n} - people who write

| Field | Type | Required | Default | Description |
| --- | --- | --- | --- | --- |
| `id` | uuid | yes | gen_random_uuid() | Primary key |
| `email` | varchar(255) | yes | - | Unique, *personal data* |
| `name` | varchar(100) | yes | - | Shown beside texts |
| `role` | varchar(20) | yes | 'reader' | `reader`, `editor` or `admin` |
| `created_at` | timestamptz | yes | now() | When the author joined |

### texts_{n} - what they write

- `id`: uuid, primary key
- `author_id`: uuid, foreign key to authors_{n}.id, required
- `title`: string (200), required
- `body`: text
- `status`: enum (draft, published, archived), default draft
- `published_at`: timestamp, nullable

**Indexes**:

- `idx_texts_{n}_author` on `author_id`
- `idx_texts_{n}_status` on (`status`, `published_at`): lists of a page

### Relationships of module {n}

- authors_{n} 1:N texts_{n}: an author writes texts
- texts_{n} N:M labels_{n} (via text_labels_{n})

```mermaid
erDiagram
    authors_{n} ||--o{{ texts_{n} : writes
    texts_{n} }}o--o{{ labels_{n} : carries
```

### Rules of module {n}

- **Retention**: texts_{n} that are archived are kept for 2 years, then deleted
- **Backup**: daily at 02:00, kept for 30 days
- A title must never be empty; a text that is published must have a date.

| Data | Rows in the first year | Growth |
| --- | --- | --- |
| authors_{n} | 10,000 | 5 % a month |
| texts_{n} | 250,000 | 8 % a month |
"""


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
