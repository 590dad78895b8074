"""Tables whose cells name images and clips, or hold texts, beside ordinary columns.

A table that has at least two kinds of inputs is a task of several inputs at once: ordinary columns,
texts, images, clips. Which columns are what, `columns` finds out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from archwright.data import clips, images
from archwright.data.clips import at_rate
from archwright.data.named import named
from archwright.data.pictures import read_files
from archwright.data.raw import Raw
from archwright.data.tables import read_rows
from archwright.data.task import FILES, Column, Several
from archwright.data.texts import choose_text
from archwright.errors import DataError

LONG = 6
"""Texts of so many words on average are an input of their own; shorter ones, such as names, do not
make a table more than a table."""

How = Mapping[str, Any]


def choose(
    raw: Raw, columns: tuple[Column, ...], wanted: str | None
) -> tuple[str, tuple[Column, ...], list[str]]:
    """Return the modality, the columns to learn from, and what to say about it.

    Args:
        wanted: The modality that the user named.

    Raises:
        DataError: texts are wanted, and no column, or more than one, holds texts.
    """
    if wanted == "table":
        columns = tuple(_unread(column) for column in columns)
    if raw.modality != "table" or wanted in ("table", "text"):
        return choose_text(raw.modality, columns, wanted)
    used = [column for column in columns if column.used]
    found = {kind: [c.name for c in used if c.type == kind] for kind in ("text", *FILES)}
    ordinary = [column.name for column in used if column.type not in found]
    long = [name for name in found["text"] if _words(raw.frame[name]) >= LONG]
    files = [name for kind in FILES for name in found[kind]]
    if wanted != "mixed" and not files and not (long and ordinary):
        return choose_text(raw.modality, columns, wanted)
    kinds = {"ordinary columns": ordinary, "texts": found["text"]}
    kinds |= {"images": found["image"], "clips": found["audio"]}
    listed = "; ".join(f"{kind} ({', '.join(map(repr, n))})" for kind, n in kinds.items() if n)
    told = f"The rows have several inputs: {listed}."
    way_out = " Say modality 'table' to learn from the cells alone." * bool(ordinary or long)
    return "mixed", columns, [told + way_out]


def _unread(column: Column) -> Column:
    """Return a column as a table has it: what is in a file is not in its cells."""
    if column.type not in FILES:
        return column
    return replace(column, type="identifier", reason=f"{column.reason}, which a table leaves out")


def alone(raw: Raw, columns: tuple[Column, ...], wanted: str | None) -> str | None:
    """Return the modality of the files that the first column names, where nothing else is used."""
    used = [column for column in columns if column.used]
    if wanted or raw.arrays is not None or len(used) != 1 or used[0].type not in FILES:
        return None
    return used[0].type if used[0].name == raw.frame.columns[0] else None


def read(frame: pd.DataFrame, columns: Sequence[Column], folder: Path) -> tuple[Several, list[str]]:
    """Return the inputs of all rows, the files that they name read, and what to say of that.

    Raises:
        DataError: files are missing or cannot be read.
    """
    held, how, notes = dict[str, NDArray[Any]](), dict[str, How](), list[str]()
    for column in columns:
        if column.type in FILES:
            name = column.name
            held[name], how[name], said = _read(frame[name], column.type, folder)
            notes += [f"Column {name!r}: {note}" for note in said]
    types = {column.name: column.type for column in columns}
    return Several(frame, types, held, how), notes


def read_new(data: Any, spec: How) -> tuple[Mapping[str, Any], Sequence[str]]:
    """Return the columns of new rows, with what the files hold that they name; no file names.

    Args:
        data: A table; a data frame, whose paths are relative to the working directory; or columns
            by name, with arrays of images and of clips.

    Raises:
        DataError: files are missing or cannot be read.
    """
    if not isinstance(data, str | Path | pd.DataFrame):
        return data, ()
    types = dict[str, str]()
    for part in spec["parts"]:
        types |= dict.fromkeys(part["names"], part["modality"])
        types |= {column["name"]: column["type"] for column in part.get("columns", ())}
    frame = read_rows(data, types)
    folder = Path() if isinstance(data, pd.DataFrame) else Path(data).expanduser().parent
    made: dict[str, Any] = {str(name): values for name, values in frame.items()}
    for part in spec["parts"]:
        name, kind = part["names"][0], part["modality"]
        if kind in FILES and name in made:
            made[name] = _read_again(frame[name], kind, folder, part[kind])
    return made, ()


def _read(names: pd.Series, kind: str, folder: Path) -> tuple[NDArray[Any], How, list[str]]:
    """Return what the files of a column hold, zeros where a row names none; how; what to say."""
    files, place = _files(names, folder)
    if not files:
        raise DataError(f"column {names.name!r} names no file in any row; give it another type")
    found, how, notes = _together(files, kind, f"column {names.name!r}")
    lacking = int((place < 0).sum())
    if lacking:
        notes = [*notes, f"{lacking} of {len(names)} rows name no file; they are taken as blank."]
    return _placed(found, place), how, notes


def _together(files: Sequence[Path], kind: str, place: str) -> tuple[NDArray[Any], How, list[str]]:
    if kind == "image":
        return images.together(files)
    return clips.together(clips.read_clips(files), place)


def _read_again(names: pd.Series, kind: str, folder: Path, how: How) -> Any:
    """Return what the files of new rows hold, read as in training; clips as a list."""
    files, place = _files(names, folder)
    if kind == "image":
        return _placed(read_files(files, how), place)
    heard = [at_rate(clip, how["rate"]) for clip in clips.read_clips(files)]
    return [heard[at] if at >= 0 else np.zeros(1) for at in place]


def _files(names: pd.Series, folder: Path) -> tuple[list[Path], NDArray[np.int64]]:
    """Return the files that a column names, each once, and which one each row names; -1: none."""
    known = names.notna().to_numpy()
    paths, found = np.unique(names[known].astype(str).to_numpy(object), return_inverse=True)
    files = [named(path, folder) for path in paths]
    lost = [path for path, file in zip(paths, files, strict=True) if not file.is_file()]
    _refuse_lost(names, lost, folder)
    place = np.full(len(names), -1)
    place[known] = found
    return files, place


def _placed(found: NDArray[Any], place: NDArray[np.int64]) -> NDArray[Any]:
    held = np.zeros((len(place), *found.shape[1:]), found.dtype)
    held[place >= 0] = found[place[place >= 0]]
    return held


def _refuse_lost(names: pd.Series, lost: Sequence[str], folder: Path) -> None:
    """Name files that are not there, the first three with their rows.

    Raises:
        DataError: there are any.
    """
    if not lost:
        return
    rows = {name: 1 + int(names.eq(name).to_numpy().argmax()) for name in lost[:3]}
    shown = ", ".join(f"{name!r} (row {row})" for name, row in rows.items())
    more = f" and {len(lost) - 3} more" if len(lost) > 3 else ""
    raise DataError(
        f"column {names.name!r}: {len(lost)} of its files are not there: {shown}{more}; looked in "
        f"{folder.absolute()}; put them there, or leave the cells empty"
    )


def _words(values: pd.Series) -> float:
    """Return how many words a column's texts have on average."""
    return float(values.dropna().astype(str).str.count(r"\S+").mean())
