"""`make airflow`: Airflow's page, scheduler and workers on this machine, for whoever sits at it."""

import os
import subprocess
import sys
from pathlib import Path

from orchestration import settings
from orchestration.serve import free_port, serve

BIN = Path(sys.executable).parent
HOME = settings.PROJECT / (os.environ.get("AIRFLOW_HOME") or "build/airflow")
ENVIRONMENT = {
    "AIRFLOW_HOME": str(HOME),
    "AIRFLOW__CORE__DAGS_FOLDER": str(Path(__file__).with_name("dags")),
    "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
    # The address is of this machine only, so whoever opens it may do everything.
    "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "true",
    "AIRFLOW__API__HOST": "127.0.0.1",
    "AIRFLOW__API__WORKERS": "1",
    # Telemetry: Cosmos has one.
    "AIRFLOW__COSMOS__ENABLE_TELEMETRY": "false",
    "DO_NOT_TRACK": "1",
    # Where the DAGs find `orchestration`, and `airflow standalone` the command airflow.
    "PYTHONPATH": str(settings.PROJECT),
    "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
}


def prepare() -> None:
    """Make the database of Airflow's own, and the pool that lets one task write at a time."""
    HOME.mkdir(parents=True, exist_ok=True)
    for command in (["db", "migrate"], ["pools", "set", "duckdb_file", "1", "One DuckDB file has one writer"]):
        subprocess.run([BIN / "airflow", *command], env=os.environ | ENVIRONMENT, cwd=settings.PROJECT, check=True)


def main() -> int:
    prepare()
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    # Where Airflow's parts find each other.
    addresses = {
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": address,
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/",
    }
    return serve("Airflow", port, [str(BIN / "airflow"), "standalone"], ENVIRONMENT | addresses)


if __name__ == "__main__":
    # `airflow ARGUMENTS` with the settings of `make airflow`, for what the page does not do.
    if sys.argv[1:]:
        os.chdir(settings.PROJECT)
        os.execve(BIN / "airflow", ["airflow", *sys.argv[1:]], os.environ | ENVIRONMENT)
    sys.exit(main())
