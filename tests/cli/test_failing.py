"""What cannot be done is said in one message, in the format that was asked for, with exit code 2: never a traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asbuilt.cli import main
from asbuilt.server_url import without_password

ASBUILT = str(Path(sys.executable).with_name("asbuilt"))
KEYS = {"version", "document", "diagnostics", "claims", "coverage", "assumptions"}
UNREADABLE = {
    "missing": (None, "there is no such file"),
    "utf-16": ("# Übersicht".encode("utf-16"), "UTF-16"),
    "gbk": ("# 数据库".encode("gbk"), "not UTF-8 text"),
    "binary": (bytes(range(256)), "not UTF-8 text"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_said_with_what_to_do(name, tmp_path, run) -> None:
    data, reason = UNREADABLE[name]
    path = tmp_path / "design.md"
    if data is not None:
        path.write_bytes(data)
    result = run("check", path)
    assert result.exit_code == 2
    assert not result.stdout
    assert reason in " ".join(result.stderr.split())
    assert "help: " in result.stderr


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://foo", "the given URL: it does not name a PostgreSQL database"),
        ("nonsense", "the given URL: it does not name a PostgreSQL database"),
        ("postgresql://anna:a@127.0.0.1:1/data", "127.0.0.1:1/data: Connection refused"),
    ],
)
def test_a_url_that_leads_nowhere_is_told_without_its_password(clean, run, url, told) -> None:
    result = run("verify", clean, "--to", url)
    assert result.exit_code == 2
    assert f"error: cannot use the server at {told}" in " ".join(result.stderr.split())


def test_a_short_password_is_masked_where_it_is_one() -> None:
    url = "postgresql://n:n@host/n"
    assert without_password("no connection to host", url) == "no connection to host"
    assert without_password(f"cannot read {url}", url) == "cannot read postgresql://n:***@host/n"
    long = "postgresql://anna:secret word@host/data"
    assert without_password('"secret word" is wrong', long) == '"***" is wrong'


def test_a_folder_is_no_document(tmp_path, run) -> None:
    result = run("check", tmp_path)
    assert result.exit_code == 2
    assert "it is a folder" in " ".join(result.stderr.split())


def test_errors_come_as_json_where_json_was_asked_for(tmp_path, run) -> None:
    result = run("check", tmp_path / "missing.md", "--format", "json")
    answer = json.loads(result.stdout)
    assert result.exit_code == 2
    assert not result.stderr
    assert "no such file" in answer["error"]["message"]
    assert answer.keys() == KEYS | {"error"}


@pytest.mark.parametrize("arguments", [("check",), ("chek", "x.md"), ("check", "x.md", "--what")])
def test_wrong_usage_comes_as_json_too(arguments, run) -> None:
    result = run(*arguments, "--format", "json")
    assert result.exit_code == 2
    assert json.loads(result.stdout)["error"]["message"]


def test_an_empty_url_means_no_server_of_our_own(clean, run) -> None:
    result = run("up", clean, "--to", "")
    assert result.exit_code == 2
    assert "it is empty" in result.stderr
    assert not (clean.parent / ".asbuilt").exists()


@pytest.mark.parametrize(
    ("url", "reason"),
    [("garbage", "write the URL as"), ("postgresql://127.0.0.1:1/x", "refused"), ("mysql://h/x", "write the URL as")],
)
def test_a_server_that_cannot_be_used_is_named_at_once(url, reason, clean, run) -> None:
    result = run("up", clean, "--to", url)
    assert result.exit_code == 2
    assert "cannot use the server at" in result.stderr
    assert reason in result.stderr


def test_a_password_is_never_shown(clean, run) -> None:
    result = run("verify", clean, "--to", "postgresql://someone:s3cret@127.0.0.1:1/x")
    assert result.exit_code == 2
    assert "s3cret" not in result.output


@pytest.mark.parametrize(("command", "reason"), [("report", "nothing has been verified"), ("verify", "no server runs")])
def test_what_is_not_there_yet_is_said(command, reason, clean, run) -> None:
    result = run(command, clean)
    assert result.exit_code == 2
    assert reason in " ".join(result.stderr.split())


def test_nothing_to_stop_is_fine(clean, run) -> None:
    result = run("down", clean)
    assert result.exit_code == 0
    assert "no server runs" in result.stdout


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.one_of(st.binary(max_size=400), st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace"))))
def test_check_answers_any_bytes_in_json(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "any.md"
    path.write_bytes(data)
    result = CliRunner().invoke(main, ["check", str(path), "--no-trial", "--format", "json"])
    answer = json.loads(result.stdout)
    assert result.exit_code in (0, 1, 2)
    assert answer.keys() >= KEYS
    assert "this should not happen" not in answer.get("error", {}).get("message", "")


def test_a_reader_that_goes_away_is_no_error(faulty) -> None:
    command = f"{ASBUILT} check --no-trial --format json {faulty} | head -c 1"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout == "{"
    assert not done.stderr


def test_what_an_output_cannot_encode_is_shown_by_number(tmp_path) -> None:
    path = tmp_path / "design.md"
    path.write_text("```sql\nCREATE TABLE größe (id FLOAT);\n```\n", encoding="utf-8")
    command = [ASBUILT, "check", "--no-trial", str(path)]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=environment)
    assert done.returncode in (0, 1)
    assert "Traceback" not in done.stderr
    assert "should not happen" not in done.stderr
