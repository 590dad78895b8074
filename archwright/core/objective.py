"""Objectives: what is sought, in which direction, under which hard bound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archwright.core.truth import Kind
from archwright.errors import SpaceError, nearest

CLASSIFICATION = {
    "accuracy": True,
    "balanced_accuracy": True,
    "macro_f1": True,
    "log_loss": False,
    "roc_auc": True,
}
ORDINAL = {"rank_error": False, "quadratic_kappa": True, **CLASSIFICATION}
MULTILABEL = {
    "average_precision": True,
    "macro_f1": True,
    "micro_f1": True,
    "subset_accuracy": True,
    "log_loss": False,
}
REGRESSION = {"rmse": False, "mae": False, "r2": True}
SEVERAL = {"nrmse": False, **REGRESSION}
"""Of several values at once, which may have several units."""
CLASSES = {"accuracy": True, "macro_f1": True, "log_loss": False}
VALUES = {"r2": True, "nrmse": False}
"""Of a multitask: means over the targets that are classes, and over those that are values."""

MEASURES = {"mean_score": True, **ORDINAL, **MULTILABEL, **SEVERAL}
"""Metrics of answers, and whether more is better."""

CHEAP = {"params": False, "macs": False, "latency_ms": False}
"""Metrics that need no training, and whether more is better (never)."""

WORDS = {
    "mean_score": "mean score",
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "macro_f1": "macro F1",
    "micro_f1": "micro F1",
    "log_loss": "log loss",
    "roc_auc": "ROC AUC",
    "rank_error": "rank error",
    "quadratic_kappa": "quadratic kappa",
    "average_precision": "average precision",
    "subset_accuracy": "subset accuracy",
    "nrmse": "NRMSE",
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
        return {**MEASURES, **CHEAP}[self.metric]

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


def measures(kind: Kind, outputs: int, widths: Sequence[int] = ()) -> Mapping[str, bool]:
    """Return the metrics of a task, the usual objective first, and whether more is better.

    Args:
        outputs: How many values there are, of a regression.
        widths: Of a multitask, see `core.truth.Truth`.
    """
    if kind == "multitask":
        return {"mean_score": True, **CLASSES, **(VALUES if 1 in widths else {})}
    if kind == "regression":
        return SEVERAL if outputs > 1 else REGRESSION
    return {"classification": CLASSIFICATION, "ordinal": ORDINAL, "multilabel": MULTILABEL}[kind]


def objective(
    metric: str | None, kind: Kind, outputs: int = 1, widths: Sequence[int] = ()
) -> Objective:
    """Return the objective of that name, or the usual one of such a task.

    Raises:
        SpaceError: no such metric for this kind of task.
    """
    known = measures(kind, outputs, widths)
    if metric is not None and metric not in known:
        raise SpaceError(f"objective {metric!r} does not fit a {kind} task{nearest(metric, known)}")
    return Objective(metric or next(iter(known)))
