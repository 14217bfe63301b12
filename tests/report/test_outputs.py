"""The outputs for people, editors and machines, as kept beside this file; `pytest --update` writes them anew."""

import json
import re
from pathlib import Path

import pytest
from rich.text import Text

from asbuilt.report import formats, summary
from asbuilt.report.layout import Screen, columns, row

KEPT = Path(__file__).parent / "outputs"
JSON_PAGE = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("form", ["concise", "github", "sarif", "json"])
def test_formats_are_as_kept(form, project, result, run, is_updating) -> None:
    hold(f"{form}.txt", formats.render(form, project.source, result, run.evidence), is_updating)


def test_the_summary_of_a_check_is_as_kept(project, result, is_updating) -> None:
    hold("check.txt", summary.check(project, result, Screen(100), with_coverage=True).plain, is_updating)


def test_the_summary_of_a_verification_is_as_kept(project, run, is_updating) -> None:
    hold("verify.txt", summary.verify(project, run, Screen(80)).plain, is_updating)


def hold(name: str, text: str, is_updating: bool) -> None:
    """Compare with what is kept, or keep it."""
    path = KEPT / name
    if is_updating:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")
    assert text + "\n" == path.read_text(encoding="utf-8"), "run `pytest --update` if the change is meant"


def test_the_json_has_the_keys_that_its_page_names(project, result, run) -> None:
    answer = json.loads(formats.render("json", project.source, result, run.evidence))
    documented = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", JSON_PAGE.split("## Plans")[0], flags=re.MULTILINE))
    assert answer.keys() == documented.keys() - {"error"}
    for key in ("diagnostics", "claims", "assumptions"):
        assert all(f"`{name}`" in documented[key] for item in answer[key] for name in item), key


def test_broken_claims_are_findings_for_those_who_know_findings_only(project, result, run) -> None:
    for form in ("concise", "sarif", "github"):
        assert "claim_broken" in formats.render(form, project.source, result, run.evidence)


def test_sarif_points_at_places_that_are_there(project, result, run) -> None:
    log = json.loads(formats.render("sarif", project.source, result, run.evidence))
    (only,) = log["runs"]
    rules = only["tool"]["driver"]["rules"]
    assert log["version"] == "2.1.0"
    for found in only["results"]:
        assert rules[found["ruleIndex"]]["id"] == found["ruleId"]
        assert found["level"] in ("error", "warning", "note")
        for place in (*found["locations"], *found.get("relatedLocations", [])):
            region = place["physicalLocation"]["region"]
            start = (region["startLine"], region["startColumn"])
            assert (1, 1) <= start <= (region["endLine"], region["endColumn"])


def test_a_long_value_goes_on_below_where_it_began() -> None:
    text = row(Screen(40), "read", "one two three four five six seven eight nine").plain
    assert text == "     read  one two three four five six\n           seven eight nine"


def test_what_has_no_space_stays_whole_so_that_it_can_be_copied() -> None:
    url = "postgresql://" + "x" * 100
    assert row(Screen(40), "listens", url).plain.split() == ["listens", url]


def test_cells_stand_in_columns_as_many_as_fit() -> None:
    lines = columns(Screen(37), [Text(word) for word in ("alpha", "be", "gamma", "delta")])
    assert [line.plain for line in lines] == ["alpha   be      gamma", "delta"]
