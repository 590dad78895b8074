"""Files of images -> rows of one array."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archwright.data import mapped
from archwright.data.folders import Found, new_files
from archwright.data.pictures import plan, read_files
from archwright.data.raw import Raw
from archwright.errors import DataError

How = Mapping[str, Any]


def read_files_of(found: Found, how: How | None = None) -> Raw:
    """Return the images of files with what is known of each.

    Args:
        how: How to read the images, where earlier ones have settled that.

    Raises:
        DataError: files cannot be read.
    """
    pixels, settled, said = together(found.files, how)
    return found.raw(*said, arrays=pixels, modality="image", about=settled)


def together(
    files: Sequence[Path], how: How | None = None
) -> tuple[NDArray[np.uint8], How, list[str]]:
    """Return files' pixels, (files, channels, height, width), how they were read, what to say.

    Raises:
        DataError: files cannot be read.
    """
    settled, said = (how, []) if how else plan(files)
    pixels = read_files(files, settled)
    if not how and settled["channels"] == 3 and _grey(pixels):
        settled = {**settled, "mode": "L", "channels": 1}
        pixels = mapped.joined([pixels[:, :1]])
    return pixels, settled, said


def _grey(pixels: NDArray[np.uint8]) -> bool:
    parts = (pixels[part] for part in mapped.pieces(pixels))
    return all(bool((part == part[:, :1]).all()) for part in parts)


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
    files, names = new_files(path, "image")
    if not files:
        raise DataError(f"{path}: no image there; name an image file or a folder of images")
    return names, read_files(files, image)


def read_new(data: Any, spec: Mapping[str, Any]) -> tuple[NDArray[Any], Sequence[str]]:
    """Return new images as training has seen them, and their files' names if they are files."""
    if not isinstance(data, str | Path):
        return np.asarray(data), ()
    files, pixels = read_images(data, spec["image"])
    return pixels, () if Path(data).suffix.lower() == ".npz" else files
