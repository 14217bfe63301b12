"""The main job as a newcomer runs it: `asbuilt up examples/shop.md`, then the shop changes while it is used."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.documents import SHOP
from benchmarks.measuring import Figure, measure
from benchmarks.startup import ASBUILT


def run() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        document = Path(shutil.copy(SHOP, folder))
        script = shutil.copy(SHOP.with_name("change_the_shop.py"), folder)
        shutil.copy(SHOP.with_name("shop_next.md"), folder)

        def both() -> None:
            _up(document)
            subprocess.run([sys.executable, script], check=True, capture_output=True)

        try:
            return [measure("asbuilt up examples/shop.md, then its change", both, runs=3, warmup=0, bound=15_000)]
        finally:
            _down(document)


def _up(document: Path) -> None:
    _down(document)
    subprocess.run([ASBUILT, "up", "--quiet", str(document)], check=True, capture_output=True)


def _down(document: Path) -> None:
    subprocess.run([ASBUILT, "down", "--data", str(document)], check=True, capture_output=True)
