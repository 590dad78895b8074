"""Reads the histories to go on with, for an exported `model.py`; copied into it as it stands."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from archwright.data.histories import History, from_rows, histories, labels, load_rows
from archwright.export.read_csv import read_csv

APPLY, NEEDS = "archwright.data.histories:windows", ""
AFTER, WRITE = "archwright.data.histories:restored", "archwright.data.histories:write_forecasts"
NEW, RAW = "history.csv", "histories, as `model.read` gives them; forecasts go on after their ends"


def read(path: Path, spec: Mapping[str, Any]) -> tuple[list[History], list[Any]]:
    """Return the histories in a CSV, npz or npy file, and what their forecasts are of.

    Raises:
        ValueError: the file is of another kind, empty or damaged.
    """
    how = spec["forecast"]
    if path.name.lower().endswith((".npz", ".npy")):
        if how["form"] == "table":
            raise ValueError(f"{path}: arrays, where training had a table; give such a one")
        raw = from_rows(*load_rows(path))
    elif how["form"] != "table":
        raise ValueError(f"{path}: the network was trained on arrays; give an npz or npy file")
    else:
        raw = histories(read_csv(path), how)
    return raw, labels(raw, spec)
