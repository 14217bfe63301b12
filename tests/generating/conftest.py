"""TypeScript's compiler, and zod in both versions, where npm can fetch them."""

import shutil
import subprocess
from pathlib import Path

import pytest

VERSIONS = ("4", "3")
TSC = "npx tsc --strict --noUnusedLocals --target es2022 --module nodenext --moduleResolution nodenext --skipLibCheck".split()


@pytest.fixture(scope="session")
def npm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the compiler, and zod in both versions."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    folder = tmp_path_factory.mktemp("npm")
    (folder / "package.json").write_text('{"type": "module", "private": true}')
    wanted = ["typescript@5", *(f"zod{version}@npm:zod@{version}" for version in VERSIONS)]
    command = ["npm", "install", "--silent", "--prefer-offline", "--no-audit", "--no-fund", *wanted]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    if done.returncode:
        pytest.skip("npm can fetch nothing here")
    return folder
