"""`python -m customer_tiering COMMAND`: one command per module beside this one."""

import argparse
import sys

from customer_tiering import app, publish, report, summary


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m customer_tiering", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    summary.add_command(commands)
    publish.add_commands(commands)
    report.add_command(commands)
    app.add_command(commands)
    options = parser.parse_args(arguments)
    return options.run(options)


if __name__ == "__main__":
    sys.exit(main())
