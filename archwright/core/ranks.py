"""Ranks: one order out of many scores that share no unit, and how far two orders agree.

Scores are better when higher; one that is not defined (NaN) is as bad as the worst, minus infinity.
Where the scores come from is not known here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

ENOUGH, LEAST = 10, 0.2
"""Trained networks before weights are estimated; the rank correlation a score must reach."""


def ranks(values: ArrayLike) -> Floats:
    """Return 1 for the lowest up to the number of values for the highest; equals share a mean."""
    clean = np.where(np.isnan(np.asarray(values, float)), -np.inf, values)
    _, inverse, counts = np.unique(clean, return_inverse=True, return_counts=True)
    last: Floats = np.cumsum(counts).astype(np.float64)
    return (last - (counts - 1) / 2)[inverse]


def spearman(one: ArrayLike, other: ArrayLike) -> float:
    """Return the rank correlation, from -1 to 1; 0 where one of them does not vary."""
    a, b = ranks(one), ranks(other)
    if len(a) < 2 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


def weights(table: Mapping[str, ArrayLike], losses: ArrayLike) -> dict[str, float]:
    """Return what each score is worth, judged by networks that have been trained.

    A weight is the square of the rank correlation between score and minus loss, and 0 below
    `LEAST`: a score whose sign is wrong for this task drops out. Before there are `ENOUGH` networks
    all weigh the same. All are 0 where no score is of use; then `combine` prefers nothing.

    Args:
        table: From the name of a score to its values, one for each trained network.
        losses: Of these networks, in the same order.
    """
    gain = -np.asarray(losses, float)
    if len(gain) < ENOUGH:
        return dict.fromkeys(table, 1.0)
    found = {name: spearman(values, gain) for name, values in table.items()}
    return {name: rho**2 if rho >= LEAST else 0.0 for name, rho in found.items()}


def combine(
    table: Mapping[str, ArrayLike], weights: Mapping[str, float] | None = None
) -> NDArray[Any]:
    """Return one value for each architecture of a pool, higher is better, 0 at most.

    It is the sum over the scores of the logarithm of rank / pool, as in AZ-NAS (Lee and Ham, 2024,
    arXiv:2403.19232), here with weights: one bad rank costs more than one good rank gains.

    Args:
        table: From the name of a score to its values, one for each architecture of the pool.
        weights: By name, a score without one counts for nothing; all the same if not given.
    """
    worth = dict.fromkeys(table, 1.0) if weights is None else weights
    places = [worth.get(name, 0.0) * _places(values) for name, values in table.items()]
    total: NDArray[Any] = np.sum(places, axis=0)
    return total


def _places(values: ArrayLike) -> Floats:
    placed = ranks(values)
    logs: Floats = np.log(placed / max(1, len(placed)))
    return logs
