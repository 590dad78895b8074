"""CatBoost as a rival for tables, where it is installed. The one file that needs the extra
`boosting`."""

from __future__ import annotations

import importlib.util
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_info

Array = NDArray[Any]

TREES = 1000
"""CatBoost's own default; its learning rate follows from it."""


def installed() -> bool:
    """Whether there is a CatBoost to compare with."""
    return importlib.util.find_spec("catboost") is not None


@dataclass
class CatBoost:
    """CatBoost with its defaults, as scikit-learn has models; it stops growing when time is up.

    Args:
        categorical: The columns that hold categories, as whole numbers.
        until: When it is to stop, by `time.perf_counter`.
    """

    categorical: tuple[int, ...]
    regression: bool
    seed: int
    until: float
    grown: Any = field(default=None, init=False)

    def fit(self, x: Array, y: Array) -> None:
        """Grow up to `TREES` trees."""
        import catboost

        make = catboost.CatBoostRegressor if self.regression else catboost.CatBoostClassifier
        self.grown = make(
            iterations=TREES,
            cat_features=list(self.categorical),
            random_seed=self.seed,
            thread_count=_threads(),
            verbose=0,
            allow_writing_files=False,
        )
        self.grown.fit(self._frame(x), y, callbacks=[self])

    def after_iteration(self, _info: Any) -> bool:
        """Whether there is time for another tree; CatBoost asks after each one."""
        return time.perf_counter() < self.until

    @property
    def classes_(self) -> Array:
        """The classes that it has seen."""
        return np.asarray(self.grown.classes_).astype(np.int64)

    def note(self) -> str:
        """Return what was left out to save time, in words."""
        trees = self.grown.tree_count_
        return f"{trees:,} of {TREES:,} trees to save time" if trees < TREES else ""

    def predict(self, x: Array) -> Array:
        """Return values, (rows,)."""
        return np.asarray(self.grown.predict(self._frame(x)))

    def predict_proba(self, x: Array) -> Array:
        """Return probabilities, (rows, classes seen)."""
        return np.asarray(self.grown.predict_proba(self._frame(x)))

    def _frame(self, x: Array) -> pd.DataFrame:
        """Return rows as CatBoost takes them: categories as whole numbers."""
        return pd.DataFrame(x).astype(dict.fromkeys(self.categorical, np.int64))


def _threads() -> int:
    """Return how many threads scikit-learn's boosting takes, so that both have as many."""
    pools = [each for each in threadpool_info() if each["user_api"] == "openmp"]
    return max((each["num_threads"] for each in pools), default=1)
