"""Shows how a search goes: a live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archwright.auto.listen import Listener, Status


@contextlib.contextmanager
def watching() -> Iterator[Listener]:
    """Yield a listener that writes to stderr."""
    from rich.console import Console
    from rich.markup import escape

    from archwright.auto.listen import Listener

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    if not console.is_terminal:
        yield Listener(say=console.print, status=lambda status: console.print(line(status)))
        return
    with console.status("starting") as live:
        yield Listener(
            say=lambda text: console.print(escape(text)),
            status=lambda status: live.update(line(status)),
        )


def line(status: Status) -> str:
    """Return where a search stands, in a line."""
    from archwright.clock import duration

    best = "nothing yet" if status.best is None else f"{status.metric} {status.best:.4f}"
    failed = f", {status.failed} failed" if status.failed else ""
    left = "" if math.isinf(status.seconds_left) else f", {duration(status.seconds_left)} left"
    return f"best {best}; trial {status.trials} of about {status.planned}{failed}{left}"
