"""Where a model errs: confusions, scores of each class or value, calibration, the worst rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archwright.core.truth import Truth
from archwright.measure.scores import scores

OF_CLASSES, OF_VALUES = ("accuracy", "macro_f1"), ("r2", "rmse")
"""What is told of each target of a multitask."""


@dataclass(frozen=True)
class ClassScore:
    """How well one class, or label, is told from the rest; `support` is how many rows are of it."""

    name: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class ValueScore:
    """How well one of several values is predicted."""

    name: str
    rmse: float
    mae: float
    r2: float


@dataclass(frozen=True)
class TargetScore:
    """How well one target of a multitask is answered.

    Args:
        classes: How many it has; 0 of a value.
    """

    name: str
    classes: int
    scores: Mapping[str, float]


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
    return _told_apart(np.diag(matrix), matrix.sum(0), matrix.sum(1), classes)


def per_label(truth: Truth, output: NDArray[Any], labels: tuple[str, ...]) -> list[ClassScore]:
    """Return the scores of each label; a share of nothing counts as 0."""
    given = output >= 0.5
    return _told_apart((given & truth.values).sum(0), given.sum(0), truth.values.sum(0), labels)


def per_value(truth: Truth, output: NDArray[Any], names: tuple[str, ...]) -> list[ValueScore]:
    """Return the scores of each of several values."""
    pairs = zip(names, truth.values.T, output.T, strict=True)
    found = [(name, scores(Truth("regression", true), said)) for name, true, said in pairs]
    return [ValueScore(name, each["rmse"], each["mae"], each["r2"]) for name, each in found]


def per_target(truth: Truth, output: NDArray[Any], names: tuple[str, ...]) -> list[TargetScore]:
    """Return the scores of each target of a multitask."""
    found = []
    for name, (one, said) in zip(names, truth.each(output), strict=True):
        chosen = OF_CLASSES if one.kind == "classification" else OF_VALUES
        classes = said.shape[1] if said.ndim > 1 else 0
        every = scores(one, said)
        found.append(TargetScore(name, classes, {each: every[each] for each in chosen}))
    return found


def surprises(truth: Truth, output: NDArray[Any]) -> NDArray[np.float64]:
    """Return of a multitask how far off each answer is, (rows, targets).

    Of classes the log loss, of values half the square of the error in deviations: both in nats.
    """
    found = [
        -np.log(one.likelihood(said)) if one.kind == "classification" else one.misses(said) ** 2 / 2
        for one, said in truth.each(output)
    ]
    return np.stack(found, 1)


def _told_apart(
    hits: NDArray[Any], called: NDArray[Any], support: NDArray[Any], names: tuple[str, ...]
) -> list[ClassScore]:
    precision = hits / np.maximum(called, 1)
    recall = hits / np.maximum(support, 1)
    f1 = 2 * hits / np.maximum(called + support, 1)
    rows = zip(names, precision, recall, f1, support, strict=True)
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


def worst(truth: Truth, output: NDArray[Any], most: int) -> NDArray[np.int64]:
    """Return the positions of the worst mistakes, the worst first; rows answered rightly are none.

    Classes and labels: the highest log loss among wrong answers. Values: the largest error. Of a
    multitask, the largest sum of what `surprises` returns.
    """
    if truth.kind == "multitask":
        return np.argsort(-surprises(truth, output).sum(1), kind="stable")[:most]
    if truth.kind == "regression":
        apart = np.square(truth.misses(output)).reshape(len(truth), -1).sum(1)
        return np.argsort(-apart, kind="stable")[:most]
    if truth.kind == "multilabel":
        wrong = np.flatnonzero(((output >= 0.5) != truth.values).any(1))
    else:
        wrong = np.flatnonzero(output.argmax(1) != truth.values)
    given = truth.likelihood(output)[wrong]
    return wrong[np.argsort(given, kind="stable")[:most]]
