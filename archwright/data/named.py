"""The file that a cell of a table names; copied into `model.py` as it stands."""

from __future__ import annotations

from pathlib import Path


def named(cell: str, folder: Path) -> Path:
    """Return the file, seen from the table's folder; names may be written as on Windows."""
    return folder / cell.strip().replace("\\", "/")
