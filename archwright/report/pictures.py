"""Images of examples as PNG data URIs, to be put straight into a page."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

LARGEST = 128
"""Pixels of the longer side; larger images are made smaller."""

SAMPLE = 200
"""Images that the range of brightness is taken from."""


def data_uris(images: NDArray[Any], rows: NDArray[np.int64]) -> list[str]:
    """Return a `data:image/png` URI for each of `rows`.

    Float images are brought to 0 ... 255 by one range for all, so that they stay comparable.

    Args:
        images: (rows, channels, height, width), uint8 or float.
    """
    if images.dtype == np.uint8:
        return [_encode(images[row]) for row in rows]
    some = np.linspace(0, len(images) - 1, min(SAMPLE, len(images)), dtype=int)
    seen = np.concatenate([images[some], images[rows]])
    low, high = float(np.nanmin(seen)), float(np.nanmax(seen))
    scale = 255 / ((high - low) or 1.0)
    found = []
    for row in rows:
        bright = np.nan_to_num((images[row] - low) * scale).clip(0, 255)
        found.append(_encode(bright.round().astype(np.uint8)))
    return found


def _encode(image: NDArray[np.uint8]) -> str:
    from PIL import Image

    modes = {1: "L", 3: "RGB", 4: "RGBA"}
    shown = image if len(image) in modes else image[:1]
    pixels = np.ascontiguousarray(shown[0] if len(shown) == 1 else shown.transpose(1, 2, 0))
    picture = Image.fromarray(pixels)
    picture.thumbnail((LARGEST, LARGEST))
    return _uri(picture)


def encoded(grey: NDArray[np.uint8]) -> str:
    """Return the `data:image/png` URI of a picture, (height, width)."""
    from PIL import Image

    return _uri(Image.fromarray(np.ascontiguousarray(grey)))


def _uri(picture: Any) -> str:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"
