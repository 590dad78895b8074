"""Image files -> one array of one size; broken files are named, never skipped in silence.

Knows pixels alone, neither labels nor folders' meanings.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from archwright.data import mapped
from archwright.data.folders import refuse

Read = TypeVar("Read")

AT_ONCE = 1000
"""Files are handed out in so many, so that few images wait to be put in their place."""

LONGEST = 64
"""Larger images are scaled down until their longer side has this many pixels."""

DEEP = ("I", "I;16", "I;16B", "I;16L", "F")
GREY = ("1", "L", "LA", *DEEP)


def plan(files: Sequence[Path]) -> tuple[dict[str, Any], list[str]]:
    """Return how the files are to be read (the median size, grey or colour), and what to say of it.

    Raises:
        DataError: some files are not readable images.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        heads = [head for _, head in _each(files, _head)]
    sizes = [(width, height) for width, height, _ in heads]
    width, height = (int(np.median(side)) for side in zip(*sizes, strict=True))
    notes = []
    if len(set(sizes)) > 1:
        low, high = min(sizes), max(sizes)
        notes.append(
            f"The images differ in size, from {low[0]}x{low[1]} to {high[0]}x{high[1]}: all are "
            f"resized to {{size}} pixels (width x height)."
        )
    if max(width, height) > LONGEST:
        scale = LONGEST / max(width, height)
        notes.append(
            f"The images are large ({width}x{height} in the median): they are scaled down to "
            f"{{size}}, the longer side to {LONGEST} pixels."
        )
        width, height = max(1, round(width * scale)), max(1, round(height * scale))
    mode = "L" if all(mode in GREY for _, _, mode in heads) else "RGB"
    how = {"width": width, "height": height, "mode": mode, "channels": 1 if mode == "L" else 3}
    said = [note.format(size=f"{width}x{height}") for note in notes]
    return {**how, "layout": "files", "dtype": "uint8"}, said


def read_files(files: Sequence[Path], how: Mapping[str, Any]) -> NDArray[np.uint8]:
    """Return the files' pixels (rows, channels, height, width) in the size and mode of `how`.

    Raises:
        DataError: some files are not readable images.
    """
    shape = (len(files), how["channels"], how["height"], how["width"])
    pixels = mapped.empty(shape, np.uint8)
    for row, image in _each(files, partial(read_image, how=how)):
        pixels[row] = image
    return pixels


def _each(files: Sequence[Path], read: Callable[[Path], Read]) -> Iterator[tuple[int, Read]]:
    """Yield what is read of each file, several at a time: Pillow works without Python's lock.

    Raises:
        DataError: some files are not readable images, once all have been tried.
    """
    broken: list[str] = []

    def tried(path: Path) -> Read | Exception:
        try:
            return read(path)
        except (OSError, ValueError, SyntaxError) as error:
            return error

    with ThreadPoolExecutor() as pool:
        for first in range(0, len(files), AT_ONCE):
            part = files[first : first + AT_ONCE]
            for number, found in enumerate(pool.map(tried, part), first):
                if isinstance(found, Exception):
                    broken.append(f"{files[number]} ({_why(found)})")
                elif not broken:
                    yield number, found
    refuse(broken, len(files), "image")


def read_image(path: Path, how: Mapping[str, Any]) -> NDArray[np.uint8]:
    """Return one file's pixels (channels, height, width); JPEGs are decoded no larger than so."""
    size = (how["width"], how["height"])
    with Image.open(path) as opened:
        opened.draft(None, size)
        picture = (_narrow(opened) if opened.mode in DEEP else opened).convert(how["mode"])
    if picture.size != size:
        picture = picture.resize(size, Image.Resampling.BILINEAR)
    pixels = np.asarray(picture, dtype=np.uint8)
    return pixels[None] if pixels.ndim == 2 else np.moveaxis(pixels, -1, 0)


def _narrow(picture: Image.Image) -> Image.Image:
    """Return a picture of 16 or 32 bits a pixel with 8; Pillow alone would clip it at 255."""
    values = np.asarray(picture, dtype=np.float64)
    top = values.max(initial=0)
    scale = 1.0 if top <= 255 else 256.0 if top < 65536 else top / 255
    return Image.fromarray((values / scale).clip(0, 255).astype(np.uint8))


def _head(path: Path) -> tuple[int, int, str]:
    if path.stat().st_size == 0:
        raise OSError("0 bytes")
    with Image.open(path) as opened:
        return (*opened.size, opened.mode)


def _why(error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "damaged, or not an image"
    return str(error) or type(error).__name__
