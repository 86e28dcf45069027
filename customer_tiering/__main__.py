"""Show, publish and report what a build made, and look at it in a browser."""

import argparse
import sys

from customer_tiering import app, publish, report, summary

EXIT_CODES = "Exit code 0, or 2 with a reason; status: 1 when nothing is published."


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m customer_tiering", description=__doc__, epilog=EXIT_CODES)
    commands = parser.add_subparsers(dest="command", required=True)
    summary.add_command(commands)
    publish.add_commands(commands)
    report.add_command(commands)
    app.add_command(commands)
    for command in commands.choices.values():
        command.epilog = EXIT_CODES
    options = parser.parse_args(arguments)
    return options.run(options)


if __name__ == "__main__":
    sys.exit(main())
