"""`make dagster`: Dagster's page, its daemon and its queue on this machine."""

import os
import shutil
import sys
from pathlib import Path

from orchestration import settings
from orchestration.dagster.manifest import write_manifest
from orchestration.serve import free_port, serve


def main() -> int:
    home = settings.PROJECT / (os.environ.get("DAGSTER_HOME") or "build/dagster")
    home.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(Path(__file__).with_name("dagster.yaml"), home / "dagster.yaml")
    write_manifest()
    dagster = str(Path(sys.executable).with_name("dagster"))
    port = free_port()
    page = ["--host", "127.0.0.1", "--port", str(port)]
    return serve(
        "Dagster",
        port,
        [dagster, "dev", *page, "-m", "orchestration.dagster.definitions"],
        {"DAGSTER_HOME": str(home), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
    )


if __name__ == "__main__":
    sys.exit(main())
