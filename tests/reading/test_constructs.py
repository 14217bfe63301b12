"""The twenty constructs that real documents are made of: each is read, in several wordings and languages."""

from collections import Counter

import pytest
from expecting import Expectation, expectations
from telling import read_text

from asbuilt.reading.coverage import LineKind

CONSTRUCTS = (
    "field_tables create_table mermaid_er labels identifier_bullets host_classes functions_triggers ascii comments json create_index "
    "typescript plain_schemas rules queries index_bullets rls operations alter_dml catalogues"
).split()
_DOCUMENTS = expectations("constructs")


@pytest.mark.parametrize("expected", _DOCUMENTS, ids=lambda expected: expected.title)
def test_a_construct_is_read(expected: Expectation) -> None:
    assert expected.missing() == []


@pytest.mark.parametrize("expected", _DOCUMENTS, ids=lambda expected: expected.title)
def test_nothing_of_it_is_left_or_claimed_twice(expected: Expectation) -> None:
    reading = read_text(expected.text)
    assert reading.coverage.count(LineKind.NOT_UNDERSTOOD) == 0
    assert [found.code for found in reading.diagnostics if found.code == "claimed_twice"] == []


@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_every_construct_has_two_documents(construct: str) -> None:
    counts = Counter(document.title.split(":")[0] for document in _DOCUMENTS)
    assert counts[construct] >= 2
