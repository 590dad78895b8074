"""Reads new texts for an exported `model.py`; copied into it as it stands."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from archwright.export.read_csv import read_csv
from archwright.export.runtime import files_below

APPLY, NEEDS = "archwright.nets.preprocess_text:texts", ""
NEW, RAW = "new.csv", "a list of texts, a dict of columns, or a data frame"
SUFFIXES = (".txt",)


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
    files, names = files_below(path, SUFFIXES)
    if not files or files[0].suffix.lower() not in SUFFIXES:
        raise ValueError(f"{path}: not a CSV, JSON lines or .txt file, nor a folder of .txt files")
    return [file.read_text(encoding="utf-8-sig") for file in files], names
