"""Reads new texts for an exported `model.py`; copied into it as it stands."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from archwright.export.read_csv import read_csv

APPLY, NEEDS = "archwright.nets.preprocess_text:texts", ""
NEW, RAW = "new.csv", "a list of texts, a dict of columns, or a data frame"


def read(path: Path, spec: Mapping[str, Any]) -> tuple[Any, Sequence[str]]:
    """Return the texts of a CSV or JSON lines file, of a .txt file, or of a folder of these.

    Raises:
        ValueError: the file is of another kind, empty, damaged or not UTF-8.
    """
    name, column = path.name.lower(), spec["text"]["column"]
    if name.endswith((".csv", ".tsv", ".csv.gz", ".tsv.gz")):
        return read_csv(path), ()
    if name.endswith((".jsonl", ".ndjson")):
        lines = path.read_text(encoding="utf-8-sig").splitlines()
        return [json.loads(line).get(column) for line in lines if line.strip()], ()
    files = sorted(path.rglob("*.txt")) if path.is_dir() else [path]
    if not files or files[0].suffix.lower() != ".txt":
        raise ValueError(f"{path}: not a CSV, JSON lines or .txt file, nor a folder of .txt files")
    root = path if path.is_dir() else path.parent
    found = [file.read_text(encoding="utf-8-sig") for file in files]
    return found, [file.relative_to(root).as_posix() for file in files]
