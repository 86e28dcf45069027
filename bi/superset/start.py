"""`make superset`: Apache Superset with the bundle's dashboard on the published copy, on this machine only."""

import argparse
import hashlib
import os
import secrets
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from orchestration.serve import free_port, serve
from orchestration.settings import PROJECT

BIN = Path(sys.executable).parent
HOME = PROJECT / (os.environ.get("SUPERSET_HOME") or "build/superset")
BUNDLE = Path(__file__).with_name("bundle")
USER = "admin"


class PreparationFailed(Exception):
    """A command of Superset's failed; the message is all that it said."""


def secret(name: str) -> str:
    """Return a secret of this installation, made at the first start and readable by its owner only."""
    file = HOME / name
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(24), encoding="ascii")
    return file.read_text(encoding="ascii")


def prepare(environment: dict[str, str]) -> None:
    """Make Superset's own database, import the bundle.

    Each once, the database for every release and the bundle whenever it is another one: so what somebody changes on the
    page stays over a restart.
    """
    person = ["--username", USER, "--firstname", "Customer", "--lastname", "Tiering", "--email", "admin@localhost"]
    database = [["db", "upgrade"], ["fab", "create-admin", *person, "--password", secret("password")], ["init"]]
    bundle = hashlib.sha256()
    for file in sorted(BUNDLE.rglob("*.yaml")):
        bundle.update(f"\0{file.relative_to(BUNDLE)}\0".encode() + file.read_bytes())
    for name, state, commands in (
        ("prepared", version("apache-superset"), database),
        ("imported", bundle.hexdigest(), [["import-directory", str(BUNDLE), "--overwrite"]]),
    ):
        stamp = HOME / name
        if stamp.is_file() and stamp.read_text(encoding="ascii") == state:
            continue
        for command in commands:
            _run(command, environment)
        stamp.write_text(state, encoding="ascii")


def _run(command: list[str], environment: dict[str, str]) -> None:
    print(f"superset {' '.join(command[:2])}", flush=True)
    done = subprocess.run(
        [BIN / "superset", *command],
        **{"env": os.environ | environment, "cwd": PROJECT, "text": True},
        **{"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT},
    )
    # An invalid bundle is logged, and the command ends with 0 all the same.
    if done.returncode or "An error occurred" in done.stdout:
        raise PreparationFailed(done.stdout)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bi.superset.start", description=__doc__)
    parser.add_argument("--published", type=Path, default=Path("published"), help="the folder of published versions")
    parser.add_argument("--port", type=int, default=0, help="to listen on (default: a free one)")
    options = parser.parse_args()
    HOME.mkdir(parents=True, exist_ok=True)
    environment = {
        "CUSTOMER_TIERING_PUBLISHED": str(options.published.resolve()),
        "FLASK_APP": "superset.app:create_app()",
        "SUPERSET_CONFIG_PATH": str(Path(__file__).with_name("superset_config.py")),
        "SUPERSET_HOME": str(HOME),
        "SUPERSET_SECRET_KEY": secret("secret_key"),
    }
    try:
        prepare(environment)
    except PreparationFailed as error:
        print(f"{error}\nSuperset could not be set up; to begin anew, remove {HOME}", file=sys.stderr)
        return 1
    port = options.port or free_port()
    server = [str(BIN / "gunicorn"), "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread", "--threads", "8"]
    return serve(
        "Superset",
        port,
        [*server, "--timeout", "120", "--log-level", "warning", "superset.app:create_app()"],
        environment,
        f"log in as {USER} with the password {secret('password')}; ",
    )


if __name__ == "__main__":
    sys.exit(main())
