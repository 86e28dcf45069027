"""`app --published DIR [--language en|zh]`: look at the published tiers in a browser, on this machine only by default.

Exit code 2 with a reason when the app's packages are not installed or nobody can listen where it is told to; else
Streamlit's own, once it is stopped by Ctrl-C.
"""

import argparse
import importlib.util
import os
import socket
import sys
from pathlib import Path

from customer_tiering.report import LANGUAGES

# Where the page finds what it was started with: Streamlit runs it as a script, over and over.
PUBLISHED, LANGUAGE = "CUSTOMER_TIERING_APP_PUBLISHED", "CUSTOMER_TIERING_APP_LANGUAGE"
PROJECT = Path(__file__).resolve().parents[2]
SETTINGS = {
    "server.headless": "true",  # opens no browser by itself
    "server.fileWatcherType": "none",
    "browser.gatherUsageStats": "false",
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",  # an error's text may hold data; it is in the terminal
    "theme.base": "light",
    "theme.primaryColor": "#0b3c6f",
    "theme.textColor": "#1f2933",
}


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("app", help="look at the published tiers in a browser, try another policy")
    parser.add_argument("--published", type=Path, required=True, help="the folder of published versions")
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="to start in (default: %(default)s)")
    parser.add_argument("--address", default="127.0.0.1", help="to listen on (default: %(default)s, this machine only)")
    parser.add_argument("--port", type=int, default=0, help="to listen on (default: a free one)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    if importlib.util.find_spec("streamlit") is None:
        print("app: Streamlit is not installed: `make app`, or pip install -r requirements/app.txt", file=sys.stderr)
        return 2
    try:
        port = _free_port(options.address, options.port)
    except (OSError, OverflowError) as error:
        print(f"app: cannot listen on {options.address}, port {options.port}: {error}", file=sys.stderr)
        return 2
    print(f"The app is at http://{options.address}:{port}; Ctrl-C stops it", flush=True)
    settings = SETTINGS | {"server.address": options.address, "server.port": str(port)}
    environment = os.environ | {
        PUBLISHED: str(options.published.resolve()),
        LANGUAGE: options.language,
        "PYTHONPATH": os.pathsep.join(filter(None, (str(PROJECT), os.environ.get("PYTHONPATH")))),
    }
    arguments = [f"--{name}={value}" for name, value in settings.items()]
    page = str(Path(__file__).with_name("page.py"))
    # In the place of this process, so that Ctrl-C reaches it and nothing is left.
    os.execve(sys.executable, [sys.executable, "-m", "streamlit", "run", page, *arguments], environment)


def _free_port(address: str, port: int) -> int:
    """Return the port, or for 0 one that is free. Raise OSError or OverflowError where nobody can listen."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.create_server((address, port), family=family) as server:
        return server.getsockname()[1]
