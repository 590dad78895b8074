"""Turns series into the float32 numbers that a network takes; the rules of `preprocess` hold here.

Standardising is the network's own business: here, gaps are filled, and what is left open is past
the end of a series.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np


def series(array: Any, spec: Mapping[str, Any]) -> np.ndarray:
    """Return the network's input, (rows, channels, length) float32, NaN past the end of a series.

    Gaps are filled in a straight line between their neighbours, and by the nearest value at both
    ends; a channel that a series lacks, by its mean in training.

    Args:
        array: (rows, channels, length) or, of one channel, (rows, length); NaN is a gap.
        spec: What `preprocess.json` holds.

    Raises:
        ValueError: other channels than in training, longer series, or one without any value.
    """
    about = spec["series"]
    array = np.asarray(array, dtype=np.float32)
    array = array[:, None] if array.ndim == 2 else array
    channels, length = about["channels"], about["length"]
    if array.ndim != 3 or array.shape[1] != channels:
        raise ValueError(
            f"series of shape {array.shape[1:]}; the network takes {channels} channels"
        )
    known = ~(np.isnan(array) | np.isinf(array))
    ends = array.shape[2] - known.any(1)[:, ::-1].argmax(1)
    empty = np.flatnonzero(~known.any((1, 2)))
    if len(empty):
        raise ValueError(f"series {empty[0] + 1} holds no value at all; drop it")
    if ends.max(initial=0) > length:
        row = int(ends.argmax())
        raise ValueError(
            f"series {row + 1} has {ends[row]} steps, the longest in training had {length}; "
            "cut or resample it"
        )
    made = np.full((len(array), channels, length), np.nan, dtype=np.float32)
    made[:, :, : array.shape[2]] = array[:, :, :length]
    fill_gaps(made, ends, about["means"])
    return made


def fill_gaps(made: np.ndarray, ends: np.ndarray, means: Sequence[float]) -> None:
    """Fill the gaps of (rows, channels, length) before each row's end, in place."""
    inside = np.arange(made.shape[2]) < ends[:, None]
    gaps = ~np.isfinite(made) & inside[:, None]
    for row, channel in np.argwhere(gaps.any(2)):
        values = made[row, channel, : ends[row]]
        there = np.flatnonzero(np.isfinite(values))
        at = np.arange(len(values))
        values[:] = np.interp(at, there, values[there]) if len(there) else means[channel]
