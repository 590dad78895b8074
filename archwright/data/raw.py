"""What a reader hands on before anything is decided about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Images = NDArray[Any]


@dataclass(frozen=True)
class Raw:
    """Rows as they were read.

    Args:
        name: A word for the data: the file's or the folder's.
        frame: The table; for images, whatever is known beside them: the label, a split ...
        target: The target's column where the source settles it (`y` of arrays, class folders).
        images: The images (rows, channels, height, width), if the rows are images.
        parts: `train`, `validation` or `test` for each row, where the source settles it.
        files: The image files, relative to their folder.
        image: How the images were read.
    """

    name: str
    frame: pd.DataFrame
    target: str | None = None
    images: Images | None = None
    parts: NDArray[np.str_] | None = None
    files: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    image: Mapping[str, Any] = field(default_factory=dict)

    def keep(self, mask: NDArray[np.bool_]) -> Raw:
        """Return the rows where `mask` is true."""
        return Raw(
            self.name,
            self.frame[mask].reset_index(drop=True),
            self.target,
            None if self.images is None else self.images[mask],
            None if self.parts is None else self.parts[mask],
            tuple(file for file, kept in zip(self.files, mask, strict=False) if kept),
            self.notes,
            self.image,
        )
