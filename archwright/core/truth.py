"""The truth that answers are compared with: what is right for some rows, and how it is scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

Kind = Literal["classification", "ordinal", "multilabel", "regression", "multitask"]
"""One class of several; one of several that have an order; any number of labels; one or several
values; several targets, each of which is a class or a value."""


def asked(kind: str, classes: int, outcomes: int, widths: Sequence[int] = ()) -> str:
    """Return in words what is asked of each row.

    Args:
        classes, outcomes: How many classes there are to choose from; labels, or values.
        widths: See `Truth`.
    """
    if widths:
        each = [f"one of {width} classes" if width > 1 else "a number" for width in widths]
        told = f"{', '.join(each[:-1])} and {each[-1]}"
        return told if len(widths) <= 3 else f"{len(widths)} classes and numbers"
    if kind == "regression":
        return f"{outcomes} numbers" if outcomes else "a number"
    if kind == "multilabel":
        return f"any of {outcomes} labels"
    return f"one of {classes} classes{' in order' if kind == 'ordinal' else ''}"


def targets(y: Tensor, widths: Sequence[int]) -> list[Tensor]:
    """Return each target of a multitask by itself, (rows,): int64 classes, or values.

    Args:
        y: (rows, targets) values, classes by their number.
        widths: See `Truth`.
    """
    return [y[:, i].long() if width > 1 else y[:, i] for i, width in enumerate(widths)]


def goals(y: Tensor, widths: Sequence[int], outputs: int) -> list[tuple[Tensor, int]]:
    """Return the targets, and how many numbers answer each: one target if it is no multitask."""
    return list(zip(targets(y, widths), widths, strict=True)) if widths else [(y, outputs)]


def parted(answers: NDArray[Any], widths: Sequence[int]) -> list[NDArray[Any]]:
    """Return what answers each target of a multitask, (rows, width)."""
    return np.split(answers, np.cumsum(widths)[:-1], axis=1)


@dataclass(frozen=True, eq=False)
class Truth:
    """What is right for some rows.

    Answers to it are probabilities, (rows, classes) or, of labels, (rows, labels), or values like
    those here; of a multitask those of each target side by side.

    Args:
        kind: The kind of task.
        values: (rows,) int64 classes; (rows, labels) bool; (rows,) or (rows, several) values; of a
            multitask (rows, targets) numbers, classes by their number.
        unit: Of each of several values, what counts as one: its deviation in training.
        widths: Of a multitask, how many numbers answer each target: its classes, 1 for a value.
    """

    kind: Kind
    values: NDArray[Any]
    unit: NDArray[np.float64] | None = None
    widths: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.values)

    def at(self, rows: NDArray[np.int64]) -> Truth:
        """Return what is right for some of the rows."""
        return replace(self, values=self.values[rows])

    def each(self, output: NDArray[Any]) -> list[tuple[Truth, NDArray[Any]]]:
        """Return of a multitask the truth of each target by itself, and the answers to it."""
        pairs = []
        for i, said in enumerate(parted(output, self.widths)):
            values = self.values[:, i]
            if said.shape[1] > 1:
                pairs.append((Truth("classification", values.astype(np.int64)), said))
            else:
                unit = None if self.unit is None else self.unit[i : i + 1]
                pairs.append((Truth("regression", values, unit), said[:, 0]))
        return pairs

    def likelihood(self, output: NDArray[Any]) -> NDArray[np.float64]:
        """Return the probability that each row's truth was given.

        Of several labels, or of the classes of a multitask, it is the geometric mean.
        """
        if self.kind == "multitask":
            classes = [pair for pair in self.each(output) if pair[0].kind == "classification"]
            logs = [np.log(truth.likelihood(said)) for truth, said in classes]
            return np.asarray(np.exp(np.mean(logs, axis=0)))
        if self.kind == "multilabel":
            each = np.where(self.values, output, 1 - output).clip(1e-15)
            return np.asarray(np.exp(np.log(each).mean(1)))
        given = output[np.arange(len(self)), self.values]
        return np.asarray(given.clip(1e-15), dtype=np.float64)

    def misses(self, output: NDArray[Any]) -> NDArray[np.float64]:
        """Return by how much values are missed, in units where there are any."""
        apart = np.asarray(output, dtype=np.float64).reshape(self.values.shape) - self.values
        return np.asarray(apart if self.unit is None else apart / self.unit)


def joined(truths: Sequence[Truth]) -> Truth:
    """Return several truths of one kind as one, their rows one below the other."""
    return replace(truths[0], values=np.concatenate([truth.values for truth in truths]))
