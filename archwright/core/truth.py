"""The truth that answers are compared with: what is right for some rows, and how it is scored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["classification", "ordinal", "multilabel", "regression"]
"""One class of several; one of several that have an order; any number of labels; one or several
values."""


def asked(kind: str, classes: int, outcomes: int) -> str:
    """Return in words what is asked of each row.

    Args:
        classes, outcomes: How many classes there are to choose from; labels, or values.
    """
    if kind == "regression":
        return f"{outcomes} numbers" if outcomes else "a number"
    if kind == "multilabel":
        return f"any of {outcomes} labels"
    return f"one of {classes} classes{' in order' if kind == 'ordinal' else ''}"


@dataclass(frozen=True, eq=False)
class Truth:
    """What is right for some rows.

    Answers to it are probabilities, (rows, classes) or, of labels, (rows, labels), or values like
    those here.

    Args:
        kind: The kind of task.
        values: (rows,) int64 classes; (rows, labels) bool; (rows,) or (rows, several) values.
        unit: Of each of several values, what counts as one: its deviation in training.
    """

    kind: Kind
    values: NDArray[Any]
    unit: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.values)

    def likelihood(self, output: NDArray[Any]) -> NDArray[np.float64]:
        """Return the probability that each row's truth was given, of labels the geometric mean."""
        if self.kind == "multilabel":
            each = np.where(self.values, output, 1 - output).clip(1e-15)
            return np.asarray(np.exp(np.log(each).mean(1)))
        given = output[np.arange(len(self)), self.values]
        return np.asarray(given.clip(1e-15), dtype=np.float64)

    def misses(self, output: NDArray[Any]) -> NDArray[np.float64]:
        """Return by how much values are missed, in units where there are any."""
        apart = np.asarray(output, dtype=np.float64).reshape(self.values.shape) - self.values
        return np.asarray(apart if self.unit is None else apart / self.unit)
