"""Windows of series as examples: parts of one array that are looked at, and never copied.

What makes that array of histories, and windows of new ones, is in `data.histories`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np


def told(inputs: Any, rows: Any, about: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of a spec that says how windows are made: all was settled by training steps.

    Args:
        about: `Task.read`; where each series begins is of no use for new ones.
    """
    kept = {name: value for name, value in about.items() if name != "begins"}
    return {"modality": "forecast", "forecast": kept}


def views(flat: np.ndarray[Any, Any], spec: Mapping[str, Any]) -> np.ndarray[Any, Any]:
    """Return every window of the series, (windows, channels, length), in the memory of `flat`.

    Args:
        flat: (channels, steps) float32: all series in a row, as `data.forecasting` lays them out.
        spec: What `preprocess.json` holds.
    """
    length, horizon = spec["forecast"]["length"], spec["forecast"]["horizon"]
    found = np.lib.stride_tricks.sliding_window_view(flat, length, axis=1, writeable=True)
    return found[:, : flat.shape[1] - length - horizon + 1].transpose(1, 0, 2)


def shape(spec: Mapping[str, Any]) -> tuple[int, ...]:
    """Return the shape of a window: channels, and the steps of the longest."""
    about = spec["forecast"]
    return (1 + len(about["covariates"]) + 2 * len(about["parts"]), about["length"])


def more(spec: Mapping[str, Any]) -> dict[str, int]:
    """Return what else a `Signature` says of windows."""
    about = spec["forecast"]
    return {"season": about["season"], "ahead": 2 * len(about["parts"])}
