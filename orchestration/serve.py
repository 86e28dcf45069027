"""Starts a web server on 127.0.0.1 and a free port, prints its address, stops it with all its processes on Ctrl-C."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping

from orchestration.settings import PROJECT

STARTING_SECONDS = 300
STOPPING_SECONDS = 30


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def serve(name: str, port: int, command: list[str], environment: Mapping[str, str], hint: str = "") -> int:
    """Run the command until it ends or somebody stops it; return the exit code."""
    # Ctrl-C, also where a shell told background jobs to ignore it, and what a service manager sends.
    for asked_to_stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(asked_to_stop, signal.default_int_handler)
    address = f"http://127.0.0.1:{port}"
    # A process group of its own, so that everything it starts can be told to stop, in this order and once.
    server = subprocess.Popen(command, cwd=PROJECT, env=os.environ | environment, start_new_session=True)
    try:
        _wait_until_it_answers(server, address)
        print(f"\n{name} is at {address}   ({hint}Ctrl-C stops it)\n", flush=True)
        return server.wait()
    except KeyboardInterrupt:
        print(f"\n{name} is being stopped", flush=True)
        return 0
    except TimeoutError as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 1
    finally:
        _stop(server)


def _wait_until_it_answers(server: subprocess.Popen, address: str) -> None:
    deadline = time.monotonic() + STARTING_SECONDS
    while server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            if time.monotonic() > deadline:
                raise TimeoutError(f"no answer at {address} within {STARTING_SECONDS} s") from None
            time.sleep(0.5)


def _stop(server: subprocess.Popen) -> None:
    """Ask it to end its processes, then ask them, then insist."""
    for asked_again in (signal.SIGINT, signal.SIGTERM):
        signal.signal(asked_again, signal.SIG_IGN)
    server.send_signal(signal.SIGINT)
    for asking in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + STOPPING_SECONDS
        while time.monotonic() < deadline and _signal_group(server.pid, 0):
            server.poll()  # collects the first process once it has ended, else the group would seem alive
            time.sleep(0.2)
        _signal_group(server.pid, asking)
    server.wait()


def _signal_group(group: int, number: int) -> bool:
    """Send a signal to a process group, say whether it has a process left."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True
