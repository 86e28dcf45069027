"""The copy of the project that the tests of the schedulers work in."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a clone holds, with the installed packages beside it instead of a second installation."""
    copy = tmp_path_factory.mktemp("clone") / "customer-tiering"
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in filter(None, subprocess.check_output(listed, cwd=ROOT, text=True).split("\0")):
        if (ROOT / name).is_file() and not name.startswith(".venv"):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    for installed in (".venv", ".venvs"):
        (copy / installed).symlink_to(ROOT / installed, target_is_directory=True)
    return copy
