"""Rows that the tests of surrogates share: answers of six holes, two features, a smooth loss."""

from __future__ import annotations

import numpy as np

from archwright.surrogates.base import Floats, Rows

HOLES, OPTIONS = 6, 3

MEAN, DEVIATION = 2.0, (4 / 3) ** 0.5
"""Of how often an option is given."""


def rows(count: int, seed: int = 0) -> Rows:
    """Return random answers; the features tell how often the first two options were given."""
    drawn = np.random.default_rng(seed).integers(OPTIONS, size=(count, HOLES))
    answers = np.eye(OPTIONS, dtype=np.float32)[drawn]
    counts = (answers.sum(1)[:, :2] - MEAN) / DEVIATION
    return Rows(answers.reshape(count, -1), counts.astype(np.float32))


def losses(of: Rows) -> Floats:
    """Return a loss for each row, about 0: the first option is good, at the first hole twice."""
    found: Floats = (0.7 - of.features[:, 0] - 2 * of.answers[:, 0]).astype(np.float64)
    return found / 1.7


def column(of: Rows, values: Floats) -> Rows:
    """Return the rows with one feature more."""
    return Rows(of.answers, np.column_stack([of.features, values]).astype(np.float32))


def both(one: Rows, other: Rows) -> Rows:
    """Return the rows of one, then those of the other."""
    return Rows(
        np.concatenate([one.answers, other.answers]),
        np.concatenate([one.features, other.features]),
    )
