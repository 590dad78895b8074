"""Arrays too large to be held in memory: kept in a file, of which memory holds what is in use."""

from __future__ import annotations

import os
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

LARGE = 2**28
"""Bytes from which on an array is kept in a file."""

PIECE = 2**24
"""Bytes that are looked at, or copied, at a time."""


def empty(shape: Sequence[int], dtype: DTypeLike) -> NDArray[Any]:
    """Return an array to be filled: in memory, or in a file that goes away with it."""
    kind = np.dtype(dtype)
    if int(np.prod(shape, dtype=np.int64)) * kind.itemsize < LARGE:
        return np.empty(tuple(shape), kind)
    _sweep()
    handle, path = tempfile.mkstemp(prefix=f"archwright-{os.getpid()}-", suffix=".array")
    os.close(handle)
    made = np.memmap(path, kind, "w+", shape=tuple(shape))
    weakref.finalize(made, _remove, path)
    return made


def pieces(array: NDArray[Any]) -> Iterator[slice]:
    """Yield rows that follow each other, so many at a time as a piece holds."""
    rows = max(1, PIECE // max(1, array[:1].nbytes))
    yield from (slice(first, first + rows) for first in range(0, len(array), rows))


def take(array: NDArray[Any], rows: NDArray[Any]) -> NDArray[Any]:
    """Return some rows, given by a mask or by their numbers."""
    places = np.flatnonzero(rows) if rows.dtype == bool else rows
    made = empty((len(places), *array.shape[1:]), array.dtype)
    for part in pieces(made):
        made[part] = array[places[part]]
    return made


def joined(arrays: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Return the rows of several arrays of one shape, one after the other."""
    made = empty((sum(map(len, arrays)), *arrays[0].shape[1:]), np.result_type(*arrays))
    first = 0
    for array in arrays:
        for part in pieces(array):
            rows = array[part]
            made[first : first + len(rows)] = rows
            first += len(rows)
    return made


def _sweep() -> None:
    """Remove the files of processes that were killed."""
    for path in Path(tempfile.gettempdir()).glob("archwright-*-*.array"):
        try:
            os.kill(int(path.name.split("-")[1]), 0)
        except ProcessLookupError:
            _remove(str(path))
        except (OSError, ValueError):  # somebody else's process, or not a file of ours
            continue


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:  # somebody has tidied up
        return
