"""Rows of a default partition that get partitions of their own: copied range by range beside their writers, then exchanged.

A table divided alike is made in a schema of the plan's own, with the new partitions and a default one. All rows of the default
partition are copied there and kept in step by triggers. Once nobody is at work who cannot see the copies, they take their places
in one short transaction: constraints that were proved before spare PostgreSQL every look at rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from asbuilt.engines.changes import Operation
from asbuilt.engines.inherited import partitions
from asbuilt.engines.postgres import defining
from asbuilt.engines.postgres.changing import backfills, bounds, regrouping, shadow
from asbuilt.engines.postgres.changing.ground import Ground
from asbuilt.engines.postgres.changing.in_step import Flow
from asbuilt.engines.postgres.changing.joining import attaching, detaching, parts
from asbuilt.engines.postgres.changing.shadow import Family, place
from asbuilt.engines.postgres.quoting import identifier, literal, relation
from asbuilt.engines.state import ConstraintState, DatabaseState, Item, TableState

_BOUND, _REST = "asbuilt_bound", "asbuilt_rest"
_PATIENCE_SECONDS = 30
_GENTLE_SECONDS = 10
"""How long the locks of the short transaction are only taken where nobody holds them, so that no writer queues up behind."""
_OTHERS_END = f"""DO $do$ DECLARE old text[]; others text; began timestamptz := clock_timestamp(); BEGIN
SELECT array_agg(l.virtualxid), string_agg(DISTINCT 'process ' || a.pid, ', ') INTO old, others
FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid JOIN pg_database d ON d.oid = a.datid
WHERE l.locktype = 'virtualxid' AND l.granted AND a.pid <> pg_backend_pid() AND d.datname = current_database()
  AND coalesce(a.backend_type, 'client backend') = 'client backend' AND (a.backend_xmin IS NOT NULL OR a.state IS NULL);
