"""What the files of a row hold, as pictures for the report."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from archwright import registry


def data_uris(inputs: Any, rows: NDArray[np.int64]) -> list[dict[str, str]]:
    """Return for each of `rows` the URI of a picture of each image and clip, by column.

    Args:
        inputs: A `data.task.Several`.
    """
    made = [dict[str, str]() for _ in rows]
    for name, array in inputs.held.items():
        uris = registry.load(registry.MODALITIES[inputs.types[name]].pictures)(array, rows)
        for row, uri in zip(made, uris, strict=True):
            row[name] = uri
    return made
