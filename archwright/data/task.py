"""Tasks: what is to be learnt from which data. No torch, no files, no search."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from archwright.core.truth import Kind, Truth
from archwright.data.mapped import pieces

Rows = NDArray[np.int64]

COLUMN_TYPES = (
    *("numeric", "categorical", "boolean", "datetime", "text", "image", "audio"),
    *("identifier", "constant"),
)
FILES = ("image", "audio")
"""Types of columns that hold the names of files."""


@dataclass(frozen=True)
class Column:
    """An input column, the type inferred (or given) for it, and why."""

    name: str
    type: str
    reason: str
    missing: int = 0
    distinct: int = 0

    @property
    def used(self) -> bool:
        """Identifiers and constants carry nothing that a network may learn from."""
        return self.type not in ("identifier", "constant")


@dataclass(frozen=True)
class Several:
    """Several inputs of each row.

    Args:
        frame: The rows' cells, one column an input column; of files their names.
        types: The columns' types.
        held: What the files hold, (rows, ...), by column: images and clips as `Task.inputs` has
            them, all zero where a row names no file.
        how: How the files were read, by column, as `Task.read` tells it.
    """

    frame: pd.DataFrame
    types: Mapping[str, str]
    held: Mapping[str, NDArray[Any]]
    how: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Splits:
    """Row numbers of each part, disjoint; `how` says in words how they were made."""

    train: Rows
    validation: Rows
    test: Rows
    how: str

    @property
    def development(self) -> Rows:
        """Train and validation together: everything but the test rows."""
        return np.sort(np.concatenate([self.train, self.validation]))


@dataclass(frozen=True)
class Finding:
    """Something the data doctor noticed: `info`, `warning` or `serious`."""

    level: Literal["info", "warning", "serious"]
    title: str
    detail: str


@dataclass(frozen=True)
class Task:
    """What is to be learnt.

    Args:
        modality: What kind of data the inputs are, by its name in `registry`.
        inputs: A table (one row an example), or an array: images (rows, channels, height, width)
            uint8 or float32, series (rows, channels, length) float32, clips (rows, 1, samples)
            int16; or several of these.
        target: int64 class numbers (an index into `classes`), or float64 values, (rows,); bool
            labels or several float64 values, (rows, several); of a multitask float64, (rows,
            targets), classes by their number.
        target_name: What is predicted, in a few words: the column, or the columns.
        classes: The classes as text, in order; empty where there are none.
        rule: Why it is of this kind, in a sentence.
        outcomes: What each of several labels, values or targets is called.
        levels: Of a multitask, the classes of each target; none for a value.
        columns: The input columns of a table; of texts the one that holds them; else empty.
        notes: What was changed while reading (rows dropped, images resized), in sentences.
        source: Where the data came from: what `load` needs to read it again (JSON values).
        read: How arrays were read; of images `width`, `height`, `mode`, `layout` ... Of texts their
            `column`, and the folder of a pretrained `encoder` or None.
        files: The files that rows came from, relative to their folder; empty for arrays.
    """

    name: str
    kind: Kind
    modality: str
    inputs: pd.DataFrame | NDArray[Any] | Several
    target: NDArray[Any]
    target_name: str
    classes: tuple[str, ...]
    splits: Splits
    rule: str
    columns: tuple[Column, ...] = ()
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    source: Mapping[str, Any] = field(default_factory=dict)
    read: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    levels: tuple[tuple[str, ...], ...] = ()

    def __len__(self) -> int:
        return len(self.target)

    @property
    def table(self) -> pd.DataFrame | None:
        """The cells of the inputs, where they have columns."""
        if isinstance(self.inputs, Several):
            return self.inputs.frame
        return self.inputs if isinstance(self.inputs, pd.DataFrame) else None

    @property
    def about(self) -> Mapping[str, Any]:
        """How the inputs were read, or the types of a table's columns."""
        return self.read or {column.name: column.type for column in self.columns}

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        """The inputs that are arrays."""
        match self.inputs:
            case Several(held=held):
                return tuple(held.values())
            case pd.DataFrame():
                return ()
        return (self.inputs,)

    @property
    def outputs(self) -> int:
        """How many numbers the network gives per example."""
        return sum(self.widths) or len(self.classes) or len(self.outcomes) or 1

    @property
    def widths(self) -> tuple[int, ...]:
        """Of a multitask, see `Truth`."""
        return tuple(max(1, len(each)) for each in self.levels)

    @cached_property
    def unit(self) -> NDArray[np.float64] | None:
        """Of several values or targets, the deviation of each in training; else None."""
        if self.kind not in ("regression", "multitask") or self.target.ndim == 1:
            return None
        spread = self.target[self.splits.train].std(0)
        return np.where(spread > 0, spread, 1.0)

    def truth(self, rows: Rows) -> Truth:
        """Return what is right for some rows."""
        return Truth(self.kind, self.target[rows], self.unit, self.widths)

    @cached_property
    def fingerprint(self) -> str:
        """A content hash of inputs, target and splits."""
        said = (self.kind, self.target_name, self.classes, *self.outcomes, *self.levels)
        digest = hashlib.sha256(repr(said).encode())
        if self.table is not None:
            digest.update(repr([(c.name, c.type) for c in self.columns]).encode())
            digest.update(pd.util.hash_pandas_object(self.table, index=False).to_numpy().tobytes())
        parts = (self.target, self.splits.train, self.splits.validation, self.splits.test)
        for array in (*self.arrays, *parts):
            for rows in pieces(array):  # windows are views, and would be copied out
                digest.update(np.ascontiguousarray(array[rows]).data)
        return digest.hexdigest()[:16]
