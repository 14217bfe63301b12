"""What only looks like a statement of the schema, and what hides where nobody looks."""

import pytest
from expecting import Expectation, expectations


@pytest.mark.parametrize("expected", expectations("traps"), ids=lambda expected: expected.title)
def test_a_trap_is_not_stepped_into(expected: Expectation) -> None:
    assert expected.missing() == []
