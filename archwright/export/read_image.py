"""Reads new images for an exported `model.py`; copied into it as it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from archwright.export.picture import read_image
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
