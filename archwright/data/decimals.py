"""Numbers as they are written in text; copied into `model.py` as it stands."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

NO_NUMBERS = frozenset(["None", "none", "-", "--", ".", "missing", "unknown"])
"""What counts as missing where every other value of the column is a number."""

COMMA = re.compile(r"[+-]?\d+(,\d+)?([eE][+-]?\d+)?")


def with_points(cells: Sequence[str], missing: Collection[str]) -> Sequence[str]:
    """Return a column of numbers with decimal commas, as much of the world has them, with points.

    Other columns are returned as they are: those with a value that is no such number, or without
    a comma.

    Args:
        missing: What counts as missing in any column.
    """
    words = {cell.strip() for cell in cells} - NO_NUMBERS - set(missing)
    if any("," in word for word in words) and all(map(COMMA.fullmatch, words)):
        return [cell.replace(",", ".") for cell in cells]
    return cells
