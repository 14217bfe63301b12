"""What PostgreSQL refused of a document, as diagnostics at the place that it names."""

import re
from dataclasses import dataclass

from asbuilt.diagnostics import Diagnostic, Edit, Fix, Label, Severity
from asbuilt.engines.base import Failure, Trial
from asbuilt.engines.postgres.quoting import identifier
from asbuilt.engines.postgres.shims import missing_extension
from asbuilt.engines.postgres.trigger_functions import function_for
from asbuilt.model.design import Design
from asbuilt.model.names import did_you_mean
from asbuilt.model.sql import SqlStatement
from asbuilt.reading.sql.expressions import tables_of
from asbuilt.text import Span

_WORD = re.compile(r'"[^"]+"|[\w.$]+|::\s*[\w.]+|[^\s\w]+')
_MOVING = re.compile(
    r"\b(?:now|current_timestamp|current_date|current_time|localtimestamp|localtime|current_user|clock_timestamp|random"
    r"|statement_timestamp|transaction_timestamp|gen_random_uuid|to_char|age)\b",
    re.IGNORECASE,
)
"""What is not immutable, as documents write it."""
_FUNCTION = re.compile(r"function ([\w.\"]+)\(")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of refusal: its code, the SQLSTATEs and the words by which it is known, and what to do about it."""

    code: str
    sqlstates: tuple[str, ...]
    words: re.Pattern[str]
    help: str
    severity: Severity = Severity.ERROR


def _kind(code: str, sqlstates: str, words: str, help: str, severity: Severity = Severity.ERROR) -> Kind:
    return Kind(code, tuple(sqlstates.split()), re.compile(words), help, severity)


KINDS = (
    _kind(
        "extension_unavailable", "0A000 58P01 22023", r"^extension .* is not available|could not open extension control file",
        "verify against a server that has it with --to postgresql://…: here what needs it is unknown", Severity.INFO,
    ),
    _kind("primary_key_without_partition_key", "0A000", r"must include all partitioning columns",
          "add the partition key's columns to the key"),
    _kind("partition_of_unpartitioned", "42809 42P17 42P16", r"is not partitioned", "add PARTITION BY to the parent table"),
    _kind("not_immutable", "42P17", r"must be marked IMMUTABLE|is not immutable",
          "use an expression that depends on nothing but the row: no now(), no time zone of the session"),
    _kind("function_undefined", "42883", r"^(?:function|procedure|aggregate) ", "define the function before it is used"),
    _kind("type_undefined", "42704", r"^type .* does not exist", "define the type, or use one that PostgreSQL has"),
    _kind("relation_undefined", "42P01", r"does not exist", "define it, or correct the name"),
    _kind("column_undefined", "42703", r"does not exist", "define the column, or correct the name"),
    _kind("rows_refused", "23502 23503 23505 23514 23P01 22001 22P02", r"",
          "give the rows values that the columns and constraints take"),
)  # fmt: skip
_OTHER = _kind("statement_refused", "", "", "change the statement so that PostgreSQL takes it")

REFUSALS = frozenset({*(kind.code for kind in KINDS), _OTHER.code, "trigger_function_missing"})
"""The codes of what PostgreSQL refused."""


def diagnose(trial: Trial, design: Design) -> tuple[Diagnostic, ...]:
    """Return a diagnostic for each failure that is no consequence of another."""
    statements = design.of(SqlStatement)
    return tuple(
        _diagnostic(f, trial, design, statements) for f in trial.failures if f.follows is None and f.step.causes
    )


def kind_of(failure: Failure) -> Kind:
    return next((k for k in KINDS if failure.sqlstate in k.sqlstates and k.words.search(failure.message)), _OTHER)


def _diagnostic(failure: Failure, trial: Trial, design: Design, statements: tuple[SqlStatement, ...]) -> Diagnostic:
    kind = kind_of(failure)
    span = place(failure)
    message = _terse(failure)
    if kind.code == "function_undefined" and failure.step.subject.startswith("trigger "):
        fixes = _trigger_function(failure, design)
        help = "define the function before the trigger"
        return Diagnostic("trigger_function_missing", kind.severity, message, (Label(span),), help, fixes)
    extension = missing_extension(failure.message)
    if extension is not None and kind.code in ("function_undefined", "type_undefined", "statement_refused"):
        fixes, help = _create_extension(extension, statements), f"create the extension `{extension}` before it is used"
        return Diagnostic(kind.code, kind.severity, message, (Label(span),), help, fixes)
    fixes = _correction(kind, failure, trial, design, span) or _without_condition(kind, failure)
    return Diagnostic(kind.code, kind.severity, message, (Label(span),), _help(kind, failure), fixes)


def _help(kind: Kind, failure: Failure) -> str:
    is_better = failure.hint and kind.code in (_OTHER.code, "column_undefined", "relation_undefined")
    return failure.hint if is_better else kind.help


def _terse(failure: Failure) -> str:
    """Return the server's message, names in backticks, with the detail that explains it."""
    message = re.sub(r'"([^"]+)"', r"`\1`", failure.message).rstrip(".")
    detail = re.sub(r'"([^"]+)"', r"`\1`", failure.detail).strip().rstrip(".")
    return f"PostgreSQL refuses it: {message}" + (f" ({detail})" if detail and "\n" not in detail else "")


