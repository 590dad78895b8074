"""Statistics of paired seeds: robust means with their uncertainty, and tests of differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Statistic = Callable[[Values], Values]
"""Maps the values of the seeds, along the last axis, to one value."""

RESAMPLES = 2000
COVERED = 0.95


@dataclass(frozen=True)
class Estimate:
    """A value and its bootstrap interval."""

    value: float
    low: float
    high: float


def mean(values: Values) -> Values:
    found: Values = values.mean(-1)
    return found


def iqm(values: Values) -> Values:
    """Return the mean of the middle half (Agarwal et al., 2021, arXiv:2108.13264).

    A quarter of the values, rounded down, is left out on each side.
    """
    ordered = np.sort(values, -1)
    count = ordered.shape[-1]
    cut = count // 4
    return mean(ordered[..., cut : count - cut])


def estimate(strata: Sequence[Sequence[float]], statistic: Statistic, seed: int = 0) -> Estimate:
    """Return a statistic of all values with its stratified bootstrap interval.

    Seeds are drawn with replacement within each stratum, such as a data set, so that each keeps
    its weight; the interval is the one between percentiles (arXiv:2108.13264).
    """
    rng = np.random.default_rng(seed)
    parts = [np.asarray(stratum, float) for stratum in strata]
    drawn = [part[rng.integers(len(part), size=(RESAMPLES, len(part)))] for part in parts]
    low, high = _between(statistic(np.concatenate(drawn, -1)))
    return Estimate(float(statistic(np.concatenate(parts))), float(low), float(high))


def band(curves: Values, statistic: Statistic, seed: int = 0) -> tuple[Values, Values, Values]:
    """Return a statistic over seeds at each point of their curves, and the interval's ends.

    Args:
        curves: One row a seed. A seed is drawn with its whole curve.
    """
    rng = np.random.default_rng(seed)
    chosen = rng.integers(len(curves), size=(RESAMPLES, len(curves)))
    points = [statistic(column[chosen]) for column in curves.T]  # one after the other: memory
    low, high = _between(np.array(points).T)
    return statistic(curves.T), low, high


def wilcoxon(first: Sequence[float], second: Sequence[float]) -> float:
    """Return the two-sided p-value of the signed-rank test of paired values; 1 if none differ.

    Pairs that do not differ are left out. Where differences are of equal size the normal
    approximation is used: exact values of few pairs would take seconds.
    """
    from scipy.stats import wilcoxon as signed_rank

    differences = np.asarray(first, float) - np.asarray(second, float)
    differences = differences[differences != 0]
    if not len(differences):
        return 1.0
    tied = len(np.unique(np.abs(differences))) < len(differences)
    return float(signed_rank(differences, method="approx" if tied else "auto").pvalue)


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values that may be compared with one level together (Holm, 1979)."""
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    adjusted, largest = [0.0] * len(p_values), 0.0
    for rank, i in enumerate(order):
        largest = max(largest, min(1.0, p_values[i] * (len(p_values) - rank)))
        adjusted[i] = largest
    return adjusted


def _between(values: Values) -> tuple[Values, Values]:
    rest = (1 - COVERED) / 2
    low, high = np.quantile(values, (rest, 1 - rest), axis=0)
    return low, high
