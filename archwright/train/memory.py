"""What the C library does with memory that torch has freed; knows glibc, and leaves others alone.

A training step frees its activations and asks for as much again. glibc gives large pieces back to
the system each time, and the system hands out every page anew, zeroed: with batches of 256 images
that is a third of the time of a small residual network on a CPU.
"""

from __future__ import annotations

import ctypes
import sys

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""The names of two settings, as `mallopt(3)` has them."""

USUAL, KEPT = 128 * 1024, 2**30
"""Bytes of free memory, or of a single piece, from which on memory goes back to the system."""


def keep_freed(keep: bool) -> None:
    """Keep freed memory for the next step, or give it back as usual; for the whole process."""
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:  # other C libraries have none
        for setting in (M_TRIM_THRESHOLD, M_MMAP_THRESHOLD):
            mallopt(setting, KEPT if keep else USUAL)
