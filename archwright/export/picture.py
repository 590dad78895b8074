"""One image file -> its pixels, for an exported `model.py`; copied into it as it stands.

Reads image files as `archwright.data` does: the same mode, size and resize filter; a test compares
the two. Pillow is imported only where a file has to be opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np


def read_image(path: Path, image: Mapping[str, Any]) -> np.ndarray:
    """Return one file's pixels, (channels, height, width), in the size and mode of training."""
    try:
        from PIL import Image
    except ImportError:
        raise ImportError(f"{path}: to read image files, run: pip install pillow") from None
    size = (image["width"], image["height"])
    try:
        with Image.open(path) as opened:
            opened.draft(None, size)  # JPEGs are decoded no larger than needed
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
