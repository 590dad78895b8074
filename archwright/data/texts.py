"""Which column of a table is a text to learn from; files of texts -> rows.

A table whose only usable column is text is a task of texts. With further columns it stays a table,
unless texts are asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from archwright.data.folders import Found, is_file_of, new_files
from archwright.data.raw import Raw
from archwright.data.tables import is_table, read_rows
from archwright.data.task import Column
from archwright.errors import DataError


def choose_text(
    modality: str, columns: tuple[Column, ...], wanted: str | None
) -> tuple[str, tuple[Column, ...], list[str]]:
    """Return the modality, the columns to learn from, and what to say about it.

    Args:
        modality: Of the source; only tables are looked at.
        wanted: The modality that the user named.

    Raises:
        DataError: texts are wanted, and no column, or more than one, holds texts.
    """
    if modality != "table" or wanted == "table":
        return modality, columns, []
    found = [column for column in columns if column.type == "text"]
    others = [column.name for column in columns if column.used and column.type != "text"]
    if wanted == "text" and len(found) != 1:
        names = ", ".join(repr(column.name) for column in found) or "none"
        raise DataError(
            f"modality 'text' takes one column of texts; found {names} (of "
            f"{', '.join(repr(column.name) for column in columns)}); name it by "
            "types={'column': 'text'}, and call other texts 'identifier'"
        )
    if len(found) == 1 and (wanted == "text" or not others):
        name, left = repr(found[0].name), ", ".join(map(repr, others))
        beside = f"; left out: {left}" if others else ", the only column to learn from"
        return "text", tuple(found), [f"Texts are read from column {name}{beside}."]
    if len(found) == 1:
        told = f"Column {found[0].name!r} holds texts, and others are used too: this is a table. "
        return modality, columns, [f"{told}Say modality 'text' to learn from the texts alone."]
    return modality, columns, []


def read_files_of(found: Found) -> Raw:
    """Return the texts of files with what is known of each.

    Raises:
        DataError: a file is not UTF-8 text.
    """
    name = "text"
    while name in found.frame:
        name += "_"
    listed = [_read(path) for path in found.files]
    frame = found.frame.assign(**{name: listed})[[name, *found.frame.columns]]
    return found.raw(frame=frame)


def read_new(data: Any, spec: Mapping[str, Any]) -> tuple[Any, Sequence[str]]:
    """Return new texts, and file names where each is a file.

    Raises:
        DataError: there are none.
    """
    column = spec["text"]["column"]
    if isinstance(data, pd.DataFrame):
        return data, ()
    if not isinstance(data, str | Path):
        return list(data), ()
    path = Path(data).expanduser()
    if is_table(path):
        return read_rows(path, {column: "text"}), ()
    files, names = new_files(path, "text")
    if not files or not is_file_of(files[0], "text"):
        raise DataError(f"{path}: no text there; name a table, a .txt file or a folder of them")
    return [_read(each) for each in files], names


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (UnicodeDecodeError, OSError) as error:
        raise DataError(f"{path}: not UTF-8 text ({error}); convert the file") from None
