"""What the embedded server lacks and how it is stood in for: extensions, and what a platform provides.

The wheel has no contrib modules. For a few of them `extension/` holds stand-ins in SQL that `CREATE EXTENSION` finds, so
that the document's statement runs as it stands. Of a platform (Supabase) what documents name is stubbed.
"""

import re
import shutil
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2s
from pathlib import Path

from asbuilt.engines.base import Session
from asbuilt.engines.postgres import places
from asbuilt.engines.postgres.catalog import STUB_COMMENT
from asbuilt.errors import ServerRefused

_FILES = Path(__file__).parent / "extension"
PROVIDES = {
    "pg_trgm": ("gin_trgm_ops", "gist_trgm_ops", "similarity", "word_similarity", "show_trgm"),
    "postgis": ("geometry", "geography", "st_"),
    "btree_gist": ('access method "gist"',),
    "btree_gin": ('access method "gin"',),
    "hstore": ("hstore",),
    "ltree": ("ltree", "lquery"),
    "unaccent": ("unaccent",),
    "timescaledb": ("create_hypertable", "add_retention_policy", "add_compression_policy"),
    "pg_cron": ('schema "cron"', "cron.schedule"),
    "intarray": ("gin__int_ops", "gist__int_ops"),
    "pgroonga": ('access method "pgroonga"',),
    "uuid-ossp": ("uuid_generate_v1", "uuid_generate_v3", "uuid_generate_v4", "uuid_generate_v5"),
    "pgcrypto": ("gen_random_bytes", "gen_salt", "crypt(", "digest(", "hmac(", "pgp_sym_"),
    "citext": ("citext",),
    "vector": (
        'type "vector"',
        "vector_cosine_ops",
        "vector_l2_ops",
        'access method "hnsw"',
        'access method "ivfflat"',
    ),
}
"""What documents use of an extension, as an error message names it when it is not there."""


@dataclass(frozen=True, slots=True)
class Stub:
    """Something of a platform: what shows that a document uses it, and the statements that make it.

    `rows` puts rows into it, which what refers to it can refer to.
    """

    name: str
    sign: re.Pattern[str]
    sql: tuple[str, ...]
    rows: str = ""


def _stub(name: str, sign: str, *sql: str, rows: str = "") -> Stub:
    return Stub(name, re.compile(sign, re.IGNORECASE), sql, rows)


