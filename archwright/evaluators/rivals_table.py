"""The rivals for tables: linear models, boosting, and CatBoost where it is installed.

The one file that needs the extra `boosting`.
"""

from __future__ import annotations

import importlib.util
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_info

from archwright.core.truth import Kind
from archwright.evaluators.rivals import Array, Contest, Made, Make, boosting, flat, of_images

FEW = 255
"""Categories of a column that HistGradientBoosting takes as such; of more it gets mean targets."""

TREES = 1000
"""CatBoost's own default; its learning rate follows from it."""


def of_tables(contest: Contest) -> list[Make]:
    """Return what makes the rivals for tables: a linear one, and boosting."""
    known = importlib.util.find_spec("catboost") is not None
    return [*of_images(contest), _boosting, *([_catboost] if known else [])]


def _boosting(contest: Contest) -> Made:
    signature = contest.split.signature
    counts, width = signature.categories, signature.shape[0]
    sizes = dict(zip(range(width - len(counts), width), counts, strict=True))
    single = signature.kind != "multilabel" and not (signature.regression and signature.outputs > 1)
    many = [column for column, count in sizes.items() if count > FEW and single]
    rest = [column for column in range(width) if column not in many]
    few = [i for i, column in enumerate(rest) if sizes.get(column, FEW + 1) <= FEW]
    model = boosting(contest, categorical_features=few or None)
    if many:
        model = _with_means(model, contest, rest, many)
    return Made("HistGradientBoosting", model, flat(contest.split))


def _with_means(model: Any, contest: Contest, rest: list[int], many: list[int]) -> Any:
    """Return a model of columns as they are, and of others by the mean target of each category.

    Each row's mean is that of other rows in training (arXiv:2104.00629).
    """
    from sklearn.compose import ColumnTransformer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import TargetEncoder

    kind = "continuous" if contest.split.signature.regression else "auto"
    means = TargetEncoder(target_type=kind, random_state=contest.seed)
    columns = ColumnTransformer([("rest", "passthrough", rest), ("means", means, many)])
    return make_pipeline(columns, model)


def _catboost(contest: Contest) -> Made:
    signature = contest.split.signature
    width = signature.shape[0]
    categorical = tuple(range(width - len(signature.categories), width))
    kind, outputs = signature.kind, signature.outputs
    model = CatBoost(categorical, kind, outputs, contest.seed, contest.seconds)
    return Made("CatBoost", model, flat(contest.split), alone=False, told=model.note)


@dataclass
class CatBoost:
    """CatBoost with its defaults, as scikit-learn has models; it stops growing when time is up.

    Args:
        categorical: The columns that hold categories, as whole numbers.
        outputs: Classes, labels or values.
        seconds: That all its fits may take.
    """

    categorical: tuple[int, ...]
    kind: Kind
    outputs: int
    seed: int
    seconds: float
    started: float = field(default=0.0, init=False)
    grown: Any = field(default=None, init=False)

    def fit(self, x: Array, y: Array) -> None:
        """Grow up to `TREES` trees."""
        import catboost

        self.started = time.perf_counter()
        regression, how = self.kind == "regression", dict[str, Any]()
        if regression and self.outputs > 1:
            how = {"loss_function": "MultiRMSE"}
        elif self.kind == "multilabel":
            how = {"loss_function": "MultiLogloss"}
        make = catboost.CatBoostRegressor if regression else catboost.CatBoostClassifier
        self.grown = make(
            iterations=TREES,
            cat_features=list(self.categorical),
            random_seed=self.seed,
            thread_count=_threads(),
            verbose=0,
            allow_writing_files=False,
            **how,
        )
        self.grown.fit(self._frame(x), y.astype(int) if y.dtype == bool else y, callbacks=[self])
        self.seconds -= time.perf_counter() - self.started

    def after_iteration(self, _info: Any) -> bool:
        """Return whether there is time for another tree; CatBoost asks after each one."""
        return time.perf_counter() - self.started < self.seconds

    def note(self) -> str:
        """Return what was left out to save time, in words."""
        trees = self.grown.tree_count_
        return f"{trees:,} of {TREES:,} trees to save time" if trees < TREES else ""

    @property
    def classes_(self) -> Array:
        """The classes that it has seen, or all labels."""
        seen = np.arange(self.outputs) if self.kind == "multilabel" else self.grown.classes_
        return np.asarray(seen).astype(np.int64)

    def predict(self, x: Array) -> Array:
        """Return values, (rows,) or (rows, values)."""
        return np.asarray(self.grown.predict(self._frame(x)))

    def predict_proba(self, x: Array) -> Array:
        """Return probabilities, (rows, classes seen) or (rows, labels)."""
        return np.asarray(self.grown.predict_proba(self._frame(x)))

    def _frame(self, x: Array) -> pd.DataFrame:
        """Return rows as CatBoost takes them: categories as whole numbers."""
        return pd.DataFrame(x).astype(dict.fromkeys(self.categorical, np.int64))


def _threads() -> int:
    """Return how many threads scikit-learn's boosting takes, so that both have as many."""
    pools = [each for each in threadpool_info() if each["user_api"] == "openmp"]
    return max((each["num_threads"] for each in pools), default=1)
