"""Shows how a search goes: a live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from archwright.auto.listen import Listener, Status


@contextlib.contextmanager
def watching() -> Iterator[Listener]:
    """Yield a listener that writes to stderr; say how to go on when it is interrupted."""
    from rich.console import Console

    # Names of columns and files are printed as they are: no markup, no emoji codes.
    console = Console(stderr=True, highlight=False, soft_wrap=True, markup=False, emoji=False)
    try:
        with _on(console) as listener:
            yield listener
    except KeyboardInterrupt:  # else click would say no more than "Aborted!"
        console.print("archwright: stopped; `archwright resume` goes on with the run")
        raise typer.Exit(130) from None


@contextlib.contextmanager
def _on(console: Console) -> Iterator[Listener]:
    from archwright.auto.listen import Listener

    if not console.is_terminal:
        yield Listener(say=console.print, status=lambda status: console.print(line(status)))
        return
    with console.status("starting") as live:
        yield Listener(say=console.print, status=lambda status: live.update(line(status)))


def line(status: Status) -> str:
    """Return where a search stands, in a line."""
    from archwright.clock import duration

    best = "nothing yet" if status.best is None else f"{status.metric} {status.best:.4f}"
    failed = f", {status.stopped} stopped early" if status.stopped else ""
    failed += f", {status.failed} failed" if status.failed else ""
    left = "" if math.isinf(status.seconds_left) else f", {duration(status.seconds_left)} left"
    return f"best {best}; trial {status.trials} of about {status.planned}{failed}{left}"
