"""Which column of a table is a text to learn from; folders of texts, one folder a class.

A table whose only usable column is text is a task of texts. With further columns it stays a table,
unless texts are asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from archwright.data.raw import Raw
from archwright.data.splits import PARTS
from archwright.data.tables import is_table, read_rows
from archwright.data.task import Column
from archwright.errors import DataError

SUFFIX = ".txt"


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


def is_folder(folder: Path) -> bool:
    """Whether there are class folders of texts below, and nothing but texts in the first."""
    return next(_files(folder), None) is not None and all(
        path.suffix.lower() in (SUFFIX, "") for path in _visible(folder) if path.is_file()
    )


def read_folder(folder: Path) -> Raw:
    """Return the texts of class folders, or of class folders in `train`, `test`, `validation`.

    Raises:
        DataError: a file is not UTF-8 text, or `test` stands without `train`.
    """
    roots = {path: PARTS[path.name.lower()] for path in _folders(folder) if _is_part(path)}
    if roots and "train" not in roots.values():
        raise DataError(f"{folder}: has no folder train beside {', '.join(p.name for p in roots)}")
    listed, labels, parts, files = list[str](), list[str](), list[str](), list[str]()
    for root in roots or {folder: ""}:
        for path in _files(root):
            listed.append(_read(path))
            labels.append(path.relative_to(root).parts[0])
            parts.append(roots.get(root, ""))
            files.append(path.relative_to(folder).as_posix())
    frame = pd.DataFrame({"text": listed, "label": labels})
    given = pd.Series(parts).to_numpy(dtype=str) if roots else None
    return Raw(folder.name, frame, "label", parts=given, files=tuple(files))


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
    found = sorted(path.rglob(f"*{SUFFIX}")) if path.is_dir() else [path] if path.is_file() else []
    if not found or found[0].suffix.lower() != SUFFIX:
        raise DataError(f"{path}: no text there; name a table, a {SUFFIX} file or a folder of them")
    root = path if path.is_dir() else path.parent
    return [_read(each) for each in found], [each.relative_to(root).as_posix() for each in found]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (UnicodeDecodeError, OSError) as error:
        raise DataError(f"{path}: not UTF-8 text ({error}); convert the file") from None


def _visible(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def _folders(folder: Path) -> list[Path]:
    return [path for path in _visible(folder) if path.is_dir()]


def _is_part(path: Path) -> bool:
    return path.name.lower() in PARTS and bool(_folders(path))


def _files(folder: Path) -> Any:
    """Yield the texts at any depth below each class folder."""
    for each in _folders(folder):
        yield from (p for p in sorted(each.rglob(f"*{SUFFIX}")) if p.is_file())