_AUTH = f"CREATE SCHEMA auth; COMMENT ON SCHEMA auth IS '{STUB_COMMENT}'"
_STORAGE = f"CREATE SCHEMA storage; COMMENT ON SCHEMA storage IS '{STUB_COMMENT}'"
_SETTING = "nullif(current_setting('request.jwt.claims', true), '')::jsonb"
PLATFORM_ROWS = 1000
"""How many rows a platform's tables get where they are stubbed."""
PLATFORM = (
    _stub("schema auth", r"\bauth\.(users|uid|jwt|role|email)\b", _AUTH),
    _stub(
        "auth.users",
        r"\bauth\.users\b",
        "CREATE TABLE auth.users (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), email text, phone text, role text, "
        "encrypted_password text, raw_user_meta_data jsonb, raw_app_meta_data jsonb, email_confirmed_at timestamptz, "
        "last_sign_in_at timestamptz, created_at timestamptz DEFAULT now(), updated_at timestamptz DEFAULT now())",
        rows="INSERT INTO auth.users (id, email) SELECT md5('user ' || n)::uuid, 'user' || n || '@example.com' "
        f"FROM generate_series(1, {PLATFORM_ROWS}) AS n",
    ),
    _stub("auth.uid()", r"\bauth\.uid\b", f"CREATE FUNCTION auth.uid() RETURNS uuid STABLE LANGUAGE sql RETURN ({_SETTING} ->> 'sub')::uuid"),
    _stub("auth.jwt()", r"\bauth\.jwt\b", f"CREATE FUNCTION auth.jwt() RETURNS jsonb STABLE LANGUAGE sql RETURN {_SETTING}"),
    _stub("auth.role()", r"\bauth\.role\b", f"CREATE FUNCTION auth.role() RETURNS text STABLE LANGUAGE sql RETURN {_SETTING} ->> 'role'"),
    _stub("auth.email()", r"\bauth\.email\b", f"CREATE FUNCTION auth.email() RETURNS text STABLE LANGUAGE sql RETURN {_SETTING} ->> 'email'"),
    _stub("schema storage", r"\bstorage\.(buckets|objects|foldername|filename|extension)\b", _STORAGE),
    _stub(
        "storage.buckets",
        r"\bstorage\.(buckets|objects)\b",
        "CREATE TABLE storage.buckets (id text PRIMARY KEY, name text NOT NULL, owner uuid, public boolean DEFAULT false, "
        "file_size_limit bigint, allowed_mime_types text[], created_at timestamptz DEFAULT now(), "
        "updated_at timestamptz DEFAULT now())",
        rows="INSERT INTO storage.buckets (id, name) SELECT 'bucket-' || n, 'bucket-' || n "
        f"FROM generate_series(1, {PLATFORM_ROWS}) AS n",
    ),
    _stub(
        "storage.objects",
        r"\bstorage\.objects\b",
        "CREATE TABLE storage.objects (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), bucket_id text REFERENCES "
        "storage.buckets (id), name text, owner uuid, owner_id text, metadata jsonb, path_tokens text[], "
        "created_at timestamptz DEFAULT now(), updated_at timestamptz DEFAULT now())",
        rows="INSERT INTO storage.objects (id, bucket_id, name) SELECT md5('object ' || n)::uuid, 'bucket-' || n, 'file-' || n "
        f"FROM generate_series(1, {PLATFORM_ROWS}) AS n",
    ),
    _stub(
        "storage.foldername()",
        r"\bstorage\.foldername\b",
        "CREATE FUNCTION storage.foldername(name text) RETURNS text[] IMMUTABLE LANGUAGE sql "
        "RETURN trim_array(string_to_array(name, '/'), 1)",
    ),
    _stub("publication supabase_realtime", r"\bsupabase_realtime\b", "CREATE PUBLICATION supabase_realtime"),
)  # fmt: skip


def platform_stubs(texts: Iterable[str], own_schemas: frozenset[str]) -> tuple[Stub, ...]:
    """Return what the texts use of a platform and the document does not make itself (`own_schemas`)."""
    whole = "\n".join(texts)
    return tuple(stub for stub in PLATFORM if stub.sign.search(whole) and not _is_own(stub, own_schemas))


def fill_platform(session: Session) -> None:
    """Put rows into a platform's tables in a copy, where they are empty, as far as their columns allow it."""
    for stub in PLATFORM:
        if stub.rows:
            with suppress(ServerRefused), session.transaction():
                session.execute(f"{stub.rows} WHERE NOT EXISTS (SELECT FROM {stub.name})")


def _is_own(stub: Stub, own_schemas: frozenset[str]) -> bool:
    return stub.name.removeprefix("schema ").partition(".")[0] in own_schemas


def missing_extension(message: str) -> str | None:
    """Return the extension that would provide what an error message does not find."""
    text = message.lower()
    return next((name for name, signs in PROVIDES.items() if any(sign in text for sign in signs)), None)


def stand_ins(session: Session) -> tuple[str, ...]:
    """Return the extensions in the database that only stand in for the real ones."""
    rows = session.rows(
        "SELECT e.extname FROM pg_extension e JOIN pg_available_extensions a ON a.name = e.extname "
        "WHERE a.comment LIKE 'asbuilt stand-in%' ORDER BY 1"
    )
    return tuple(f"extension {row[0]}" for row in rows)


def extension_folder() -> Path:
    """Return the folder of the stand-ins, where the server's user can read them."""
    if places.is_reachable(_FILES / "any", places.account()):
        return _FILES.parent
    content = b"".join(path.read_bytes() for path in sorted(_FILES.iterdir()) if path.is_file())
    copy = places.private_folder() / f"extensions-{blake2s(content, digest_size=5).hexdigest()}"
    if not copy.exists():
        with tempfile.TemporaryDirectory(dir=places.private_folder()) as scratch:
            Path(scratch).chmod(0o711)
            made = Path(scratch) / "copy"
            shutil.copytree(_FILES, made / "extension")
            places.rename_unless_there(made, copy)
    return copy
