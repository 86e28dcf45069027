"""What dbt knows about the project, for Dagster to draw its assets from: `python -m orchestration.dagster.manifest`."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from orchestration import settings

# Not the builds' own target folder: they write their manifest there while Dagster may be reading.
FOLDER = settings.PROJECT / "build" / "manifest"


def write_manifest() -> None:
    """Let dbt parse the project with the vars of the runs, since they decide which tests there are."""
    dbt = str(Path(sys.executable).with_name("dbt"))
    given = json.dumps(settings.dbt_vars(settings.FIRST_DAY))
    places = ["--profiles-dir", str(settings.PROJECT), "--target-path", str(FOLDER), "--log-path", str(FOLDER)]
    parsed = subprocess.run([dbt, "--quiet", "parse", "--vars", given, *places], cwd=settings.PROJECT)
    if parsed.returncode:  # dbt has said why
        sys.exit(parsed.returncode)


def read_manifest() -> dict[str, Any]:
    """Return dbt's manifest, in which every test says which model or seed it checks."""
    manifest = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
    for test in manifest["nodes"].values():
        if test["resource_type"] == "test" and not test.get("attached_node"):
            # Of a test with a file of its own, <model>__<what_must_hold>.sql, dagster-dbt does not know the model.
            read = [key.split(".")[2] for key in test["depends_on"]["nodes"]]
            named = test["name"].split("__")[0]
            test["config"]["meta"] = {"dagster": {"ref": {"name": named if named in read else read[0]}}}
    return manifest


if __name__ == "__main__":
    write_manifest()
