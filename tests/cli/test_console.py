"""What is told on the way where no terminal shows a moving line: in the log of a run that nobody watches."""

import pytest

from asbuilt.cli import console


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(console.time, "monotonic", lambda: now[0])
    return now


def test_an_act_is_told_when_it_begins_and_how_far_it_is_every_ten_seconds(clock, capsys) -> None:
    with console.progress(is_quiet=False) as progress:
        for seconds in range(25):
            clock[0] = 100.0 + seconds
            progress(f"apply: events, {25 - seconds} s left", 1000 * seconds, 25_000)
        progress("verify: all", 0, 0)
    assert capsys.readouterr().err.splitlines() == [
        "  0.0 s  apply …",
        " 10.0 s  apply: events, 15 s left (10,000 of 25,000)",
        " 20.0 s  apply: events, 5 s left (20,000 of 25,000)",
        " 24.0 s  verify …",
    ]
