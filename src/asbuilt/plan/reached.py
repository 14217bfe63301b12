"""Which of the document's migrations a database has gone through: by the journal, or by what stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from asbuilt.engines.base import Engine, Session
from asbuilt.engines.changes import Verb
from asbuilt.engines.journal import Entry
from asbuilt.engines.state import DatabaseState, spelled_like
from asbuilt.model.names import normal
from asbuilt.model.sql import Migration, SqlStatement
from asbuilt.plan.difference import difference
from asbuilt.plan.migrating import MOST_TRIED, chunks, digest, lacking, take
from asbuilt.plan.steps import PlacedMigration, fingerprint
from asbuilt.plan.storing import from_text
from asbuilt.plan.wording import differences, shortened

_ALL_THERE = "the schema is what it leads to"
_STANDING = ("applied", "expanded", "contracting")


@dataclass(frozen=True, slots=True)
class Reached:
    """Whether a database has gone through a migration (None: nothing tells), and in words what tells so, or why nothing does.

    `entry` is the plan in the journal that went through it.
    """

    migration: Migration
    is_applied: bool | None
    told: str
    entry: Entry | None = None


def reached(
    engine: Engine, copy: Session, wanted: DatabaseState, migrations: Sequence[Migration], entries: Sequence[Entry]
) -> tuple[Reached, ...]:
    """Return how a database stands to each migration; `copy`, a copy of its structure, stays as it is."""
    if not migrations:
        return ()
    with copy.attempt():
        return _Look(engine, copy, wanted, tuple(migrations), _by_name(entries)).all()


def reached_untried(
    state: DatabaseState,
    wanted: DatabaseState,
    migrations: Sequence[Migration],
    entries: Sequence[Entry],
    reason: str,
) -> tuple[Reached, ...]:
    """Return the same where nothing can be tried, for that `reason`: what the journal says, and a schema that is as wanted."""
    is_all_there = not difference(spelled_like(state, wanted), wanted)
    recorded = _by_name(entries)
    return tuple(
        _by_journal(migration, recorded)
        or (Reached(migration, True, _ALL_THERE) if is_all_there and statements(migration) else Reached(migration, None, reason))
        for migration in migrations
    )  # fmt: skip


def _by_journal(migration: Migration, recorded: Mapping[str, tuple[Entry, PlacedMigration]]) -> Reached | None:
    """Return what the journal says of a migration; None where it says nothing, or of other statements."""
    entry, placed = recorded.get(called(migration.name), (None, None))
    if entry and placed and placed.digest == digest(migration):
        return Reached(migration, True, f"plan {entry.number} went through it on {_day(entry)}", entry)
    return None


def called(name: str) -> str:
    """Return what makes two names of a migration one."""
    return normal(name) or name


def statements(migration: Migration) -> tuple[SqlStatement, ...]:
    """Return the migration's statements that change structure."""
    return tuple(statement for chunk in chunks(migration.forward) for statement in chunk.structure)


def _by_name(entries: Sequence[Entry]) -> dict[str, tuple[Entry, PlacedMigration]]:
    standing = (entry for entry in entries if entry.state in _STANDING)
    return {called(m.name): (entry, m) for entry in standing for m in from_text(entry.plan).migrations}


