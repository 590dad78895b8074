"""Folders of files, each of which is an example: class folders, or a table that names the files.

Knows names alone, and reads no file but a table of labels.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from archwright import registry
from archwright.data.raw import Raw
from archwright.data.splits import PARTS
from archwright.data.tables import read_table
from archwright.errors import DataError, nearest

LABELS = "labels.csv"
SUFFIXES: Mapping[str, tuple[str, ...]] = {
    "image": (
        *(".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm"),
    ),
    "audio": (".wav", ".flac", ".ogg", ".mp3"),
    "text": (".txt",),
}
"""Of the files that an example of each modality may be."""


@dataclass(frozen=True)
class Found:
    """Files and what is known of each, before any is read.

    Args:
        parts: `train`, `validation` or `test` for each, where folders tell.
        target: The column of `frame` with the names of class folders.
    """

    folder: Path
    files: list[Path]
    frame: pd.DataFrame
    notes: list[str]
    parts: NDArray[np.str_] | None = None
    target: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The files, relative to their folder."""
        return tuple(relative(self.files, self.folder))

    def raw(self, *notes: str, **more: Any) -> Raw:
        """Return the rows, once the files have been read.

        Args:
            notes: What to say of the reading.
            more: What else a `Raw` is to hold, `frame` instead of this one.
        """
        targets = () if self.target is None else (self.target,)
        known = {"targets": targets, "parts": self.parts, "files": self.names}
        whole = {"frame": self.frame, **known, "notes": (*self.notes, *notes), **more}
        return Raw(self.folder.name, **whole)


def is_file_of(path: Path, modality: str) -> bool:
    """Whether a name says that the file is such an example, and not a hidden one."""
    return path.suffix.lower() in SUFFIXES[modality] and not path.name.startswith(".")


def files_of(folder: Path, modality: str) -> list[Path]:
    """Return all files of a modality below `folder`, sorted; nothing in hidden folders."""
    found = (p for p in folder.rglob("*") if is_file_of(p, modality) and p.is_file())
    return sorted(path for path in found if not _hidden(path, folder))


def new_files(path: Path, modality: str) -> tuple[list[Path], list[str]]:
    """Return a file as it is, or all files of a modality below a folder, and their names there."""
    if path.is_dir():
        files = files_of(path, modality)
        return files, relative(files, path)
    return ([path], [path.name]) if path.is_file() else ([], [])


def relative(files: Iterable[Path], folder: Path) -> list[str]:
    """Return the names of files below a folder."""
    return [path.relative_to(folder).as_posix() for path in files]


def refuse(broken: Sequence[str], total: int, modality: str) -> None:
    """Name files that cannot be read, the first three of them, each with its reason.

    Raises:
        DataError: there are any.
    """
    if not broken:
        return
    more = f" and {len(broken) - 3} more" if len(broken) > 3 else ""
    many = registry.MODALITIES[modality].many
    raise DataError(
        f"{len(broken)} of {total} {many} cannot be read: {', '.join(broken[:3])}{more}; "
        "remove these files or replace them"
    )


def kind(folder: Path) -> str | None:
    """Return the modality that most files below a folder are of."""
    found = Counter(p.suffix.lower() for p in folder.rglob("*") if not _hidden(p, folder))
    counts = {each: sum(found[suffix] for suffix in ends) for each, ends in SUFFIXES.items()}
    most = max(counts, key=lambda modality: counts[modality])
    return most if counts[most] else None


def named_kind(frame: pd.DataFrame, folder: Path) -> str | None:
    """Return the modality of the files that a table names in its first column, if they exist."""
    first = [Path(name) for name in frame.iloc[:20, 0] if isinstance(name, str)]
    named = [(path, kind) for path in first for kind in SUFFIXES if is_file_of(path, kind)]
    kinds = Counter(kind for path, kind in named if (folder / path).is_file())
    return kinds.most_common(1)[0][0] if kinds else None


def find(folder: Path, modality: str, labels: str | None = None) -> Found:
    """Return the files below a folder with their classes, or their rows of a table of labels.

    Args:
        labels: The table's name in the folder, or its path.

    Raises:
        DataError: no files, or no labels.
    """
    table = _labels_file(folder, labels)
    if table is not None:
        return listed(table, folder, modality)
    outer = _folders(folder)
    parts = {sub: PARTS.get(sub.name.lower()) for sub in outer}
    if outer and all(parts.values()):
        if "train" not in parts.values():
            beside = ", ".join(sub.name for sub in outer)
            raise DataError(f"{folder}: has no folder train beside {beside}")
        return _join(folder, list(parts.items()), modality)
    return _join(folder, [(folder, None)], modality)


