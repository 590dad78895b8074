"""`archwright predict`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer


def predict(
    run: Annotated[str, typer.Argument(help="The run folder.")],
    data: Annotated[str, typer.Argument(help="New rows or images, without the target.")],
) -> None:
    """Predict new data; CSV on standard output."""
    from archwright.auto import load

    load(run).write_predictions(data, sys.stdout)
