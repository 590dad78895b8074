"""What a surrogate is, and what it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from archwright.core.architecture import Architecture, sample
from archwright.core.encode import features_many, one_hot_many
from archwright.core.space import Node, Same

Floats = NDArray[np.float64]

DRAWN = 300
"""Architectures that tell how far a feature varies in a space."""


@dataclass(frozen=True)
class Rows:
    """Architectures as rows of numbers.

    Args:
        answers: (rows, columns) one-hot answers.
        features: (rows, features) of their graphs, about 0 with deviation 1 over the space.
    """

    answers: NDArray[np.float32]
    features: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.answers)

    def take(self, chosen: NDArray[np.int64]) -> Rows:
        """Return the chosen rows, in that order."""
        return Rows(self.answers[chosen], self.features[chosen])


def encode(space: Node, archs: Sequence[Architecture]) -> Rows:
    """Return what a surrogate sees of the architectures."""
    mean, scale = _spread(Same(space))
    told = (features_many(space, archs) - mean)[:, scale > 0] / scale[scale > 0]
    return Rows(one_hot_many(space, archs), told)


@lru_cache(maxsize=8)
def _spread(key: Same) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return mean and deviation of each feature over architectures drawn at random."""
    rng = Random(0)
    drawn = features_many(key.value, [sample(key.value, rng) for _ in range(DRAWN)])
    return drawn.mean(0), drawn.std(0)


class Fitted(Protocol):
    """A surrogate that has learnt."""

    def predict(self, rows: Rows) -> tuple[Floats, Floats]:
        """Return the mean and the standard deviation for each row."""
        ...


class Surrogate(Protocol):
    """A model; `fit` is a function of its arguments and leaves it as it was."""

    def fit(self, rows: Rows, losses: Floats) -> Fitted:
        """Return what predicts losses; there are at least two, about 0 with deviation 1."""
        ...
