"""A random forest over answers and graph features."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from archwright.surrogates.base import Floats, Rows

LEAST = 0.01
"""Of the variance: where all trees agree they are still not certain; losses have one of 1."""


@dataclass(frozen=True)
class RandomForest:
    """Averages regression trees that were each shown other rows, and other columns at each split.

    Mean and variance over the trees are those of SMAC (Hutter et al., 2011); the variance within
    the leaves joins, as in the later comparison of Hutter et al. (2014, arXiv:1211.0906).

    Args:
        trees: How many.
        columns: The share of the columns that each split may choose from.
        split: Nodes of fewer rows are leaves.
    """

    trees: int = 30
    columns: float = 0.3
    split: int = 3

    def fit(self, rows: Rows, losses: Floats) -> FittedForest:
        forest = _regressor()(
            self.trees,
            max_features=self.columns,
            min_samples_split=self.split,
            random_state=0,
            n_jobs=1,
        )
        forest.fit(_table(rows), losses)
        return FittedForest(tuple(each.tree_ for each in forest.estimators_))


@dataclass(frozen=True)
class FittedForest:
    """Trees that have grown."""

    trees: tuple[Any, ...]

    def predict(self, rows: Rows) -> tuple[Floats, Floats]:
        """Return the mean over the trees, and the standard deviation over trees and leaves."""
        table = _table(rows)
        leaves = np.array([tree.apply(table) for tree in self.trees])
        pairs = list(zip(self.trees, leaves, strict=True))
        means = np.array([tree.value[leaf, 0, 0] for tree, leaf in pairs])
        within = np.array([tree.impurity[leaf] for tree, leaf in pairs])
        spread = means.var(0) + within.mean(0)
        return means.mean(0), np.sqrt(np.maximum(spread, LEAST))


@cache
def _regressor() -> Any:
    """Return scikit-learn's forest; to import it takes a second.

    Something that it imports in turn draws from Python's global randomness, which is put back.
    """
    before = random.getstate()
    from sklearn.ensemble import RandomForestRegressor

    random.setstate(before)
    return RandomForestRegressor


def _table(rows: Rows) -> Any:
    """Return one row of numbers each; trees want their own type and do not mind the units."""
    return np.hstack([rows.answers, rows.features]).astype(np.float32)
