"""How good predictions are, by scikit-learn's metrics under our names."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray


def scores(target: NDArray[Any], output: NDArray[Any]) -> dict[str, float]:
    """Return every metric that is defined for these rows.

    Args:
        target: (rows,) int64 classes, or float values.
        output: (rows, classes) probabilities, or (rows,) values.
    """
    if output.ndim == 2:
        return _classification(target, output)
    return _regression(target, output)


def _classification(target: NDArray[Any], output: NDArray[Any]) -> dict[str, float]:
    from sklearn import metrics

    predicted = output.argmax(1)
    present = np.unique(target)
    found = {
        "accuracy": float((predicted == target).mean()),
        "balanced_accuracy": float(
            np.mean([(predicted[target == c] == c).mean() for c in present])
        ),
        "macro_f1": float(metrics.f1_score(target, predicted, average="macro", zero_division=0.0)),
        "log_loss": float(-np.log(output[np.arange(len(target)), target].clip(1e-15)).mean()),
    }
    if len(present) == output.shape[1]:  # without every class present the area is not defined
        probability = output[:, 1] if output.shape[1] == 2 else output
        found["roc_auc"] = float(metrics.roc_auc_score(target, probability, multi_class="ovr"))
    return found


def _regression(target: NDArray[Any], output: NDArray[Any]) -> dict[str, float]:
    from sklearn import metrics

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # R² of a single row is not defined
        r2 = float(metrics.r2_score(target, output))
    return {
        "rmse": float(np.sqrt(np.mean((target - output) ** 2))),
        "mae": float(np.mean(np.abs(target - output))),
        "r2": r2,
    }


def probabilities(logits: NDArray[Any]) -> NDArray[Any]:
    """Return the softmax of (rows, classes) logits in float64, so that rows sum to 1."""
    shifted = np.exp(logits.astype(np.float64) - logits.max(1, keepdims=True))
    normalised: NDArray[Any] = shifted / shifted.sum(1, keepdims=True)
    return normalised
