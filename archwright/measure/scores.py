"""How good predictions are, by scikit-learn's metrics under our names."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archwright.core.objective import CLASSES, VALUES
from archwright.core.truth import Kind, Truth, parted

Score = Callable[[], float]
Array = NDArray[Any]


def scores(truth: Truth, output: Array, only: str | None = None) -> dict[str, float]:
    """Return every metric that is defined for these rows.

    Args:
        output: (rows, classes) or (rows, labels) probabilities, or values as in `truth`.
        only: The one metric that is wanted; the others take their time.
    """
    how = BY_KIND[truth.kind](truth, output)
    return {name: float(score()) for name, score in how.items() if only in (None, name)}


def _classification(truth: Truth, output: Array) -> dict[str, Score]:
    from sklearn import metrics

    target = truth.values
    predicted, present = output.argmax(1), np.unique(target)
    probability = output[:, 1] if output.shape[1] == 2 else output
    found: dict[str, Score] = {
        "accuracy": lambda: (predicted == target).mean(),
        "balanced_accuracy": lambda: np.mean(
            [(predicted[target == c] == c).mean() for c in present]
        ),
        "macro_f1": lambda: metrics.f1_score(target, predicted, average="macro", zero_division=0.0),
        "log_loss": lambda: -np.log(truth.likelihood(output)).mean(),
    }
    if len(present) == output.shape[1]:  # without every class present the area is not defined
        found["roc_auc"] = lambda: metrics.roc_auc_score(target, probability, multi_class="ovr")
    return found


def _ordinal(truth: Truth, output: Array) -> dict[str, Score]:
    """Return also by how many ranks answers are off, and Cohen's kappa with squared weights."""
    from sklearn import metrics

    target, predicted = truth.values, output.argmax(1)
    return {
        "rank_error": lambda: np.abs(predicted - target).mean(),
        "quadratic_kappa": lambda: _defined(
            lambda: metrics.cohen_kappa_score(target, predicted, weights="quadratic")
        ),
        **_classification(truth, output),
    }


def _multilabel(truth: Truth, output: Array) -> dict[str, Score]:
    """Return the metrics of labels; one counts as given from a probability of a half on."""
    from sklearn import metrics

    target, given = truth.values, output >= 0.5
    known = np.flatnonzero(target.any(0))  # without a row of its own a label has no precision

    def f1(average: str) -> Score:
        return lambda: metrics.f1_score(target, given, average=average, zero_division=0.0)

    found: dict[str, Score] = {
        "macro_f1": f1("macro"),
        "micro_f1": f1("micro"),
        "subset_accuracy": lambda: (given == target).all(1).mean(),
        "log_loss": lambda: -np.log(truth.likelihood(output)).mean(),
    }
    if len(known):
        found["average_precision"] = lambda: metrics.average_precision_score(
            target[:, known], output[:, known], average="macro"
        )
    return found


def _regression(truth: Truth, output: Array) -> dict[str, Score]:
    apart = output - truth.values
    found: dict[str, Score] = {
        "rmse": lambda: np.sqrt(np.mean(apart**2)),
        "mae": lambda: np.mean(np.abs(apart)),
        "r2": lambda: _r2(truth.values, output),
    }
    if truth.unit is not None:
        found["nrmse"] = lambda: np.sqrt(np.mean(truth.misses(output) ** 2))
    return found


def _multitask(truth: Truth, output: Array) -> dict[str, Score]:
    """Return means over the targets; `mean_score` is that of accuracies and R²."""
    pairs = truth.each(output)
    found: dict[str, Score] = {"mean_score": _mean("", pairs)}
    for kind, names in (("classification", CLASSES), ("regression", VALUES)):
        some = [pair for pair in pairs if pair[0].kind == kind]
        if some:
            found |= {name: _mean(name, some) for name in names}
    return found


def _mean(name: str, pairs: Sequence[tuple[Truth, Array]]) -> Score:
    """Return the mean of a metric over targets, or of the one that suits each."""

    def mean() -> float:
        how = [(name or SHARE[truth.kind], truth, said) for truth, said in pairs]
        return float(np.mean([BY_KIND[truth.kind](truth, said)[own]() for own, truth, said in how]))

    return mean


def _r2(target: Array, output: Array) -> float:
    """Return R², of several values the mean."""
    from sklearn import metrics

    return _defined(lambda: metrics.r2_score(target, output))


def _defined(score: Score) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # neither is defined for a single row
        return float(score())


BY_KIND: Mapping[Kind, Callable[[Truth, Array], dict[str, Score]]] = {
    "classification": _classification,
    "ordinal": _ordinal,
    "multilabel": _multilabel,
    "regression": _regression,
    "multitask": _multitask,
}
SHARE = {"classification": "accuracy", "regression": "r2"}
"""Of each target of a multitask, what the mean score is made of: 1 is perfect."""


def answers(kind: Kind, out: Array, widths: Sequence[int] = ()) -> Array:
    """Return what a network gives, (rows, outputs), as answers in float64, see `Truth`."""
    if kind == "multitask":
        parts = parted(out.astype(np.float64), widths)
        return np.concatenate([p if p.shape[1] == 1 else probabilities(p) for p in parts], 1)
    if kind == "regression":
        values: Array = out.astype(np.float64)
        return values[:, 0] if values.shape[1] == 1 else values
    return shares(out) if kind == "multilabel" else probabilities(out)


def probabilities(logits: Array) -> Array:
    """Return the softmax of (rows, classes) logits in float64, so that rows sum to 1."""
    shifted = np.exp(logits.astype(np.float64) - logits.max(1, keepdims=True))
    normalised: Array = shifted / shifted.sum(1, keepdims=True)
    return normalised


def shares(logits: Array) -> Array:
    """Return the probability of each label by itself, in float64."""
    return np.asarray(1 / (1 + np.exp(-logits.astype(np.float64).clip(-700, 700))))
