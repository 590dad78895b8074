"""Loads what a command needs. It knows nothing of commands."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def lasting() -> Iterator[None]:
    """Import within: what imports make lasts, so the garbage collector need not look at it.

    torch and what comes with it are a million objects. To go through them time and again costs a
    sixth of the time that it takes to import them, and later 100 ms each time.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
