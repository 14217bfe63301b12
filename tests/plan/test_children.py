"""Tables that inherit have columns and checks from the table above, and keys and indexes only where they are given some."""

from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.plan.running import apply, roll_back
from plan.expansion import Scenario, ground, planned


def test_a_key_and_an_index_like_those_of_the_table_above_are_made() -> None:
    above = "CREATE TABLE things (id int PRIMARY KEY, size int); CREATE INDEX things_size ON things (size);"
    bare = f"{above} CREATE TABLE cars () INHERITS (things)"
    own = f"{above} CREATE TABLE cars (PRIMARY KEY (id)) INHERITS (things); CREATE INDEX cars_size ON cars (size)"
    made = "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = 'cars'::regclass ORDER BY 1"
    plan, _ = planned(Scenario(bare, own, "INSERT INTO cars VALUES (1, 1)"))
    with ground(Scenario(bare, own, "INSERT INTO cars VALUES (1, 1)")) as (url, session):
        apply(POSTGRES, url, plan)
        assert session.rows(made) == [("cars_pkey",), ("cars_size",)]
        roll_back(POSTGRES, url)
        assert session.rows(made) == []
