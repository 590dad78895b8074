"""Any source -> rows: a path of whatever kind, a data frame, arrays, tensors.

Only decides which reader is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from archwright import registry
from archwright.data import clips, folders, images, large, mapped, series, texts
from archwright.data.arrays import (
    clip_arrays,
    from_arrays,
    from_idx,
    from_pair,
    read_npz,
    series_arrays,
)
from archwright.data.columns import rooted
from archwright.data.folders import Found
from archwright.data.idx import NAME, idx_files
from archwright.data.raw import Raw
from archwright.data.tables import TABLES, is_table, read_table
from archwright.data.tidy import is_text, tidy
from archwright.errors import DataError, nearest

Source = Any
"""A path (str or Path), a data frame, a pair (x, y), or a mapping of arrays by name."""


@dataclass(frozen=True)
class Reading:
    """What a reader has to know beside the source itself.

    Args:
        labels: The table of labels of a folder of images.
        raw: Columns of a CSV whose values stay text.
        about: How arrays are read, where earlier ones have settled that.
        modality: What the data are to be read as, where the source alone does not tell.
        targets: The target's columns, to tell them from the steps of series.
    """

    labels: str | None = None
    raw: Collection[str] = ()
    about: Mapping[str, Any] = field(default_factory=dict)
    modality: str | None = None
    targets: tuple[str, ...] = ()


def read(source: Source, reading: Reading) -> Raw:
    """Return the rows of any source.

    Raises:
        DataError: the source is missing, empty, damaged or of a kind that is not read.
    """
    wanted, known = reading.modality, registry.MODALITIES
    if wanted is not None and wanted not in known:
        raise DataError(f"modality {wanted!r} is not known{nearest(wanted, known)}")
    readers = {"series": _series, "audio": _audio}
    raw = readers.get(wanted or "", _plain)(source, reading)
    if wanted in ("text", "mixed") and raw.modality == "table":
        return raw  # which column holds what is decided when all types are known
    if wanted is not None and wanted != raw.modality:
        raise DataError(f"the data are {_words(raw)}; they cannot be read as {known[wanted].data}")
    return raw


def _series(source: Source, reading: Reading) -> Raw:
    """Return the series in a source that could also hold a table or images."""
    if len(reading.targets) > 1:
        raise DataError(f"series have one target; {', '.join(map(repr, reading.targets))} are more")
    target = reading.targets[0] if reading.targets else None
    match source:
        case str() | Path():
            path = find(source)
            if (raw := series.read_any(path, target)) is not None:
                return raw
            if path.suffix.lower() == ".npz":
                return series_arrays(read_npz(path), path.stem, str(path))
            raise DataError(f"{path}: series are read from {', '.join(TABLES)}, .ts and .npz files")
        case pd.DataFrame():
            return series.from_table(tidy(source), target, "data", "data")
        case Mapping():
            return series_arrays(source, "data", "arrays")
        case (x, y):
            return series_arrays({"x": x, "y": y}, "data", "arrays")
    raise DataError(f"cannot read series from a {type(source).__name__}; give a path or arrays")


def _audio(source: Source, reading: Reading) -> Raw:
    """Return the clips in files, or in arrays that could also hold a table."""
    match source:
        case str() | Path() if (path := find(source)).suffix.lower() == ".npz":
            return clip_arrays(read_npz(path), path.stem, str(path), reading.about)
        case Mapping():
            return clip_arrays(source, "data", "arrays", reading.about)
    return _plain(source, reading)


def _plain(source: Source, reading: Reading) -> Raw:
    """Return what a source holds, as it alone tells."""
    match source:
        case str() | Path():
            return _path(find(source), reading)
        case pd.DataFrame() if source.empty:
            raise DataError("data: the data frame is empty; give rows and columns")
        case pd.DataFrame():
            return Raw("data", tidy(source))
        case Mapping():
            return from_arrays(source, "data", "arrays", reading.about)
        case (x, y):
            return from_pair(x, y)
    raise DataError(
        f"cannot read data from a {type(source).__name__}; give a path, a data frame, "
        "a pair (x, y) of arrays, or a mapping such as {'x_train': ..., 'y_train': ...}"
    )


def find(source: str | Path) -> Path:
    """Return the path, made absolute.

    Raises:
        DataError: there is nothing; the message names what is nearest.
    """
    path = Path(source).expanduser().absolute()
    if path.exists():
        return path
    folder = path.parent
    if not folder.is_dir():
        raise DataError(f"{source}: there is no folder {folder}")
    names = [each.name for each in folder.iterdir() if not each.name.startswith(".")]
    raise DataError(f"{source}: there is no such file or folder{nearest(path.name, names)}")


def combine(raw: Raw, test: Raw) -> Raw:
    """Return the rows of `raw` and, as its test part, those of `test`.

    Raises:
        DataError: the two do not fit together.
    """
    if raw.parts is not None and "test" in raw.parts:
        raise DataError("the data has test rows of its own; leave out either them or test=")
    if raw.modality != test.modality:
        raise DataError(f"test: the data are {_words(raw)}, so it must be {_words(raw)} too")
    frame = test.frame if test.folder == raw.folder else rooted(test.frame, test.folder)
    if raw.targets and test.targets:
        frame = frame.rename(columns=dict(zip(test.targets, raw.targets, strict=False)))
    for name in raw.frame.columns:
        if name not in frame and name.lower() != "split":
            raise DataError(
                f"test: has no column {name!r} as the data has{nearest(name, frame.columns)}"
            )
    frame = frame.reindex(columns=raw.frame.columns)
    given = np.full(len(raw.frame), "train") if raw.parts is None else raw.parts
    arrays, end = None, registry.MODALITIES[raw.modality].past_end
    if end is not None and raw.arrays is not None and test.arrays is not None:
        arrays = series.joined([raw.arrays, test.arrays], "data and test", end)
    elif raw.arrays is not None and test.arrays is not None:
        if raw.arrays.shape[1:] != test.arrays.shape[1:]:
            raise DataError(
                f"test: its {_words(raw)} have the shape {test.arrays.shape[1:]}, "
                f"those of the data {raw.arrays.shape[1:]}"
            )
        arrays = mapped.joined([raw.arrays, test.arrays])
    return replace(
        raw,
        frame=_stack(raw.frame, frame),
        arrays=arrays,
        parts=np.concatenate([given, np.full(len(frame), "test")]),
        files=(*raw.files, *test.files),
        notes=(*raw.notes, *(f"Test data: {note}" for note in test.notes)),
    )


def _words(raw: Raw) -> str:
    return registry.MODALITIES[raw.modality].data


def _stack(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of both; text of the first stays text, whatever the second holds."""
    texts = [str(name) for name in first.columns if is_text(first[name])]
    return tidy(pd.concat([first, second], ignore_index=True), "data and test", texts)