WHILE EXISTS (SELECT FROM pg_locks WHERE locktype = 'virtualxid' AND virtualxid = ANY (old)) LOOP
IF clock_timestamp() > began + interval '{_PATIENCE_SECONDS} s' THEN
RAISE lock_not_available USING MESSAGE = 'transactions that began before all rows were copied are at work still: ' || others; END IF;
PERFORM pg_sleep(0.02); END LOOP; END $do$"""


@dataclass(frozen=True)
class MovingOut:
    """The new partitions `group` of `parent`, which has a `default` one before and after."""

    parent: str
    group: tuple[str, ...]
    default: TableState
    ground: Ground

    @property
    def hindrance(self) -> str:
        """Why it cannot be done beside the writers; empty where it can."""
        return next(self._hindrances(), "")

    def _hindrances(self) -> Iterator[str]:
        above, name = self.ground.before.tables[self.parent], self.default.name
        for table in (self.parent, name):
            if self.ground.before.tables[table] != self.ground.after.tables[table]:
                yield f"{table} changes otherwise, too, in the same plan"
        if not self.flow.key:
            yield f"no key tells the rows of {name} apart"
        if (
            bounds.strategy(above.partition_key or "") != "RANGE"
            or len(bounds.elements(above.partition_key or "")) != 1
        ):
            yield f"{self.parent} is not divided by ranges of one key"
        if above.partition_bound is not None or self.default.partition_key:
            yield f"{self.parent} has partitions of partitions"
        if any(key.target in (self.parent, name) for member in self.family.members for key in member.constraints):
            yield f"{self.parent} points at itself"
        yield from (f"{item} is about {name} itself" for item in self._others)
        locked = (table for table, key in self.pointing if _is_due(key) and not self._can_wait(table))
        yield from (f"{table}, which points at it, can only be looked through while it is locked" for table in locked)

    @property
    def _others(self) -> Iterator[Item]:
        """Yield what needs the default partition and is no part of it; what is one of its parent's, in it or elsewhere, is not."""
        state = self.ground.before
        for thing in (Item("table", self.default.name), *parts(self.default)):
            for item in self.ground.dependants.get(thing, ()):
                stands = item in parts(state.tables[item.table]) if item.table in state.tables else not item.table
                if stands and item.table != self.default.name:
                    yield item

    def operations(self) -> Iterator[Operation]:
        """Yield what moves the rows out, each a step of its own."""
        touches = frozenset({Item("table", self.parent), Item("table", self.default.name)})
        told, name = ", ".join(self.group), self.default.name
        new = [self.ground.after.tables[one] for one in self.group]
        made = frozenset(item for table in new for item in (Item("table", table.name), *parts(table)))
        yield Operation(
            f"make {told} beside {self.parent}, and keep in step what lies in {name}",
            tuple(self._prepared()),
            (*self.flow.ended(), f"DROP SCHEMA IF EXISTS {identifier(self.beside)} CASCADE"),
            touches=touches,
        )
        yield replace(backfills.operation(f"copy the rows of {name}", self.flow.backfill()), touches=touches)
        yield Operation("wait for those who cannot see the copies", (_OTHERS_END,), (), touches=touches)
        yield Operation(f"hold the rest of {name} to what it takes from now on", (self._held(),), (self._let_go(),), touches=touches)  # fmt: skip
        yield Operation(f"look whether all of {name} is divided so", tuple(self._proved()), (), touches=touches)
        yield Operation(
            f"put {told} in their places, with the rows that lay in {name}",
            tuple(self._exchanged()),
            regrouping.regrouped(self.parent, self.group, self.ground).reverse,
            makes=made,
            touches=touches,
        )
        yield from self._checked()

    @property
    def beside(self) -> str:
        """The schema in which the new partitions lie until they take their places."""
        return f"{self.ground.kept}_new"

    @cached_property
    def family(self) -> Family:
        """The table as it is made beside: with its new partitions and the default one, part of nothing else."""
        tables = self.ground.after.tables
        chosen = {name: tables[name] for name in (self.parent, *self.group, self.default.name)}
        chosen[self.parent] = replace(tables[self.parent], parents=(), partition_bound=None)
        return Family(DatabaseState(self.ground.after.version, chosen), self.parent)

    @property
    def members(self) -> list[TableState]:
        """The new partitions and the default one."""
        return self.family.members[1:]

    @cached_property
    def flow(self) -> Flow:
        there = place(self.parent, self.beside)
        return Flow(self.default, self.family.table, self.default.name, there, self.beside)

    @property
    def pointing(self) -> list[tuple[str, ConstraintState]]:
        """The foreign keys that point at the table before and after, with their tables."""
        after = self.ground.after.tables
        return [
            (name, key)
            for name, table in self.ground.before.tables.items()
            for key in (table.constraints if name in after else ())
            if key.target == self.parent and key in after[name].constraints
        ]

    def _there(self, table: TableState) -> str:
        return relation(place(table.name, self.beside))

    def _prepared(self) -> Iterator[str]:
        yield from shadow.made(self.family, self.beside)
        names = {member.name for member in self.family.members}
        for table, key in self.family.keys:
            if table in names:
                yield defining.add_constraint(place(table, self.beside), key)
        for member in self.members:
            if member.partition_bound != bounds.DEFAULT:
                takes = bounds.takes(self.family.table, member.partition_bound or "")
                yield f"ALTER TABLE {self._there(member)} ADD CONSTRAINT {_BOUND} CHECK ({takes})"
        yield from self.flow.started()

    def _held(self) -> str:
        there = [t.partition_bound or "" for t in partitions(self.ground.after, self.parent)]
        rest = bounds.rest(self.family.table, there)
        return f"ALTER TABLE {self._there(self.default)} ADD CONSTRAINT {_REST} CHECK ({rest}) NOT VALID"

    def _let_go(self) -> str:
        return f"ALTER TABLE IF EXISTS {self._there(self.default)} DROP CONSTRAINT {_REST}"

    def _proved(self) -> Iterator[str]:
        yield f"ALTER TABLE {self._there(self.default)} VALIDATE CONSTRAINT {_REST}"
        yield from (f"ANALYZE {self._there(table)}" for table in self.members)

    def _locked(self) -> str:
        tables = [
            relation(self.parent),
            relation(self.default.name),
            *sorted({relation(home) for home, _ in self.pointing}),
        ]
        names = ", ".join(f"ONLY {name}" for name in tables)
        return (
            "DO $do$ DECLARE began timestamptz := clock_timestamp(); BEGIN LOOP BEGIN "
            f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE NOWAIT; EXIT; EXCEPTION WHEN lock_not_available THEN "
            f"EXIT WHEN clock_timestamp() > began + interval '{_GENTLE_SECONDS} s'; PERFORM pg_sleep(0.005); END; END LOOP; END $do$"
        )

    def _exchanged(self) -> Iterator[str]:
        yield self._locked()
        for home, key in self.pointing:
            yield f"ALTER TABLE {relation(home)} DROP CONSTRAINT {identifier(key.name)}"
        yield detaching(self.default)
        yield from self.flow.ended()
        yield f"DROP TABLE {relation(self.default.name)}"
        for table in self.members:
            yield f"ALTER TABLE {self._there(self.family.table)} DETACH PARTITION {self._there(table)}"
        yield from shadow.moved(self.members, self.beside, None)
        for table in sorted(self.members, key=lambda table: table.partition_bound == bounds.DEFAULT):
            yield from self._in_place(table)
        for home, key in self.pointing:
            yield defining.add_constraint(home, self._waiting(home, key))
            if key.comment:
                yield f"COMMENT ON CONSTRAINT {identifier(key.name)} ON {relation(home)} IS {literal(key.comment)}"
        yield f"DROP SCHEMA {identifier(self.beside)} CASCADE"

    def _in_place(self, table: TableState) -> Iterator[str]:
        check = _REST if table.partition_bound == bounds.DEFAULT else _BOUND
        yield attaching(table)
        yield f"ALTER TABLE {relation(table.name)} DROP CONSTRAINT {check}"
        yield from shadow.finished(Family(self.ground.after, table.name))

    def _waiting(self, table: str, key: ConstraintState) -> ConstraintState:
        """Return a key as it is put in force at once, the rows that are there looked at later; the same where that cannot be."""
        is_later = _is_due(key) and self._can_wait(table)
        return replace(key, definition=f"{key.definition} NOT VALID") if is_later else key

    def _can_wait(self, table: str) -> bool:
        return not self.ground.is_partitioned(table) or self.ground.before.version >= (18, 0)

    def _checked(self) -> Iterator[Operation]:
        for table, key in ((t, k) for t, k in self.pointing if _is_due(k)):
            yield Operation(
                f"check {key.name} over the rows of {table}",
                (f"ALTER TABLE {relation(table)} VALIDATE CONSTRAINT {identifier(key.name)}",),
                (),
                touches=frozenset({Item("constraint", key.name, table)}),
            )


def _is_due(key: ConstraintState) -> bool:
    """Tell whether rows are held to a key, those that were there before it included."""
    return key.is_validated and key.is_enforced
