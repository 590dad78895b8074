"""Any source -> `Task`: reading, types of columns, splits, and the data doctor. No torch."""

from __future__ import annotations

from archwright.data.checks import examine
from archwright.data.images import read_images
from archwright.data.load import load
from archwright.data.tables import read_rows
from archwright.data.task import Column, Finding, Splits, Task

__all__ = [
    "Column",
    "Finding",
    "Splits",
    "Task",
    "examine",
    "load",
    "read_images",
    "read_rows",
]
