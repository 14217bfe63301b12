"""Operations come in an order that works, whatever needs what: no server is needed for this."""

from hypothesis import given
from hypothesis import strategies as st

from asbuilt.engines.changes import Needs, Operation
from asbuilt.engines.state import Item
from asbuilt.plan.ordering import in_order, ordered

COUNT = 8
ITEMS = [Item("function", f"f{n}()") for n in range(COUNT)]
graphs = st.dictionaries(st.integers(1, COUNT - 1), st.sets(st.integers(0, COUNT - 2), max_size=3))


def needs_of(graph: dict[int, set[int]]) -> Needs:
    """Return needs without circles: each thing needs only things with a lower number."""
    return {ITEMS[n]: frozenset(ITEMS[m] for m in others if m < n) for n, others in graph.items()}


def makes(item: Item) -> Operation:
    return Operation(f"create {item}", (f"create {item}",), (), makes=frozenset({item}))


def removes(item: Item) -> Operation:
    return Operation(f"drop {item}", (f"drop {item}",), (), removes=frozenset({item}))


def titles(operations: list[Operation], before: Needs, after: Needs) -> list[str]:
    places = ordered([(operation,) for operation in operations], before, after)
    return [operations[at].title for at in (at for group in places for at in group)]


@given(graphs, st.permutations(ITEMS))
def test_what_is_needed_is_made_first(graph: dict[int, set[int]], items: list[Item]) -> None:
    needs = needs_of(graph)
    found = titles([makes(item) for item in items], {}, needs)
    assert sorted(found) == sorted(f"create {item}" for item in items)
    for item, needed in needs.items():
        assert all(found.index(f"create {other}") < found.index(f"create {item}") for other in needed)


@given(graphs, st.permutations(ITEMS))
def test_what_needs_is_taken_away_first(graph: dict[int, set[int]], items: list[Item]) -> None:
    needs = needs_of(graph)
    found = titles([removes(item) for item in items], needs, {})
    for item, needed in needs.items():
        assert all(found.index(f"drop {other}") > found.index(f"drop {item}") for other in needed)


@given(graphs, st.permutations(ITEMS))
def test_a_transaction_is_in_order_inside(graph: dict[int, set[int]], items: list[Item]) -> None:
    """What is rebuilt around a change goes first and comes back last, in opposite orders."""
    needs = needs_of(graph)
    operations = [operation for item in items for operation in (removes(item), makes(item))]
    found = [operation.title for operation in in_order(operations, needs, needs)]
    for item, needed in needs.items():
        for other in needed:
            assert found.index(f"drop {item}") < found.index(f"drop {other}")
            assert found.index(f"create {other}") < found.index(f"create {item}")


def test_a_view_gives_its_name_to_a_table() -> None:
    view, table = Item("view", "people"), Item("table", "people")
    assert titles([makes(table), removes(view)], {}, {}) == ["drop view people", "create table people"]


def test_what_is_taken_away_waits_to_the_end() -> None:
    one, other = Item("table", "a"), Item("table", "b")
    assert titles([removes(one), makes(other)], {}, {}) == ["create table b", "drop table a"]


def test_groups_that_wait_for_each_other_become_one() -> None:
    a, b = ITEMS[:2]
    groups = [(removes(a), makes(a)), (removes(b), makes(b))]
    assert ordered(groups, {b: frozenset({a})}, {b: frozenset({a})}) == ((0, 1),)


def test_operations_on_one_thing_stay_in_their_order() -> None:
    item = ITEMS[0]
    steps = [Operation(str(n), (), (), touches=frozenset({item})) for n in range(5)]
    assert titles(steps, {}, {}) == list("01234")
