"""Everything but tables as inspected: views, types, routines, sequences, each with its whole definition."""

from asbuilt.engines.base import Row
from asbuilt.engines.postgres.levelling import levelled
from asbuilt.engines.postgres.parts import Names, Parts, qualified
from asbuilt.engines.postgres.quoting import identifier, relation
from asbuilt.engines.state import ColumnState, ObjectState

_RELATION_KINDS = {"v": "view", "m": "materialized view", "c": "composite"}
_TYPE_KINDS = {"e": "enum", "d": "domain", "r": "range"}
_ROUTINE_KINDS = {"f": "function", "w": "window function", "p": "procedure", "a": "aggregate"}
_EVERYBODY_RUNS = ["PUBLIC: EXECUTE"]
_EVERYBODY_USES = ["PUBLIC: USAGE"]


def _pairs(said: dict[str, str | None]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((key, value) for key, value in said.items() if value))


def _rights(rights: list[str] | None, usual: list[str]) -> str:
    """Return grants in words; nothing where they are what everybody gets without saying."""
    return "" if rights is None or rights == usual else "; ".join(rights) or "nobody"


def view_object(row: Row, parts: Parts, names: Names) -> ObjectState:
    """Return a view, a materialized view or a composite type, with what stands on it."""
    oid, schema, name, kind, _, owner, _, _, options, comment, rights, _, _, _, definition, _ = row
    columns = ", ".join(f"{identifier(c.name)} {c.type}{_collation(c)}" for c in parts.columns.get(oid, ()))
    said: dict[str, str | None] = {
        "owner": names.owner(owner),
        "comment": comment,
        "grants": "; ".join(rights or ()) if kind != "c" else _rights(rights, _EVERYBODY_USES),
        "options": ", ".join(sorted(options or ())),
        "columns": columns if kind != "c" else None,
    }
    for column in parts.columns.get(oid, ()):
        said |= _said_of(column)
    for kind_of_part, found in (("index", parts.indexes), ("trigger", parts.triggers)):
        for part in found.get(oid, ()):
            said |= {
                f"{kind_of_part} {part.name}": part.definition,
                f"comment on {kind_of_part} {part.name}": part.comment,
            }
    whole = levelled(definition) if kind != "c" else f"({columns})"
    return ObjectState(_RELATION_KINDS[kind], qualified(schema, name), whole, _pairs(said))


def _collation(column: ColumnState) -> str:
    return f" COLLATE {relation(column.collation)}" if column.collation else ""


def _said_of(column: ColumnState) -> dict[str, str | None]:
    """Return what is said of a column of a view or of an attribute beside its type."""
    return {
        f"comment of {column.name}": column.comment,
        f"default of {column.name}": column.default,
        f"grants of {column.name}": "; ".join(column.grants),
        f"settings of {column.name}": "; ".join(f"{key}={value}" for key, value in column.settings),
    }


def type_object(row: Row, parts: Parts, names: Names) -> ObjectState:
    """Return an enum, a domain or a range."""
    oid, schema, name, kind, owner, comment, rights, labels, base, is_required, default, collation, subtype = row
    if kind == "e":
        definition = "ENUM (" + ", ".join("'" + label.replace("'", "''") + "'" for label in labels) + ")"
    elif kind == "d":
        checks = parts.domain_checks.get(oid, ())
        words = [base, f"COLLATE {relation(collation)}" if collation else "", f"DEFAULT {default}" if default else ""]
        definition = " ".join(filter(None, [*words, "NOT NULL" if is_required else "", *checks]))
    else:
        definition = f"RANGE ({subtype})"
    said = {"owner": names.owner(owner), "comment": comment, "grants": _rights(rights, _EVERYBODY_USES)}
    said |= {f"comment on constraint {name}": text for name, text in parts.domain_comments.get(oid, ())}
    return ObjectState(_TYPE_KINDS[kind], qualified(schema, name), definition, _pairs(said))


def routine_object(row: Row, names: Names) -> ObjectState:
    """Return a function, a procedure or an aggregate; its identity holds the types of its arguments."""
    _, schema, name, arguments, kind, definition, owner, comment, rights, aggregate = row
    definition = definition or f"({aggregate})"
    said = {"owner": names.owner(owner), "comment": comment, "grants": _rights(rights, _EVERYBODY_RUNS)}
    return ObjectState(_ROUTINE_KINDS[kind], f"{qualified(schema, name)}({arguments})", definition, _pairs(said))


def sequence_object(row: Row, names: Names) -> ObjectState:
    """Return a sequence that stands for itself."""
    schema, name, type_, start, step, least, most, cache, is_cycling, persistence, owner, comment, rights = row
    cycle = " CYCLE" if is_cycling else ""
    definition = f"AS {type_} START {start} INCREMENT {step} MINVALUE {least} MAXVALUE {most} CACHE {cache}{cycle}"
    said = {
        "owner": names.owner(owner),
        "comment": comment,
        "grants": "; ".join(rights or ()),
        "persistence": "unlogged" if persistence == "u" else None,
    }
    return ObjectState("sequence", qualified(schema, name), definition, _pairs(said))
