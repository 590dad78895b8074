"""What the C library does with memory that torch has freed; knows glibc, and leaves others alone.

A training step frees its activations and asks for as much again. glibc gives pieces above 32 MB
back to the system each time, and the system hands out every page anew, zeroed: with activations of
75 MB a piece a step of a small network takes more than twice as long on a CPU. Smaller pieces it
keeps, and networks of many shapes leave gaps that the next one does not fit in.
"""

from __future__ import annotations

import ctypes
import functools
import sys
from collections.abc import Callable

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""The names of two settings, as `mallopt(3)` has them."""

KEPT = 2**30
"""Bytes of free memory, or of a single piece, from which on memory goes back to the system."""


@functools.cache
def keep_freed() -> None:
    """Keep freed memory for the next step, in this process from now on.

    There is no way back: glibc raises its thresholds by itself as long as nobody sets them, and
    never again afterwards.
    """
    mallopt = _glibc("mallopt")
    if mallopt is not None:
        for setting in (M_TRIM_THRESHOLD, M_MMAP_THRESHOLD):
            mallopt(setting, KEPT)


def give_back() -> None:
    """Give freed memory back to the system, gaps between pieces in use as well; takes some 10 ms.

    For where one training is over and the next is of another network.
    """
    trim = _glibc("malloc_trim")
    if trim is not None:
        trim(0)


def _glibc(name: str) -> Callable[..., int] | None:
    """Return a function of the C library; None if that is another one, which does not have it."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
