"""Where a model errs: confusions, scores per class, calibration, residuals, the worst rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class ClassScore:
    """How well one class is told from the rest; `support` is how many rows are of it."""

    name: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class Confusion:
    """So many rows of the class `true` were taken for `predicted`."""

    true: int
    predicted: int
    count: int


def confusion(target: NDArray[Any], output: NDArray[Any]) -> NDArray[np.int64]:
    """Return (classes, classes) counts: the rows are the truth, the columns the predictions."""
    classes = output.shape[1]
    pairs = target.astype(np.int64) * classes + output.argmax(1)
    return np.bincount(pairs, minlength=classes**2).reshape(classes, classes).astype(np.int64)


def confused(matrix: NDArray[np.int64], most: int) -> list[Confusion]:
    """Return the most frequent confusions, the most frequent first."""
    wrong = matrix - np.diag(np.diag(matrix))
    order = np.argsort(-wrong, axis=None, kind="stable")[:most]
    pairs = [np.unravel_index(int(i), wrong.shape) for i in order]
    found = [Confusion(int(t), int(p), int(wrong[t, p])) for t, p in pairs]
    return [each for each in found if each.count]


def per_class(matrix: NDArray[np.int64], classes: tuple[str, ...]) -> list[ClassScore]:
    """Return the scores of each class; a share of nothing counts as 0."""
    hits = np.diag(matrix).astype(np.float64)
    called, support = matrix.sum(0), matrix.sum(1)
    precision = hits / np.maximum(called, 1)
    recall = hits / np.maximum(support, 1)
    f1 = 2 * hits / np.maximum(called + support, 1)
    rows = zip(classes, precision, recall, f1, support, strict=True)
    return [ClassScore(name, float(p), float(r), float(f), int(n)) for name, p, r, f, n in rows]


def calibration_error(target: NDArray[Any], output: NDArray[Any], bins: int = 15) -> float:
    """Return by how much confidence and accuracy differ on average (Guo et al., 2017).

    The expected calibration error of arXiv:1706.04599, with `bins` bins of equal width.
    """
    confidence = output.max(1)
    hits = output.argmax(1) == target
    where = np.minimum((confidence * bins).astype(np.int64), bins - 1)
    apart = np.bincount(where, weights=hits - confidence, minlength=bins)
    return float(np.abs(apart).sum() / len(target))


def worst(target: NDArray[Any], output: NDArray[Any], most: int) -> NDArray[np.int64]:
    """Return the positions of the worst mistakes, the worst first; rows answered rightly are none.

    Classes: the highest log loss among wrong answers. Values: the largest absolute error.
    """
    if output.ndim == 1:
        return np.argsort(-np.abs(output - target), kind="stable")[:most]
    wrong = np.flatnonzero(output.argmax(1) != target)
    given = output[wrong, target[wrong]]
    return wrong[np.argsort(given, kind="stable")[:most]]
