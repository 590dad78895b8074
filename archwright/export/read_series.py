"""Reads new series for an exported `model.py`; copied into it as it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from archwright.data.assemble import from_columns, from_ts
from archwright.export.read_csv import read_csv
from archwright.export.runtime import read_array

APPLY, NEEDS = "archwright.nets.preprocess_series:series", ""
NEW, RAW = "new.npz", "an array (rows, channels, length)"


def read(path: Path, spec: Mapping[str, Any]) -> tuple[np.ndarray, Sequence[str]]:
    """Return the series of a .ts, npz, npy or CSV file, in the form of the training data.

    Raises:
        ValueError: the file is of another kind, empty or damaged.
    """
    how, name = spec["series"], path.name.lower()
    if name.endswith((".npz", ".npy")):
        return read_array(path), ()
    if name.endswith(".ts"):
        return from_ts(path.read_text(encoding="utf-8-sig"))[0], ()
    if how["form"] not in ("wide", "long"):
        raise ValueError(f"{path}: the network was trained on arrays; give an npz or .ts file")
    return from_columns(read_csv(path), how), ()
