"""Who tries row level security: roles made for the try, with what policies read of their caller.

A policy reads its caller from settings (`current_setting('app.tenant')`, the claims of a JWT, `auth.uid()`), from functions
of the document that read those, or from `current_user`. A caller gets values that make a difference: those that stand in
the column that they are compared with.
"""

import json
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, product

from asbuilt.engines.base import Session
from asbuilt.engines.state import DatabaseState, PolicyState, TableState
from asbuilt.seed import sql
from asbuilt.verify.bench import Bench

PUBLIC = "public"
_MOST_ROLES = 3
_MOST_VALUES = 2
_MOST_IDENTITIES = 4
_CLAIMS = "request.jwt.claims"
_AUTH = {"uid": "sub", "role": "role", "email": "email"}
_PATH = r"(?P<{0}>(?:\)* -> '\w+'(?:::text)?)*)\)* ->> '(?P<{1}>\w+)'"
_READS = re.compile(
    r"current_setting\('(?P<setting>[^']+)'(?:::text)?(?:, true)?\)"
    rf"(?:(?:, ''(?:::text)?\))?\)*::jsonb?{_PATH.format('inside', 'key')})?"
    r"|auth\.(?P<auth>uid|role|email)\(\)"
    rf"|auth\.jwt\(\){_PATH.format('within', 'claim')}"
)
_KEYS = re.compile(r"'(\w+)'")
_SAME_CONDITION = r"(?:(?!\b(?:AND|OR|WHERE|THEN)\b)[^=])*"
_BEFORE = re.compile(rf"([\w.\"]+)\)*(?:::[\w\[\] ]+)?\)* = {_SAME_CONDITION}$", re.IGNORECASE)
_AFTER = re.compile(rf"^{_SAME_CONDITION}= (?:ANY )?\(*(?:ARRAY\[)?\(*(?:'((?:[^']|'')*)'|([\w.\"]+))", re.IGNORECASE)
_CAST = re.compile(r"^(?:::text)?(?:, ''(?:::text)?\))?\)*::(\w+)")
_FROM = re.compile(r"\b(?:FROM|JOIN)\s+\(*([\w.\"]+)", re.IGNORECASE)
_IS_CALLER = re.compile(r"([\w.\"]+)\)*(?:::\w+)?\)* = \(*CURRENT_USER\b", re.IGNORECASE)
_OF_TYPE = {
    "boolean": ("true", "false"),
    "uuid": ("00000000-0000-0000-0000-000000000001",),
    "integer": ("1",),
    "bigint": ("1",),
}


@dataclass(frozen=True, slots=True)
class Caller:
    """A role of its own, in `role` unless that is PUBLIC, with settings."""

    name: str
    role: str
    settings: tuple[tuple[str, str], ...] = ()

    @property
    def words(self) -> str:
        return "a role without rights of its own" if self.role == PUBLIC else f"a role in {self.role}"

    def becoming(self) -> Iterator[str]:
        """Yield the statements that make the session this caller's."""
        yield f"SET LOCAL ROLE {self.name}"
        yield from self.setting()

    def setting(self) -> Iterator[str]:
        for name, value in self.settings:
            yield f"SELECT set_config({sql.literal(name)}, {sql.literal(value)}, true)"

    def making(self) -> Iterator[str]:
        """Yield the statements that make the role; it may read and write everything but for the policies."""
        yield f"CREATE ROLE {self.name}"
        yield f"GRANT pg_read_all_data, pg_write_all_data TO {self.name}"
        if self.role != PUBLIC:
            yield f"GRANT {sql.name(self.role)} TO {self.name}"


@dataclass(frozen=True, slots=True)
class _Read:
    """What a policy reads of its caller: a setting, or what lies under `path` in one that holds JSON."""

    setting: str
    path: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """What policies of a table read, and what makes a difference to them.

    `conditions` are as the server has them, `apart` those that stand in the twin too, by which rows are told apart, `texts` with what they call written out, `identities` the settings of
    callers that differ; `offers` are values for the table's own columns: those that the callers come with.
    """

    conditions: tuple[str, ...]
    apart: tuple[str, ...]
    texts: tuple[str, ...]
    identities: tuple[tuple[tuple[str, str], ...], ...]
    offers: dict[str, tuple[str, ...]]
    named_by_caller: frozenset[str]


def read_policies(
    bench: Bench, table: TableState, policies: Iterable[PolicyState], there: Iterable[PolicyState]
) -> Reading:
    """Look at what policies of a table read of their caller; `there` are those that stand in the twin."""
    conditions = _conditions(policies)
    texts = tuple(text for condition in conditions for text in _with_functions(condition, bench.desired))
    values: dict[_Read, list[str]] = {}
    columns: dict[str, _Read] = {}
    for text in texts:
        for found in _READS.finditer(text):
            column, given = _compared(bench, table, text, found)
            values.setdefault(_read(found), []).extend(given)
            if table.column(column) is not None:
                columns[column] = _read(found)
    offers = {column: tuple(dict.fromkeys(values[read])) for column, read in columns.items()}
    named = frozenset(_bare(name) for text in texts for name in _IS_CALLER.findall(text) if table.column(_bare(name)))
    apart = tuple(dict.fromkeys((*conditions, *_conditions(there))))
    return Reading(conditions, apart, texts, tuple(_identities(values)), offers, named)


