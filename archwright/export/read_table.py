"""Reads new rows for an exported `model.py`; copied into it as it stands.

The values stay text: `nets.preprocess` knows what they mean.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from archwright.export.read_csv import read_csv
from archwright.export.runtime import read_array

APPLY, NEEDS = "archwright.nets.preprocess:table", ""
NEW, RAW = "new.csv", "a dict of columns, or a data frame"


def read(path: Path, spec: Mapping[str, Any]) -> tuple[Mapping[str, Any], Sequence[str]]:
    """Return the columns of a CSV, npz or npy file by name; those of an array are x0, x1 ...

    Raises:
        ValueError: the file is of another kind, empty or damaged.
    """
    name = path.name.lower()
    if name.endswith((".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz")):
        return read_csv(path), ()
    if not name.endswith((".npz", ".npy")):
        raise ValueError(
            f"{path}: not a CSV, npz or npy file; `archwright predict` reads Parquet and JSON lines"
        )
    array = read_array(path)
    if array.ndim != 2 or not len(array):
        raise ValueError(f"{path}: an array of shape {array.shape}; give rows and columns")
    return {f"x{i}": array[:, i] for i in range(array.shape[1])}, ()