@dataclass(slots=True)
class _Look:
    """A look at one migration after the other; what of them is not there yet is made, so that the next finds what it needs."""

    engine: Engine
    copy: Session
    wanted: DatabaseState
    migrations: tuple[Migration, ...]
    recorded: dict[str, tuple[Entry, PlacedMigration]]

    def all(self) -> tuple[Reached, ...]:
        state = self.copy.inspect()
        is_all_there = not difference(spelled_like(state, self.wanted), self.wanted)
        found = []
        for at, migration in enumerate(self.migrations):
            seen = self._one(at, migration, state, is_all_there)
            if seen.is_applied is False:
                take(self.engine, self.copy, statements(migration))
                state = self.copy.inspect()
            found.append(seen)
        return tuple(found)

    def _one(self, at: int, migration: Migration, state: DatabaseState, is_all_there: bool) -> Reached:
        if said := _by_journal(migration, self.recorded):
            return said
        seen = self._by_structure(at, migration, state, is_all_there)
        if called(migration.name) not in self.recorded:
            return seen
        entry, _ = self.recorded[called(migration.name)]
        told = (
            f"plan {entry.number} went through it on {_day(entry)}, with other statements than it has now; {seen.told}"
        )
        return replace(seen, told=told, entry=entry)

    def _by_structure(self, at: int, migration: Migration, state: DatabaseState, is_all_there: bool) -> Reached:
        if not statements(migration):
            return self._by_rows(at, migration, state)
        if is_all_there:
            return Reached(migration, True, _ALL_THERE)
        if at < len(self.migrations) - MOST_TRIED:
            return Reached(migration, None, f"only the last {MOST_TRIED} migrations are looked for in a schema")
        return self._by_trying(at, migration, state)

    def _by_rows(self, at: int, migration: Migration, state: DatabaseState) -> Reached:
        """Judge a migration that only writes rows: they do not tell, what it writes into does, and so does the journal."""
        if missing := lacking(migration, state, self.wanted):
            return Reached(
                migration, False, f"{shortened(missing)} {'is' if len(missing) == 1 else 'are'} missing, which it names"
            )
        last = max((n for n, m in enumerate(self.migrations) if called(m.name) in self.recorded), default=-1)
        if 0 <= last < at:
            entry, placed = self.recorded[called(self.migrations[last].name)]
            return Reached(
                migration, False, f"the journal ends with `{placed.name}` (plan {entry.number}), which comes before it"
            )
        return Reached(migration, None, "it only writes rows, and the journal does not tell whether it ran")

    def _by_trying(self, at: int, migration: Migration, state: DatabaseState) -> Reached:
        """Judge a migration by whether running it, and then those after it, brings the schema closer to what is wanted."""
        rest = [statement for later in self.migrations[at + 1 :] for statement in statements(later)]
        alone, refused = self._after(statements(migration))
        if not refused and fingerprint(alone) == fingerprint(state):
            return Reached(migration, True, "all that it makes stands")
        (without, _), (along, _) = self._after(rest), self._after([*statements(migration), *rest])
        nearer, farther = self._distance(along), self._distance(without)
        if nearer < farther:
            return Reached(migration, False, shortened(differences(without, along, "missing", "still there")))
        if nearer > farther or self._is_past(refused):
            return Reached(migration, True, "the schema has gone past what it makes")
        if refused:
            statement, why = refused[0]
            return Reached(migration, None, f"`{brief(statement)}` is refused on this schema: {why}")
        return Reached(migration, None, "the schema as it stands is no nearer to either side of it")

    def _after(self, chosen: Sequence[SqlStatement]) -> tuple[DatabaseState, tuple[tuple[SqlStatement, str], ...]]:
        with self.copy.attempt():
            refused = take(self.engine, self.copy, chosen)
            return self.copy.inspect(), refused

    def _distance(self, state: DatabaseState) -> tuple[int, int]:
        """Return how far a state is from what is wanted: what is missing or too much counts more than what is otherwise."""
        changes = difference(spelled_like(state, self.wanted), self.wanted)
        return sum(change.verb in (Verb.CREATE, Verb.DROP) for change in changes), len(changes)

    def _is_past(self, refused: Sequence[tuple[SqlStatement, str]]) -> bool:
        """Tell whether what is refused is about tables only that nobody wants any more."""
        tables = [{need.name.name for need in s.needs if need.name.kind == "table"} for s, _ in refused]
        wanted = {name.rpartition(".")[2] for name in self.wanted.tables}
        return bool(tables) and all(named and not named & wanted for named in tables)


def brief(statement: SqlStatement) -> str:
    """Return a statement as a message shows it."""
    words = " ".join(statement.sql.split())
    return words if len(words) <= 60 else f"{words[:59]}…"


def _day(entry: Entry) -> str:
    return f"{entry.finished_at or entry.started_at:%Y-%m-%d}"
