"""`archwright report`."""

from __future__ import annotations

import sys
import webbrowser
from typing import Annotated

import typer


def report(run: Annotated[str, typer.Argument(help="The run folder.")]) -> None:
    """Print where the report is, and open it when this is a terminal."""
    from archwright.auto.folder import existing
    from archwright.errors import RunError

    path = existing(run).report
    if not path.is_file():
        raise RunError(f"{path} is not there yet; `archwright resume {run}` finishes the run")
    print(path)
    if sys.stdout.isatty():
        webbrowser.open(path.resolve().as_uri())