def _conditions(policies: Iterable[PolicyState]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for policy in policies for text in (policy.using, policy.check) if text))


def _with_functions(condition: str, state: DatabaseState) -> Iterator[str]:
    """Yield a condition, functions that only read the caller written out, and the bodies of the others that it calls."""
    for (kind, identity), thing in state.objects.items():
        name = identity.split("(")[0]
        if kind != "function" or not re.search(rf"\b{re.escape(name)}\(", condition):
            continue
        reads = _READS.search(thing.definition)
        if reads and identity.endswith("()") and f"{name}()" in condition:
            condition = condition.replace(f"{name}()", reads[0])
        else:
            yield thing.definition
    yield condition


def _read(found: re.Match[str]) -> _Read:
    if found["auth"]:
        return _Read(_CLAIMS, (_AUTH[found["auth"]],))
    if found["claim"]:
        return _Read(_CLAIMS, (*_KEYS.findall(found["within"]), found["claim"]))
    path = (*_KEYS.findall(found["inside"]), found["key"]) if found["key"] else ()
    return _Read(found["setting"], path)


def _compared(bench: Bench, table: TableState, text: str, found: re.Match[str]) -> tuple[str, tuple[str, ...]]:
    """Return the column that is compared with what is read, and values that make a difference."""
    before, after = _BEFORE.search(text[: found.start()]), _AFTER.search(text[found.end() :])
    if after and after[1] is not None:
        return "", (after[1].replace("''", "'"), "asbuilt")
    name = before[1] if before else after[2] if after else ""
    if standing := _standing(bench, table, text, name) if name else ():
        return _bare(name), standing
    column = table.column(_bare(name))
    cast = _CAST.search(text[found.end() :])
    type_ = column.type if column else cast[1] if cast else ""
    return _bare(name), _OF_TYPE.get(type_, ("asbuilt",))


def _standing(bench: Bench, table: TableState, text: str, name: str) -> tuple[str, ...]:
    """Return values that stand in a column, of the table itself or of another one that the text reads."""
    owner, _, column = name.replace('"', "").rpartition(".")
    own = [table.name] if owner in ("", _bare(table.name)) else []
    others = [other.replace('"', "").removeprefix("public.") for other in _FROM.findall(text)]
    for candidate in (*own, *others, table.name):
        there = bench.actual.tables.get(candidate)
        if there is not None and there.column(column) is not None:
            quoted = sql.name(column)
            where = f"FROM {sql.table_name(candidate)} WHERE {quoted} IS NOT NULL ORDER BY 1 LIMIT {_MOST_VALUES}"
            if rows := bench.session.rows(f"SELECT DISTINCT {quoted}::text {where}"):
                return tuple(str(row[0]) for row in rows)
    return ()


def _bare(name: str) -> str:
    return name.replace('"', "").rpartition(".")[2]


def _identities(values: Mapping[_Read, Iterable[str]]) -> Iterator[tuple[tuple[str, str], ...]]:
    """Yield the settings of a few callers that differ: each value once, then the values in other company."""
    apart = [list(dict.fromkeys(given))[:_MOST_IDENTITIES] for given in values.values()]
    abreast = [tuple(g[turn % len(g)] for g in apart) for turn in range(max(map(len, apart), default=0))]
    for chosen in islice(dict.fromkeys((*abreast, *product(*apart))), _MOST_IDENTITIES):
        found: dict[str, str] = {}
        claims: dict[str, object] = {}
        for read, value in zip(values, chosen, strict=True):
            if read.path:
                _put(claims, read.path, value)
                found[read.setting] = json.dumps(claims)
            else:
                found[read.setting] = value
        yield tuple(found.items())


def _put(claims: dict[str, object], path: tuple[str, ...], value: str) -> None:
    for key in path[:-1]:
        inner = claims.setdefault(key, {})
        claims = inner if isinstance(inner, dict) else {}
    claims[path[-1]] = value


def callers(policies: Iterable[PolicyState], reading: Reading) -> list[Caller]:
    """Return who tries what the policies let through: each role that they name, and somebody whom none of them names."""
    named = dict.fromkeys(role for policy in policies for role in policy.roles or (PUBLIC,))
    roles = [*list(named)[:_MOST_ROLES], *([] if PUBLIC in named else [PUBLIC])]
    names = {role: f"asbuilt_caller_{secrets.token_hex(4)}" for role in roles}
    apart = [Caller(names[role], role, settings) for role in roles if role in named for settings in reading.identities]
    return apart + [Caller(names[role], role, reading.identities[0]) for role in roles if role not in named]


def lacking_roles(session: Session, tables: Iterable[TableState]) -> Iterator[str]:
    """Yield what makes the roles that the document's policies name and the twin's server has not."""
    named = {role for table in tables for policy in table.policies for role in policy.roles} - {PUBLIC}
    there = {row[0] for row in session.rows("SELECT rolname::text FROM pg_roles")}
    yield from (f"CREATE ROLE {sql.name(role)}" for role in sorted(named - there))
