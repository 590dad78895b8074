"""scikit-learn estimators: a search behind `fit`, in memory, without files or report."""

from __future__ import annotations

import math
import time
from typing import Any, Self

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from archwright.auto.choose import AUTO
from archwright.auto.engine import in_memory
from archwright.auto.options import Options
from archwright.clock import Clock, parse_budget
from archwright.core.truth import Kind
from archwright.data.columns import describe
from archwright.data.task import Column, Splits, Task
from archwright.measure.scores import probabilities
from archwright.nets import preprocess
from archwright.train.fit import SCORE_BATCH

Array = NDArray[Any]

VALIDATION = 0.2


class _Estimator(BaseEstimator):  # type: ignore[misc]
    """What both estimators share: the parameters, and a search over dense networks.

    Args:
        trials: How many architectures to try; with a budget, at most so many.
        budget: Wall-clock time for `fit`, such as "2m"; none unless given.
        objective: The metric that chooses; accuracy or rmse unless given.
        strategy: How architectures are proposed; chosen by the run unless given.
        epochs: Passes over the rows in the final training; by their number unless given.
        random_state: A seed, a numpy RandomState, or None for a new one each time.
    """

    _kind: Kind

    def __init__(
        self,
        trials: int = 8,
        *,
        budget: str | float | None = None,
        objective: str | None = None,
        strategy: str = AUTO,
        epochs: int | None = None,
        random_state: Any = None,
    ) -> None:
        self.trials = trials
        self.budget = budget
        self.objective = objective
        self.strategy = strategy
        self.epochs = epochs
        self.random_state = random_state

    def _search(self, frame: pd.DataFrame, target: Array, classes: tuple[str, ...]) -> Self:
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        clock = Clock(started=time.monotonic())
        clock.budget = math.inf if self.budget is None else parse_budget(self.budget)
        options = Options(
            budget=clock.budget,
            trials=self.trials,
            objective=self.objective,
            strategy=self.strategy,
            epochs=self.epochs,
            seed=seed,
            workers=1,  # whoever fits several at once has said so elsewhere
        )
        task = Task(
            name=type(self).__name__,
            kind=self._kind,
            modality="table",
            inputs=frame,
            target=target,
            target_name="target",
            classes=classes,
            splits=_split(target, seed, stratify=bool(classes)),
            rule="by the estimator",
            columns=_columns(frame),
        )
        threads = torch.get_num_threads()
        try:
            winner, self.history_ = in_memory(task, options, clock)
        finally:
            torch.set_num_threads(threads)
        self.net_, self.spec_ = winner.net.double().eval(), dict(winner.spec)
        self.architecture_ = winner.finalist.arch
        return self

    def _outputs(self, X: Any) -> Array:
        """Return the network's raw answers in float64, so that they hold for any batch alike."""
        check_is_fitted(self)
        frame = self._frame(X)
        x = torch.from_numpy(preprocess.table({str(n): c for n, c in frame.items()}, self.spec_))
        with torch.inference_mode():
            parts = [self.net_(part.double()) for part in x.split(SCORE_BATCH)]
        return np.asarray(torch.cat(parts).numpy())

    def _frame(self, X: Any, y: Any = None) -> Any:
        """Return validated rows as a data frame; with `y`, also remember the columns."""
        fitting = y is not None
        if isinstance(X, pd.DataFrame) and not all(map(_is_number, X.dtypes)):
            validate_data(self, X, reset=fitting, skip_check_array=True)
            frame = X.reset_index(drop=True)
        else:
            frame = pd.DataFrame(validate_data(self, X, reset=fitting, dtype=np.float64))
        return frame.set_axis([f"x{i}" for i in range(frame.shape[1])], axis=1)


class Classifier(ClassifierMixin, _Estimator):  # type: ignore[misc]
    """Searches a dense network that tells classes apart."""

    _kind: Kind = "classification"

    def fit(self, X: Any, y: Any) -> Self:
        """Search and train on rows (rows, columns) with one label each."""
        X, y = _checked(self, X, y)
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"Classifier can't train when only one class is present: {y[:1]}")
        return self._search(X, codes.astype(np.int64), tuple(map(str, self.classes_)))

    def predict_proba(self, X: Any) -> Array:
        """Return (rows, classes) probabilities in the order of `classes_`."""
        return probabilities(self._outputs(X))

    def predict(self, X: Any) -> Array:
        """Return the most probable label of each row."""
        check_is_fitted(self)
        return np.asarray(self.classes_[self.predict_proba(X).argmax(1)])


class Regressor(RegressorMixin, _Estimator):  # type: ignore[misc]
    """Searches a dense network that predicts a value."""

    _kind: Kind = "regression"

    def fit(self, X: Any, y: Any) -> Self:
        """Search and train on rows (rows, columns) with one value each."""
        X, y = _checked(self, X, y)
        return self._search(X, y.astype(np.float64), ())

    def predict(self, X: Any) -> Array:
        """Return a value for each row."""
        return self._outputs(X)[:, 0]


def _checked(estimator: _Estimator, X: Any, y: Any) -> tuple[pd.DataFrame, Array]:
    """Return rows as a frame and the target as an array, of equal length, at least two rows."""
    from sklearn.utils.validation import check_consistent_length, column_or_1d

    if y is None:
        raise ValueError(
            f"{type(estimator).__name__} requires y to be passed, but the target y is None"
        )
    if isinstance(X, pd.DataFrame) and not all(map(_is_number, X.dtypes)):
        frame, target = estimator._frame(X, y), column_or_1d(y, warn=True)
        check_consistent_length(frame, target)
    else:
        numeric = estimator._kind == "regression"
        X, target = validate_data(
            estimator, X, y, dtype=np.float64, y_numeric=numeric, ensure_min_samples=2
        )
        frame = pd.DataFrame(X, columns=[f"x{i}" for i in range(X.shape[1])])
    return frame, np.asarray(target)


def _is_number(dtype: Any) -> bool:
    return bool(pd.api.types.is_numeric_dtype(dtype))


def _columns(frame: pd.DataFrame) -> tuple[Column, ...]:
    """Numbers are numeric, whatever they look like; other columns are inferred."""
    numbers = [str(name) for name in frame if _is_number(frame[name].dtype)]
    return tuple(describe(frame, dict.fromkeys(numbers, "numeric")))


def _split(target: Array, seed: int, *, stratify: bool) -> Splits:
    """Keep a fifth for validation; there is no test, which is the caller's business."""
    rows = np.arange(len(target))
    size = max(1, round(VALIDATION * len(rows)))
    counts = np.bincount(target) if stratify else np.zeros(1, np.int64)
    possible = counts.min() > 1 and size >= len(counts)
    train, valid = train_test_split(
        rows, test_size=size, random_state=seed, stratify=target if possible else None
    )
    return Splits(np.sort(train), np.sort(valid), rows[:1], "by the estimator")