def _path(path: Path, reading: Reading) -> Raw:
    if path.is_dir() and reading.modality == "mixed":
        table = folders.labels_of(path, reading.labels)
        return Raw(path.name, read_table(table, reading.raw), folder=path)
    if path.is_dir():
        files = idx_files(path)
        if files:
            return from_idx(files, path, reading.about)
        kind = folders.kind(path) or "image"
        return _files(folders.find(path, kind, reading.labels), kind, reading)
    if large.is_large(path):
        frame, said = large.read_sample(path, reading.raw)
        return Raw(path.name.split(".")[0], frame, notes=tuple(said), folder=path.parent)
    if is_table(path):
        frame = read_table(path, reading.raw)
        named = folders.named_kind(frame, path.parent)
        alone = frame.shape[1] <= 2 or named == "text"  # else columns beside it may be inputs too
        if named and reading.modality in (named, *[None] * alone):
            return _files(folders.listed(path, path.parent, named), named, reading)
        return Raw(path.name.split(".")[0] or "data", frame, folder=path.parent)
    if path.suffix.lower() == ".npz":
        return from_arrays(read_npz(path), path.stem, str(path), reading.about)
    if path.suffix.lower() == series.TS:
        return series.read_ts(path)
    if NAME.match(path.name):
        return _path(path.parent, reading)
    each = (f"{registry.MODALITIES[k].many} ({', '.join(s)})" for k, s in folders.SUFFIXES.items())
    kinds = f"{', '.join(TABLES)}, .npz, .ts, folders of {', of '.join(each)} and of IDX files"
    raise DataError(f"{path}: this kind of file is not read; archwright reads {kinds}")


def _files(found: Found, kind: str, reading: Reading) -> Raw:
    """Return the examples of files of one kind."""
    match kind:
        case "text":
            return texts.read_files_of(found)
        case "audio":
            return clips.read_files_of(found, reading.about)
    return images.read_files_of(found, reading.about)