def place(failure: Failure) -> Span:
    """Return the place in the document that a failure speaks of: the word that the server names, else the cause."""
    step = failure.step
    offset = failure.offset if failure.offset is not None else _named(failure)
    if step.text is None or offset is None:
        return step.causes[0]
    word = _WORD.match(step.sql, offset)
    end = word.end() if word else offset + 1
    span = step.text.span(min(offset, len(step.text.text)), min(end, len(step.text.text)))
    return span if span in step.causes[0] and span.start <= span.end else step.causes[0]


def _named(failure: Failure) -> int | None:
    """Return where the statement has what the message is about: a key that it speaks of, or the name that it quotes first."""
    if kind_of(failure).code == "not_immutable" and (moving := _MOVING.search(failure.step.sql)):
        return moving.start()
    if kind_of(failure).code == "primary_key_without_partition_key":
        words = r"PRIMARY\s+KEY" if failure.detail.startswith("PRIMARY KEY") else r"UNIQUE"
        keys = list(re.finditer(rf"\b{words}\b", failure.step.sql, re.IGNORECASE))
        return keys[0].start() if len(keys) == 1 else None
    found = re.search(r'"([^"]+)"', failure.message) or _FUNCTION.search(failure.message)
    if found is None:
        return None
    written = re.search(rf"\b{re.escape(found[1])}\b", failure.step.sql)
    return written.start() if written else None


def _trigger_function(failure: Failure, design: Design) -> tuple[Fix, ...]:
    found = _FUNCTION.search(failure.message)
    statement = design.statement_at(failure.step.causes[0])
    if found is None or statement is None:
        return ()
    name = ".".join(identifier(part) for part in found[1].replace('"', "").split("."))
    sql, what = function_for(name, statement, design)
    return (_insertion(f"define `{name}` {what}", sql, statement.span.start),)


def _insertion(title: str, text: str, at: int) -> Fix:
    return Fix(title, (Edit(Span(at, at), text),))


def _create_extension(name: str, statements: tuple[SqlStatement, ...]) -> tuple[Fix, ...]:
    if not statements:
        return ()
    sql = f"CREATE EXTENSION IF NOT EXISTS {identifier(name)};\n\n"
    return (_insertion(f"create the extension `{name}`", sql, statements[0].span.start),)


def _correction(kind: Kind, failure: Failure, trial: Trial, design: Design, span: Span) -> tuple[Fix, ...]:
    """Return the fix that writes the name that was meant, wherever the statement has it, where it is plain which."""
    written = design.source[span]
    if (
        failure.offset is None
        or failure.step.text is None
        or kind.code not in ("relation_undefined", "column_undefined")
    ):
        return ()
    meant = _meant(kind, failure, trial, written.rpartition(".")[2].strip('"'))
    if meant is None or identifier(meant) == written:
        return ()
    corrected = f"{written[: written.rfind('.') + 1]}{identifier(meant)}"
    places = re.finditer(rf"(?<![\w.'\"]){re.escape(written)}(?![\w.'\"])", failure.step.text.text)
    spans = (failure.step.text.span(found.start(), found.end()) for found in places)
    edits = tuple(Edit(span, corrected) for span in spans if design.source[span] == written)
    return (Fix(f"write `{meant}`", edits),) if edits else ()


def _without_condition(kind: Kind, failure: Failure) -> tuple[Fix, ...]:
    """Return the fix that indexes all rows, where an index's condition is not immutable."""
    text = failure.step.text
    condition = text and _CONDITION.search(text.text)
    if kind.code != "not_immutable" or not text or not condition or "predicate" not in failure.message:
        return ()
    return (Fix("index all rows", (Edit(text.span(condition.start(), condition.end()), ""),)),)


_CONDITION = re.compile(r"\s*\bWHERE\b[^;]*", re.IGNORECASE)


def _meant(kind: Kind, failure: Failure, trial: Trial, written: str) -> str | None:
    if kind.code == "relation_undefined":
        return did_you_mean(written, trial.state.tables)
    tables = tables_of(failure.step.sql)
    if any(table.startswith("pg_stat") for table in tables):
        return _STATISTICS.get(written)
    known = [table for name, table in trial.state.tables.items() if name in tables]
    return did_you_mean(written, [column.name for table in known for column in table.columns])


_STATISTICS = {
    "tablename": "relname",
    "table_name": "relname",
    "indexname": "indexrelname",
    "index_name": "indexrelname",
}
"""What documents call the columns of PostgreSQL's statistics, and what those are called."""
