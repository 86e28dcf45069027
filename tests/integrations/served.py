"""A server that `make` starts: waiting for it, stopping it, and what it leaves behind."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STARTING_SECONDS = 900
STOPPING_SECONDS = 300


def clean_environment() -> dict[str, str]:
    """This run's environment without what would tell the project to build something else somewhere else."""
    of_the_project = ("CUSTOMER_TIERING_", "DBT_", "DAGSTER_", "AIRFLOW_", "SUPERSET_", "MAKE")
    return {name: value for name, value in os.environ.items() if not name.startswith(of_the_project)}


@dataclass
class Server:
    """What `make dagster`, `make airflow` or `make superset` started."""

    make: subprocess.Popen
    address: str
    log: Path
    home: Path

    def stop(self) -> int:
        """Press Ctrl-C: the terminal sends it to make and to what make runs. Return the exit code; once is enough."""
        if self.make.poll() is None:
            os.killpg(self.make.pid, signal.SIGINT)
        return self.make.wait(STOPPING_SECONDS)

    def processes(self) -> dict[int, str]:
        """Every process that knows this server's folder by its environment, with its command."""
        found = {}
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if str(self.home) in (process / "environ").read_text(errors="replace"):
                    found[int(process.name)] = (process / "cmdline").read_text().replace("\0", " ")
            except OSError:  # it has ended, or is somebody else's
                continue
        return {number: command for number, command in found.items() if command}

    def wait_for_process(self, part_of_command: str, seconds: float = 120) -> list[int]:
        """Return the processes that have this in their command as soon as there is one."""
        return wait_for(
            lambda: [number for number, command in self.processes().items() if part_of_command in command],
            seconds,
            f"a process of `{part_of_command}`",
        )

    def kill(self, part_of_command: str, *, its_parent: bool = False) -> None:
        """Kill the process with this in its command, or what started it, as a machine short of memory would."""
        number, *_ = self.wait_for_process(part_of_command)
        if its_parent:
            status = Path(f"/proc/{number}/status").read_text()
            number = int(re.search(r"^PPid:\s+(\d+)$", status, flags=re.MULTILINE)[1])
        assert number in self.processes()
        os.kill(number, signal.SIGKILL)


def start(target: str, project: Path, home: Path, environment: Mapping[str, str]) -> Server:
    """Run `make TARGET` and wait for the address that it prints."""
    log = home.with_suffix(".log")
    with log.open("w") as said:
        make = subprocess.Popen(
            ["make", target],
            cwd=project,
            env=clean_environment() | environment,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    server = Server(make, "", log, home)
    try:
        server.address = wait_for(lambda: _address(server), STARTING_SECONDS, f"`make {target}` to print its address")
    except BaseException:
        server.stop()
        raise
    return server


def _address(server: Server) -> str | None:
    said = server.log.read_text(errors="replace")
    assert server.make.poll() is None, said[-3000:]
    printed = re.search(r"^\w+ is at (http://127\.0\.0\.1:\d+) ", said, flags=re.MULTILINE)
    return printed and printed[1]


def wait_for(find: Callable[[], Any], seconds: float, what: str, pause: float = 1) -> Any:
    """Return what `find` finds as soon as it does, asking it with pauses between."""
    deadline = time.monotonic() + seconds
    while not (found := find()):
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        time.sleep(pause)
    return found
