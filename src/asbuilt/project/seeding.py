"""Rows for what was built: the document's own statements, its own rows, then generated ones."""

from dataclasses import dataclass
from time import perf_counter

from asbuilt import seed
from asbuilt.engines.base import Progress, Session
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.errors import CannotBeSeeded, NothingToDo, ServerRefused
from asbuilt.model.design import Design
from asbuilt.project.amounts import EDGE, Amount, amounts, never_without
from asbuilt.project.results import Seeding

SEED = 1
LOCK = 4_209_617_534
"""The key of the advisory lock of who is seeding."""


@dataclass(frozen=True, slots=True)
class Prospect:
    """What seeding would do: `standing` rows are there, `expected` would be written; `problems` say what cannot be."""

    standing: dict[str, int]
    expected: tuple[seed.Expected, ...]
    problems: tuple[str, ...]
    seed: int


@dataclass(frozen=True, slots=True)
class Seeded:
    """What was written: rows by table, `own` of the document besides; or what was `cleaned` away. `kept_out`: values at the edge that constraints refuse. `password` is
    everybody's, where there are hashes of one."""

    rows: dict[str, int]
    seconds: float
    problems: tuple[str, ...] = ()
    own: int = 0
    cleaned: dict[str, int] | None = None
    kept_out: int = 0
    password: str = ""


def prospect(design: Design, url: str, asked: Amount, number: int = SEED) -> Prospect:
    """Return what seeding would do at `url`, which is only read."""
    with POSTGRES.connect(url, read_only=True) as session:
        planned, standing = _planned(design, session, asked, number)
    return Prospect(standing, seed.estimate(planned), planned.problems, number)


def fill(design: Design, url: str, asked: Amount, number: int, progress: Progress) -> Seeded:
    """Write what lacks of what is asked for, in pieces, so that it can go on after an interruption."""
    with POSTGRES.connect(url) as session:
        _let_alone(session)
        _refuse_interrupted(session)
        if asked.rows:
            _refuse_impossible(_planned(design, session, asked, number)[0])
        own, lost = _own(session, design, asked)
        if asked.scenario == EDGE:
            return _edge(session, number, own, lost)
        planned, _ = _planned(design, session, asked, number)
        journal = seed.DatabaseJournal(session)
        if not journal.can_be_kept:
            made = seed.run(session, planned, progress)
            note = "this role may not create a schema, so all was one transaction: it could not have gone on"
            return Seeded(made.rows, made.seconds, (*lost, *made.problems, note), own, password=planned.password)
        journal.open(number, {table.recipe.name: table.rows for table in planned.tables})
        try:
            made = seed.run(session, planned, progress, journal)
        except ServerRefused:
            _forget_if_nothing_is_written(journal)
            raise
        journal.close()
    return Seeded(made.rows, made.seconds, (*lost, *made.problems), own, password=planned.password)


def _edge(session: Session, number: int, own: int, lost: list[str]) -> Seeded:
    """Write the values that break applications, one field at a time."""
    began = perf_counter()
    made = seed.write_edges(session, seed.plan(session.inspect(), 1, number))
    kept_out = sum(one.kept_out for one in made)
    return Seeded({one.table: one.written for one in made}, perf_counter() - began, tuple(lost), own, kept_out=kept_out)


def go_on(design: Design, url: str, progress: Progress) -> Seeded:
    """Finish what was interrupted."""
    with POSTGRES.connect(url) as session:
        journal, left = _interrupted(session)
        standing = dict.fromkeys(left.wanted, 0)
        made = seed.run(session, seed.plan(session.inspect(), left.wanted, left.seed, standing), progress, journal)
        journal.close()
    return Seeded(made.rows, made.seconds, made.problems)


def clean(url: str) -> Seeded:
    """Take away what an interrupted run wrote."""
    began = perf_counter()
    with POSTGRES.connect(url) as session:
        journal, _ = _interrupted(session)
        gone = journal.clean(session.inspect())
    return Seeded({}, perf_counter() - began, cleaned=gone)


def _forget_if_nothing_is_written(journal: seed.DatabaseJournal) -> None:
    left = journal.interrupted()
    if left is not None and not any(left.written.values()):
        journal.close()


def _let_alone(session: Session) -> None:
    """Refuse where somebody else is seeding, until this session ends."""
    if not session.rows(f"SELECT pg_try_advisory_lock({LOCK})")[0][0]:
        raise CannotBeSeeded("somebody else is seeding this database", help="wait until that is done, then try again")


def _interrupted(session: Session) -> tuple[seed.DatabaseJournal, seed.Interrupted]:
    _let_alone(session)
    journal = seed.DatabaseJournal(session)
    left = journal.interrupted()
    if left is None:
        raise NothingToDo("no seeding was interrupted here", help="leave out --resume or --clean")
    return journal, left


def _refuse_interrupted(session: Session) -> None:
    left = seed.DatabaseJournal(session).interrupted()
    if left is not None:
        written, wanted = sum(left.written.values()), sum(left.wanted.values())
        raise CannotBeSeeded(
            f"a seeding was interrupted here, {written:,} of {wanted:,} rows are written",
            help="--resume goes on with it, --clean takes away what it wrote",
        )


def _refuse_impossible(planned: seed.SeedPlan) -> None:
    if planned.problems:
        told = "".join(f"\n- {problem}" for problem in planned.problems)
        help = "ask for fewer rows, or change the design"
        raise CannotBeSeeded(f"this cannot be, and nothing was written:{told}", help=help)


def _planned(design: Design, session: Session, asked: Amount, number: int) -> tuple[seed.SeedPlan, dict[str, int]]:
    state = session.inspect()
    wanted = amounts(design, state, asked)
    standing = {name: seed.count(session, name) for name in state.tables}
    missing = {name: max(0, rows - standing.get(name, 0)) for name, rows in wanted.items()}
    planned = seed.plan(state, missing, number, standing, never_without(design, state))
    return planned, {name: standing[name] for name in wanted}


def _own(session: Session, design: Design, asked: Amount) -> tuple[int, list[str]]:
    """Write the document's own rows where no table has any yet; nothing of it where no rows are wanted."""
    state = session.inspect()
    if asked.scenario in ("empty", "one") or any(seed.count(session, name) for name in state.tables):
        return 0, []
    ran, refused = _run_own_seeds(session, design)
    own, lost = seed.write_own(session, state, seed.own_rows(design, state), SEED)
    return ran + own, [*refused, *lost]


def seeded(design: Design, url: str, rows: int, progress: Progress) -> Seeding:
    """Fill every table at `url` up to `rows` rows, with what the document says first."""
    with POSTGRES.connect(url) as session:
        ran, refused = _run_own_seeds(session, design)
        state = session.inspect()
        own, lost = seed.write_own(session, state, seed.own_rows(design, state), SEED)
        plan = seed.plan(state, seed.lacking(session, state, rows), SEED)
        made = seed.run(session, plan, progress)
    return Seeding(ran + own, made.rows, (*refused, *lost, *made.problems))


def _run_own_seeds(session: Session, design: Design) -> tuple[int, list[str]]:
    """Run the document's seed statements in order; return how many ran, and what was refused of the others."""
    done, refused = 0, []
    for step in POSTGRES.seed_steps(design):
        try:
            with session.transaction():
                session.execute(step.sql)
            done += 1
        except ServerRefused as refusal:
            refused.append(f"line {design.source.line_at(step.causes[0].start)}: {refusal}")
    return done, refused
