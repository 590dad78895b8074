"""How good predictions are, by scikit-learn's metrics under our names."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Score = Callable[[], float]


def scores(target: NDArray[Any], output: NDArray[Any], only: str | None = None) -> dict[str, float]:
    """Return every metric that is defined for these rows.

    Args:
        target: (rows,) int64 classes, or float values.
        output: (rows, classes) probabilities, or (rows,) values.
        only: The one metric that is wanted; the others take their time.
    """
    how = _classification(target, output) if output.ndim == 2 else _regression(target, output)
    return {name: float(score()) for name, score in how.items() if only in (None, name)}


def _classification(target: NDArray[Any], output: NDArray[Any]) -> dict[str, Score]:
    from sklearn import metrics

    predicted, present = output.argmax(1), np.unique(target)
    own = output[np.arange(len(target)), target]
    probability = output[:, 1] if output.shape[1] == 2 else output
    found: dict[str, Score] = {
        "accuracy": lambda: (predicted == target).mean(),
        "balanced_accuracy": lambda: np.mean(
            [(predicted[target == c] == c).mean() for c in present]
        ),
        "macro_f1": lambda: metrics.f1_score(target, predicted, average="macro", zero_division=0.0),
        "log_loss": lambda: -np.log(own.clip(1e-15)).mean(),
    }
    if len(present) == output.shape[1]:  # without every class present the area is not defined
        found["roc_auc"] = lambda: metrics.roc_auc_score(target, probability, multi_class="ovr")
    return found


def _regression(target: NDArray[Any], output: NDArray[Any]) -> dict[str, Score]:
    return {
        "rmse": lambda: np.sqrt(np.mean((target - output) ** 2)),
        "mae": lambda: np.mean(np.abs(target - output)),
        "r2": lambda: _r2(target, output),
    }


def _r2(target: NDArray[Any], output: NDArray[Any]) -> float:
    from sklearn import metrics

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # R² of a single row is not defined
        return float(metrics.r2_score(target, output))


def probabilities(logits: NDArray[Any]) -> NDArray[Any]:
    """Return the softmax of (rows, classes) logits in float64, so that rows sum to 1."""
    shifted = np.exp(logits.astype(np.float64) - logits.max(1, keepdims=True))
    normalised: NDArray[Any] = shifted / shifted.sum(1, keepdims=True)
    return normalised
