"""Reads new images for an exported `model.py`; copied into it as it stands.

Reads image files as `archwright.data` does: the same mode, size and resize filter; a test compares
the two. Pillow is imported only where a file has to be opened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from archwright.export.runtime import files_below, read_array

APPLY, NEEDS = "archwright.nets.preprocess:images", ", and pillow to read image files"
NEW, RAW = "photos/", "images as an array"
SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm")


def read(path: Path, spec: Mapping[str, Any]) -> tuple[np.ndarray, Sequence[str]]:
    """Return images as numbers and their files' names: an npz or npy file, an image, or a folder.

    Raises:
        ValueError: there is nothing to read, or a file is damaged.
    """
    image = spec["image"]
    if path.suffix.lower() in (".npz", ".npy"):
        return read_array(path), ()
    if image["dtype"] != "uint8" or image["mode"] not in ("L", "RGB", "RGBA"):
        raise ValueError(f"{path}: the network was trained on arrays; give an npz or npy file")
    files, names = files_below(path, SUFFIXES)
    if not files:
        raise ValueError(f"{path}: there are no images in this folder")
    return np.stack([read_image(file, image) for file in files]), names


def read_image(path: Path, image: Mapping[str, Any]) -> np.ndarray:
    """Return one file's pixels, (channels, height, width), in the size and mode of training."""
    try:
        from PIL import Image
    except ImportError:
        raise ImportError(f"{path}: to read image files, run: pip install pillow") from None
    size = (image["width"], image["height"])
    try:
        with Image.open(path) as opened:
            deep = opened.mode == "F" or opened.mode.startswith("I")
            picture = Image.fromarray(_narrow(opened)) if deep else opened
            picture = picture.convert(image["mode"])
    except (OSError, ValueError, SyntaxError):
        raise ValueError(f"{path}: damaged, or not an image") from None
    if picture.size != size:
        picture = picture.resize(size, Image.Resampling.BILINEAR)
    pixels = np.asarray(picture, dtype=np.uint8)
    return pixels[None] if pixels.ndim == 2 else np.moveaxis(pixels, -1, 0)


def _narrow(picture: Any) -> np.ndarray:
    """Return a picture of 16 or 32 bits a pixel with 8; pillow alone would clip it at 255."""
    values = np.asarray(picture, dtype=np.float64)
    top = values.max(initial=0)
    scale = 1.0 if top <= 255 else 256.0 if top < 65536 else top / 255
    return (values / scale).clip(0, 255).astype(np.uint8)
