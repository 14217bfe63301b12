"""A million users of eight columns, as others make them: numpy by hand, mimesis, Faker. All are copied in."""

from collections.abc import Callable, Iterator
from itertools import islice

from asbuilt.engines.postgres.session import PostgresSession

TABLE = """CREATE TABLE users (
    id bigint PRIMARY KEY, email text NOT NULL UNIQUE, name text NOT NULL, city text NOT NULL, born date NOT NULL,
    balance numeric(10, 2) NOT NULL, active boolean NOT NULL, created_at timestamptz NOT NULL)"""
_AT_A_TIME = 10_000
_GIVEN = ("Anna", "Mateo", "Yuki", "Ольга", "Priya", "Noah", "Chiara", "José", "Fatima", "Ingrid")
_FAMILY = ("Kim", "García", "Okafor", "Müller", "Rossi", "Smith", "Silva", "Berg", "Singh", "Dubois")
_LATIN = ("anna", "mateo", "yuki", "olga", "priya", "noah", "chiara", "jose", "fatima", "ingrid")
_LATIN_FAMILY = ("kim", "garcia", "okafor", "muller", "rossi", "smith", "silva", "berg", "singh", "dubois")
_CITIES = ("Lisbon", "Kyoto", "Nairobi", "Montréal", "Kraków", "Busan", "Tromsø", "Chennai")
_DOMAINS = ("example.com", "example.org", "example.net")
Maker = Callable[[int], Iterator[str]]
"""Makes so many rows, as blocks of lines for COPY."""


def copied(session: PostgresSession, make: Maker, rows: int) -> None:
    """Copy rows in as they are made."""
    with session.connection.cursor() as cursor, cursor.copy("COPY users FROM STDIN") as copy:
        for part in make(rows):
            copy.write(part)


def by_numpy(rows: int) -> Iterator[str]:
    """Write blocks of columns by hand: what a person who knows the table would do."""
    import numpy as np

    dice = np.random.default_rng(1)
    for first in range(0, rows, _AT_A_TIME):
        count = min(_AT_A_TIME, rows - first)
        ids = np.arange(first + 1, first + count + 1)
        given, family = dice.integers(0, len(_GIVEN), count), dice.integers(0, len(_FAMILY), count)
        names = [f"{_GIVEN[g]} {_FAMILY[f]}" for g, f in zip(given.tolist(), family.tolist(), strict=True)]
        parts = (dice.integers(0, len(words), count).tolist() for words in (_LATIN, _LATIN_FAMILY, _DOMAINS))
        drawn = zip(*parts, ids.tolist(), strict=True)
        mails = [f"{_LATIN[g]}.{_LATIN_FAMILY[f]}.{n}@{_DOMAINS[d]}" for g, f, d, n in drawn]
        cities = np.array(_CITIES)[dice.integers(0, len(_CITIES), count)].tolist()
        born = (np.datetime64("1960-01-01") + dice.integers(0, 15_000, count)).astype(str).tolist()
        money = [f"{cents / 100:.2f}" for cents in dice.integers(500, 40_000, count).tolist()]
        active = np.where(dice.random(count) < 0.7, "t", "f").tolist()
        made = (np.datetime64("2024-01-01T00:00:00") + dice.integers(0, 43_000_000, count)).astype(str).tolist()
        columns = zip(map(str, ids.tolist()), mails, names, cities, born, money, active, made, strict=True)
        yield "\n".join(map("\t".join, columns)) + "\n"


def by_mimesis(rows: int) -> Iterator[str]:
    from mimesis import Address, Datetime, Person
    from mimesis.locales import Locale

    person, address, moment = (kind(Locale.EN, seed=1) for kind in (Person, Address, Datetime))
    lines = (
        f"{n}\tuser.{n}@example.com\t{person.full_name()}\t{address.city()}\t{moment.date(1960, 2000)}\t{n % 40_000 / 100:.2f}\t"
        f"{'t' if n % 3 else 'f'}\t{moment.datetime(2024, 2025)}\n"
        for n in range(rows)
    )
    yield from _joined(lines)


def by_faker(rows: int) -> Iterator[str]:
    from faker import Faker

    fake = Faker()
    fake.seed_instance(1)
    lines = (
        f"{n}\t{n}.{fake.email()}\t{fake.name()}\t{fake.city()}\t{fake.date_of_birth()}\t{fake.pydecimal(5, 2, positive=True)}\t"
        f"{'t' if fake.boolean() else 'f'}\t{fake.date_time_this_decade()}\n"
        for n in range(rows)
    )
    yield from _joined(lines)


def _joined(lines: Iterator[str]) -> Iterator[str]:
    while part := "".join(islice(lines, _AT_A_TIME)):
        yield part
