"""What the C library does with memory that torch has freed; knows glibc, and leaves others alone.

A training step frees its activations and asks for as much again. glibc gives pieces above 32 MB
back to the system each time, and the system hands out every page anew, zeroed: with activations of
75 MB a piece a step of a small network takes more than twice as long on a CPU.
"""

from __future__ import annotations

import ctypes
import functools
import sys

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
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:  # other C libraries have none
        for setting in (M_TRIM_THRESHOLD, M_MMAP_THRESHOLD):
            mallopt(setting, KEPT)
