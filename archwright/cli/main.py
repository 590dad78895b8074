"""The `archwright` command. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

import sys
import time

import typer

from archwright import __version__
from archwright.cli.bench import bench
from archwright.cli.plan import plan
from archwright.cli.predict import predict
from archwright.cli.report import report
from archwright.cli.resume import resume
from archwright.cli.search import search
from archwright.cli.show import show
from archwright.cli.spaces import spaces
from archwright.errors import ArchwrightError

STARTED = time.monotonic()
"""The promise on the clock begins when the command does."""

app = typer.Typer(
    name="archwright",
    help="Neural architecture search: from a data file to a trained network, in a promised time.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (search, resume, predict, show, report, plan, bench, spaces):
    app.command()(command)


@app.callback(invoke_without_command=True)
def version(
    context: typer.Context,
    version: bool = typer.Option(False, "--version", help="Print the version and stop."),
) -> None:
    context.obj = STARTED
    if version:
        print(__version__)
        raise typer.Exit


def main() -> None:
    """Run the command; a mistake of the user's is one sentence and exit code 2."""
    try:
        app()
    except ArchwrightError as error:
        print(f"archwright: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("archwright: stopped; `archwright resume` goes on with the run", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
