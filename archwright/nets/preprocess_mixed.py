"""Turns rows of several inputs into the numbers that a network takes; the rules of `preprocess`
hold here.

What is done with each input is what is done where it is the only one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Apply = Mapping[str, Callable[[Any, Mapping[str, Any]], np.ndarray]]


def mixed(columns: Mapping[str, Any], spec: Mapping[str, Any], apply: Apply) -> np.ndarray:
    """Return the network's input, (rows, numbers) float32: the inputs one after the other.

    Args:
        columns: One sequence of raw values per name; of images and clips, arrays.
        spec: What `preprocess.json` holds.
        apply: What makes numbers of an input, by its modality.

    Raises:
        ValueError: a column is missing, or an input is not as in training.
    """
    missing = [name for part in spec["parts"] for name in part["names"] if name not in columns]
    if missing:
        raise ValueError(f"missing column {', '.join(map(repr, missing))}")
    made = []
    for part in spec["parts"]:
        raw = columns[part["names"][0]] if part["modality"] in ("image", "audio") else columns
        numbers = apply[part["modality"]](raw, part)
        made.append(numbers.reshape(len(numbers), -1))
    return np.concatenate(made, axis=1, dtype=np.float32)
