"""Objectives: what is sought, in which direction, under which hard bound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from archwright.errors import SpaceError, nearest

CLASSIFICATION = {
    "accuracy": True,
    "balanced_accuracy": True,
    "macro_f1": True,
    "log_loss": False,
    "roc_auc": True,
}
REGRESSION = {"rmse": False, "mae": False, "r2": True}
CHEAP = {"params": False, "macs": False, "latency_ms": False}
"""Metrics that need no training, and whether more is better (never)."""

WORDS = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "macro_f1": "macro F1",
    "log_loss": "log loss",
    "roc_auc": "ROC AUC",
    "rmse": "RMSE",
    "mae": "MAE",
    "r2": "R²",
    "params": "parameters",
    "macs": "MACs",
    "latency_ms": "latency (ms)",
}


@dataclass(frozen=True)
class Objective:
    """A metric to be raised or lowered, or, with a `bound`, never to be exceeded.

    Args:
        metric: Its name, as in the tables above.
        bound: The largest value allowed; an objective with a bound is a condition, not an aim.
    """

    metric: str
    bound: float | None = None

    @property
    def maximise(self) -> bool:
        return {**CLASSIFICATION, **REGRESSION, **CHEAP}[self.metric]

    def loss(self, metrics: Mapping[str, float]) -> float:
        """Return the value to minimise."""
        value = float(metrics[self.metric])
        return -value if self.maximise else value

    def value(self, loss: float) -> float:
        """Return the metric that has this loss."""
        return -loss if self.maximise else loss

    def violated(self, metrics: Mapping[str, float]) -> bool:
        """Whether the bound is exceeded; a metric that was not measured violates nothing."""
        return self.bound is not None and metrics.get(self.metric, 0.0) > self.bound


def objective(metric: str, kind: str) -> Objective:
    """Return the objective of that name for a `classification` or `regression` task.

    Raises:
        SpaceError: no such metric for this kind of task.
    """
    known = CLASSIFICATION if kind == "classification" else REGRESSION
    if metric not in known:
        raise SpaceError(f"objective {metric!r} does not fit a {kind} task{nearest(metric, known)}")
    return Objective(metric)
