"""The commands on good input: what is printed, what is written, which exit code."""

import json
import stat

import pytest

FORMATS = ("text", "concise", "json", "sarif", "github")


@pytest.mark.parametrize("form", FORMATS)
def test_check_shows_findings_in_every_format(form, faulty, run) -> None:
    result = run("check", "--no-trial", faulty, "--format", form)
    assert result.exit_code == 1
    assert "reference_undefined" in result.stdout


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_machines_get_json_and_nothing_else(form, faulty, run) -> None:
    result = run("check", "--no-trial", faulty, "--format", form)
    assert json.loads(result.stdout)["version"] in (1, "2.1.0")
    assert not result.stderr


def test_a_clean_document_ends_with_the_next_step(clean, run) -> None:
    result = run("check", "--no-trial", clean)
    assert result.exit_code == 0, result.stdout
    assert f"asbuilt up {clean}" in result.stdout


def test_a_document_without_a_table_is_built_and_proved_too(tmp_path, run) -> None:
    path = tmp_path / "empty.md"
    path.write_text("", encoding="utf-8")
    try:
        for command in ("up", "verify"):
            result = run(command, path)
            assert result.exit_code == 0, result.stderr
            assert "proved  0 claims" in result.stdout
            assert "\n\n" not in result.stdout
    finally:
        run("down", "--data", path)


def test_lines_of_a_summary_stay_short(clean, run) -> None:
    result = run("check", "--no-trial", clean)
    assert all(len(line) <= 100 or str(clean) in line for line in result.stdout.splitlines())


def test_progress_is_told_on_standard_error_unless_quiet(clean, run) -> None:
    assert "check …" in run("check", "--no-trial", clean).stderr
    assert not run("check", "--no-trial", "--quiet", clean).stderr


def test_coverage_accounts_for_every_line(clean, run) -> None:
    shown = run("check", "--no-trial", "--coverage", clean).stdout
    counted = json.loads(run("check", "--no-trial", "--format", "json", clean).stdout)["coverage"]
    lines = len(clean.read_text(encoding="utf-8").splitlines())
    assert counted["fact"] + counted["placeholder"] + counted["prose"] == lines
    assert "not understood       0 lines" in shown


FIXABLE = "# Shop\r\n\r\n```sql\r\nCREATE TABLE seats (\r\n  id BIGINT PRIMARY KEY,\r\n  row_no INT,\r\n  INDEX idx_row (row_no)\r\n);\r\n```\r\n"


def test_fix_tells_what_it_changed_and_keeps_the_rest(tmp_path, run) -> None:
    path = tmp_path / "seats.md"
    path.write_bytes(b"\xef\xbb\xbf" + FIXABLE.encode())
    path.chmod(0o640)
    result = run("check", "--no-trial", "--fix", path)
    data = path.read_bytes()
    assert "fixed line 7: " in result.stdout
    assert data.startswith(b"\xef\xbb\xbf# Shop\r\n")
    assert b"  INDEX idx_row" not in data
    assert data.count(b"\n") == data.count(b"\r\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_fix_follows_a_link_to_the_document(tmp_path, run) -> None:
    path, link = tmp_path / "seats.md", tmp_path / "link.md"
    path.write_text(FIXABLE, encoding="utf-8")
    link.symlink_to(path)
    run("check", "--no-trial", "--fix", link)
    assert link.is_symlink()
    assert "  INDEX idx_row" not in path.read_text(encoding="utf-8")


def test_without_a_fix_nothing_is_written(clean, run) -> None:
    before = clean.stat().st_mtime_ns
    result = run("check", "--no-trial", "--fix", clean)
    assert "fixed" not in result.stdout
    assert clean.stat().st_mtime_ns == before


@pytest.mark.parametrize(
    "code", ["foreign_key_type_mismatch", "foreign-key-type-mismatch", "Foreign-Key-Type-Mismatch"]
)
def test_explain_takes_a_code_in_any_spelling(code, run) -> None:
    result = run("explain", code)
    assert result.exit_code == 0
    assert result.stdout.startswith("foreign_key_type_mismatch\n")
    assert all(len(line) <= 100 for line in result.stdout.splitlines())


def test_explain_suggests_a_name_and_lists_them_all(run) -> None:
    wrong, listed = run("explain", "foreign-key-typ-mismatch"), run("explain")
    assert wrong.exit_code == 2
    assert "did you mean `foreign_key_type_mismatch`?" in wrong.stderr
    assert "\nforeign_key_type_mismatch " in listed.stdout
    assert len(listed.stdout.splitlines()) >= 40
