"""`archwright resume`."""

from __future__ import annotations

from typing import Annotated

import typer

from archwright.cli.imports import lasting
from archwright.cli.progress import watching


def resume(
    context: typer.Context,
    run: Annotated[str, typer.Argument(help="The run folder.")],
    budget: Annotated[
        str | None, typer.Option(help="Time for this command. [default: what was left]")
    ] = None,
    trials: Annotated[int | None, typer.Option(help="How many trials in all.")] = None,
    data: Annotated[
        str | None, typer.Option(help="Where the data is now, if it has moved.")
    ] = None,
    storage: Annotated[
        str | None, typer.Option(help="The storage URL, if one was given to search.")
    ] = None,
) -> None:
    """Go on with a search that was killed or stopped, or give it more time."""
    with lasting():
        from archwright.auto import resume as go_on

    with watching() as listener:
        go_on(
            run,
            data=data,
            budget=budget,
            trials=trials,
            storage=storage,
            listener=listener,
            started=context.obj,
        )
