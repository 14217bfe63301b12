"""What a message names as a command can be copied."""

import pytest

from asbuilt.cli import main
from asbuilt.cli.calling import Call

BY_HAND = Call(main.commands, "my design.md", "postgresql://host/shop")


@pytest.mark.parametrize(
    ("told", "whole"),
    [
        ("look: `asbuilt plan`", "look: `asbuilt plan 'my design.md' --to postgresql://host/shop`"),
        ("`asbuilt rollback --to 3`", "`asbuilt rollback 'my design.md' --on postgresql://host/shop --to 3`"),
        ("`asbuilt check`, `asbuilt up`", "`asbuilt check 'my design.md'`, `asbuilt up 'my design.md' --to postgresql://host/shop`"),
        ("`asbuilt check 'my design.md'`", "`asbuilt check 'my design.md'`"),
        ("`asbuilt explain`", "`asbuilt explain`"),
        ("`asbuilt elsewhere`, asbuilt apply", "`asbuilt elsewhere`, asbuilt apply"),
    ],
)  # fmt: skip
def test_commands_in_messages_are_made_whole(told: str, whole: str) -> None:
    assert BY_HAND.whole(told) == whole


@pytest.mark.parametrize(
    "url", ["postgresql://me:secret@host/shop", "postgresql://host/shop?user=me&password=secret", "host=there"]
)
def test_a_password_is_never_shown(url: str) -> None:
    assert Call(main.commands, "d.md", url).line("apply", " --yes") == "asbuilt apply d.md --to URL --yes"


def test_a_url_with_a_password_is_named_by_the_variable_that_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "postgresql://me:secret@host/shop"
    monkeypatch.setenv("SHOP_URL", url)
    assert Call(main.commands, "d.md", url).line("verify") == 'asbuilt verify d.md --to "$SHOP_URL"'


def test_without_a_document_the_database_is_enough() -> None:
    assert (
        Call(main.commands, "", "postgresql://host/shop").line("rollback")
        == "asbuilt rollback --on postgresql://host/shop"
    )
