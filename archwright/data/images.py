"""Folders of images -> rows: class folders, or a table of labels beside the images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from archwright.data.pictures import image_files, is_image, plan, read_files
from archwright.data.raw import Raw
from archwright.data.splits import PARTS
from archwright.data.tables import read_table
from archwright.errors import DataError, nearest

How = Mapping[str, Any]
LABELS = "labels.csv"


@dataclass(frozen=True)
class Found:
    """Image files and what is known of each, before a pixel is read."""

    files: list[Path]
    frame: pd.DataFrame
    notes: list[str]
    parts: NDArray[np.str_] | None = None
    target: str | None = None


def read_folder(folder: Path, labels: str | None = None, how: How | None = None) -> Raw:
    """Return the images below a folder with their classes or their rows of a table of labels.

    Args:
        labels: The table's name in the folder, or its path.
        how: How to read the images, where earlier ones have settled that.

    Raises:
        DataError: no images, no labels, or files that cannot be read.
    """
    table = _labels_file(folder, labels)
    if table is not None:
        return read_labelled(table, folder, how)
    outer = _folders(folder)
    parts = {sub: PARTS.get(sub.name.lower()) for sub in outer}
    if outer and all(parts.values()) and "train" in parts.values():
        return _join(folder, list(parts.items()), how)
    return _join(folder, [(folder, None)], how)


def read_labelled(table: Path, folder: Path, how: How | None = None) -> Raw:
    """Return the images that a table names in its first column, with the other columns.

    Raises:
        DataError: the table names files that are not there, or has no label column.
    """
    frame = read_table(table, raw=_first_column(table))
    if frame.shape[1] < 2:
        raise DataError(f"{table}: needs two columns, the image's file name and its label")
    known = _index(folder)
    names = frame.iloc[:, 0].astype(str)
    lost = [name for name in names if _key(name) not in known]
    if lost:
        shown = ", ".join(map(repr, lost[:3])) + (", ..." if len(lost) > 3 else "")
        hint = nearest(lost[0], list(known)[:5000]) if known else "; the folder holds no images"
        raise DataError(f"{table}: {len(lost)} of its images are not in {folder}: {shown}{hint}")
    files = [known[_key(name)] for name in names]
    spare = len(set(known.values()) - set(files))
    notes = [f"{spare} images have no row in {table.name} and are left out."] if spare else []
    return _read(folder, Found(files, frame.iloc[:, 1:], notes), how)


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


def _index(folder: Path) -> dict[str, Path]:
    """Return the images below a folder by relative path, by name, and by name without suffix."""
    found = image_files(folder)
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


def _join(folder: Path, roots: list[tuple[Path, str | None]], how: How | None) -> Raw:
    """Return the images of class folders below each root, each root being a part of its own."""
    files: list[Path] = []
    labels: list[str] = []
    parts: list[str] = []
    empty = []
    for root, part in roots:
        for sub in _folders(root):
            inside = image_files(sub)
            files += inside
            labels += [sub.name] * len(inside)
            parts += [part or ""] * len(inside)
            empty += [] if inside else [sub.name]
    if not files:
        raise DataError(_nothing(folder))
    notes = [f"Folders without images are left out: {', '.join(empty[:5])}."] if empty else []
    frame = pd.DataFrame({"class": pd.Series(labels, dtype="str")})
    given = np.array(parts) if any(parts) else None
    return _read(folder, Found(files, frame, notes, given, "class"), how)


def _nothing(folder: Path) -> str:
    loose = sum(is_image(path) for path in folder.iterdir())
    if loose:
        return (
            f"{folder}: holds {loose} images but no labels; sort them into one folder per class, "
            f"or add a {LABELS} with the columns file and label"
        )
    return (
        f"{folder}: holds no images; archwright reads a folder of class folders of images, of "
        f"images with a {LABELS}, or of IDX files such as train-images-idx3-ubyte.gz"
    )


def _read(folder: Path, found: Found, how: How | None) -> Raw:
    settled, said = (how, []) if how else plan(found.files)
    pixels = read_files(found.files, settled)
    if not how and settled["channels"] == 3 and (pixels == pixels[:, :1]).all():
        settled, pixels = {**settled, "mode": "L", "channels": 1}, pixels[:, :1].copy()
    return Raw(
        folder.name,
        found.frame,
        target=found.target,
        arrays=pixels,
        parts=found.parts,
        files=tuple(path.relative_to(folder).as_posix() for path in found.files),
        notes=(*found.notes, *said),
        modality="image",
        about=settled,
    )


def read_images(source: str | Path, image: How) -> tuple[list[str], NDArray[Any]]:
    """Return the names and pixels of new images, read as `image` says those of training were.

    Args:
        source: An image file, a folder of images, or an npz file with `x`, `x_test` or one array.
        image: `Task.read`.

    Raises:
        DataError: nothing to read, or images that do not fit the task.
    """
    from archwright.data.arrays import read_new_array

    path = Path(source).expanduser()
    if path.suffix.lower() == ".npz" and path.is_file():
        pixels = read_new_array(path, image)
        return [str(row) for row in range(len(pixels))], pixels
    if image.get("dtype") != "uint8" or image["mode"] not in ("L", "RGB", "RGBA"):
        raise DataError(
            f"{path}: the task was trained on arrays of its own scale, not on image files; "
            "give an npz file with the array x"
        )
    files = image_files(path) if path.is_dir() else [path] if path.is_file() else []
    if not files:
        raise DataError(f"{path}: no image there; name an image file or a folder of images")
    root = path if path.is_dir() else path.parent
    return [file.relative_to(root).as_posix() for file in files], read_files(files, image)


def read_new(data: Any, spec: Mapping[str, Any]) -> tuple[NDArray[Any], Sequence[str]]:
    """Return new images as training has seen them, and their files' names if they are files."""
    if not isinstance(data, str | Path):
        return np.asarray(data), ()
    files, pixels = read_images(data, spec["image"])
    return pixels, () if Path(data).suffix.lower() == ".npz" else files
