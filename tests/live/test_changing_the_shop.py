"""The demo's second act: the shop's document changes under two versions of an application, and goes back."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import asbuilt

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_nothing_that_was_acknowledged_is_lost_there_and_back(tmp_path: Path) -> None:
    for name in ("shop.md", "shop_next.md", "change_the_shop.py"):
        shutil.copy(EXAMPLES / name, tmp_path)
    shop = asbuilt.load(tmp_path / "shop.md")
    try:
        url = shop.up(rows=3).url
        done = subprocess.run(
            [sys.executable, str(tmp_path / "change_the_shop.py")], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        told = re.search(r"writes  ([\d,]+) acknowledged .*, 0 lost; the longest stall \d+ ms", done.stdout)
        assert told
        assert int(told[1].replace(",", "")) > 10
        assert shop.plan(url).steps == ()
    finally:
        shop.down(with_data=True)


def test_the_changed_document_is_sound_too() -> None:
    assert asbuilt.load(EXAMPLES / "shop_next.md").check().diagnostics == ()
