"""Reads CSV for an exported `model.py`; copied into it as it stands.

As `archwright.data` does: the same separators, spaces, decimal commas and refusals.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from archwright.data.decimals import with_points
from archwright.nets.preprocess import MISSING


def read_csv(path: Path) -> dict[str, Sequence[str]]:
    """Return the columns of a CSV file by name, as text.

    Raises:
        ValueError: the file is empty, ragged or not UTF-8, or two columns share a name.
    """
    words = _decoded(path)
    first = words.lstrip().split("\n", 1)[0]
    mark = max(",;\t|", key=first.count)
    lines = csv.reader(io.StringIO(words, newline=""), delimiter=mark, skipinitialspace=True)
    rows: list[list[str]] = []
    try:
        for row in filter(None, lines):
            rows.append(row)
            if len(row) != len(rows[0]):
                fields = f"{len(row)} fields, the header has {len(rows[0])}"
                raise ValueError(f"{path}: line {lines.line_num} has {fields}; mend that line")
    except csv.Error as error:
        raise ValueError(f"{path}: line {lines.line_num}: {error}") from None
    if len(rows) < 2:
        raise ValueError(f"{path}: the file has no rows below its header")
    twice = {name for name in rows[0] if rows[0].count(name) > 1}
    if twice:
        raise ValueError(f"{path}: column {min(twice)!r} appears more than once")
    columns: Iterable[Sequence[str]] = zip(*rows[1:], strict=True)
    if mark != ",":
        columns = [with_points(column, MISSING) for column in columns]
    return dict(zip(rows[0], columns, strict=True))


def _decoded(path: Path) -> str:
    data = path.read_bytes()
    try:
        data = gzip.decompress(data) if path.suffix.lower() == ".gz" else data
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ValueError(f"{path}: line {line} is not UTF-8 text; convert the file") from None
    except (OSError, EOFError) as error:
        raise ValueError(f"{path}: damaged gzip file ({error})") from None
