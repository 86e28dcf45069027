"""The copy of the project that the tests work in, and a build of the sample."""

import os
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


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A build of the sample and dbt's target folder of it."""
    if given := os.environ.get("CUSTOMER_TIERING_TEST_SAMPLE"):
        return Path(given), Path(given).with_name("target")
    folder = tmp_path_factory.mktemp("sample")
    settings = {"CUSTOMER_TIERING_DB": folder / "sample.duckdb", "DBT_TARGET_PATH": folder / "target"}
    settings |= {"DBT_LOG_PATH": folder / "logs", "DBT_PROFILES_DIR": ROOT}
    subprocess.run(
        [ROOT / ".venv" / "bin" / "dbt", "build", "--exclude-resource-type", "unit_test"],
        **{"cwd": ROOT, "env": os.environ | {name: str(value) for name, value in settings.items()}, "check": True},
    )
    return folder / "sample.duckdb", folder / "target"
