"""What a reader hands on before anything is decided about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from archwright.data import mapped


@dataclass(frozen=True)
class Raw:
    """Rows as they were read.

    Args:
        name: A word for the data: the file's or the folder's.
        frame: The table; for arrays, whatever is known beside them: the label, a split ...
        targets: The target's columns where the source settles it (`y` of arrays, class folders).
        arrays: The rows' arrays, (rows, ...), if they are no table: images, series, clips.
        parts: `train`, `validation` or `test` for each row, where the source settles it.
        files: The files that rows came from, one each, relative to their folder.
        modality: What kind of data the rows are, by its name in `registry`.
        about: How the arrays were read.
        folder: Where files lie that the table's cells name.
    """

    name: str
    frame: pd.DataFrame
    targets: tuple[str, ...] = ()
    arrays: NDArray[Any] | None = None
    parts: NDArray[np.str_] | None = None
    files: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    modality: str = "table"
    about: Mapping[str, Any] = field(default_factory=dict)
    folder: Path = Path()

    def keep(self, mask: NDArray[np.bool_]) -> Raw:
        """Return the rows where `mask` is true."""
        return replace(
            self,
            frame=self.frame[mask].reset_index(drop=True),
            arrays=None if self.arrays is None else mapped.take(self.arrays, mask),
            parts=None if self.parts is None else self.parts[mask],
            files=tuple(file for file, kept in zip(self.files, mask, strict=False) if kept),
        )