def labels_of(folder: Path, labels: str | None) -> Path:
    """Return the table of labels in a folder.

    Raises:
        DataError: there is none.
    """
    table = _labels_file(folder, labels)
    if table is None:
        raise DataError(f"{folder}: holds no {LABELS}; name the table itself, or labels=")
    return table


def listed(table: Path, folder: Path, modality: str) -> Found:
    """Return the files that a table names in its first column, with the other columns.

    Raises:
        DataError: the table names files that are not there, or has no label column.
    """
    frame = read_table(table, raw=_first_column(table))
    word, many = registry.MODALITIES[modality].one, registry.MODALITIES[modality].many
    if frame.shape[1] < 2:
        raise DataError(f"{table}: needs two columns, the {word}'s file name and its label")
    known = _index(folder, modality)
    names = frame.iloc[:, 0].astype(str)
    lost = [name for name in names if _key(name) not in known]
    if lost:
        shown = ", ".join(map(repr, lost[:3])) + (", ..." if len(lost) > 3 else "")
        hint = nearest(lost[0], list(known)[:5000]) if known else f"; the folder holds no {many}"
        raise DataError(f"{table}: {len(lost)} of its {many} are not in {folder}: {shown}{hint}")
    files = [known[_key(name)] for name in names]
    spare = len(set(known.values()) - set(files))
    notes = [f"{spare} {many} have no row in {table.name} and are left out."] if spare else []
    return Found(folder, files, frame.iloc[:, 1:], notes)


def _hidden(path: Path, folder: Path) -> bool:
    return any(step[0] == "." for step in path.relative_to(folder).parts)


def _labels_file(folder: Path, labels: str | None) -> Path | None:
    if labels is None:
        return folder / LABELS if (folder / LABELS).is_file() else None
    for path in (folder / labels, Path(labels).expanduser()):
        if path.is_file():
            return path
    names = [path.name for path in folder.iterdir()]
    raise DataError(f"{folder}: there is no file {labels!r} with labels{nearest(labels, names)}")


def _first_column(table: Path) -> list[str]:
    """Return the name of the column of file names: `0007` must not become 7."""
    head = table.read_text(encoding="utf-8-sig", errors="replace").split("\n", 1)[0]
    mark = max(",;\t|", key=head.count)
    return [head.split(mark, 1)[0].strip().strip('"')]


def _index(folder: Path, modality: str) -> dict[str, Path]:
    """Return the files below a folder by relative path, by name, and by name without suffix."""
    found = files_of(folder, modality)
    known: dict[str, Path] = {}
    for path in found:
        for key in (path.stem, path.name, path.relative_to(folder).as_posix()):
            known.setdefault(key, path)
    known.update({path.relative_to(folder).as_posix(): path for path in found})
    return known


def _key(name: str) -> str:
    return name.strip().replace("\\", "/").removeprefix("./")


def _folders(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))


def _join(folder: Path, roots: list[tuple[Path, str | None]], modality: str) -> Found:
    """Return the files of class folders below each root, each root being a part of its own."""
    files: list[Path] = []
    labels: list[str] = []
    parts: list[str] = []
    empty = []
    for root, part in roots:
        for sub in _folders(root):
            inside = files_of(sub, modality)
            files += inside
            labels += [sub.name] * len(inside)
            parts += [part or ""] * len(inside)
            empty += [] if inside else [sub.name]
    many = registry.MODALITIES[modality].many
    if not files:
        raise DataError(_nothing(folder, modality, many))
    notes = [f"Folders without {many} are left out: {', '.join(empty[:5])}."] if empty else []
    frame = pd.DataFrame({"class": pd.Series(labels, dtype="str")})
    given = np.array(parts) if any(parts) else None
    return Found(folder, files, frame, notes, given, "class")


def _nothing(folder: Path, modality: str, many: str) -> str:
    loose = sum(is_file_of(path, modality) for path in folder.iterdir())
    if loose:
        return (
            f"{folder}: holds {loose} {many} but no labels; sort them into one folder per class, "
            f"or add a {LABELS} with the columns file and label"
        )
    every = ", ".join(registry.MODALITIES[one].many for one in SUFFIXES)
    return (
        f"{folder}: holds no {many}; archwright reads a folder of class folders ({every}), of "
        f"files with a {LABELS}, or of IDX files such as train-images-idx3-ubyte.gz"
    )
