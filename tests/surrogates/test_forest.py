"""The random forest: what is true of it alone."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from archwright.surrogates.base import Rows
from archwright.surrogates.forest import RandomForest
from tests.surrogates.rows import losses, rows


def test_it_has_as_many_trees_as_were_asked_for_and_they_differ() -> None:
    fitted = RandomForest(trees=7).fit(rows(30), losses(rows(30)))
    table = np.hstack([rows(30).answers, rows(30).features])
    predicted = [tree.predict(table).ravel() for tree in fitted.trees]
    assert len({tuple(values) for values in predicted}) == 7


def test_it_never_predicts_beyond_what_it_was_shown() -> None:
    seen = rows(30)
    mean, _ = RandomForest().fit(seen, losses(seen)).predict(rows(100, seed=1))
    assert losses(seen).min() <= mean.min() <= mean.max() <= losses(seen).max()


def test_the_spread_within_leaves_counts() -> None:
    """Rows that are all alike make trees of one leaf each, which agree about the mean."""
    same = Rows(np.ones((200, 2), np.float32), np.ones((200, 1), np.float32))
    noise = np.random.default_rng(0).normal(size=200)
    mean, deviation = RandomForest().fit(same, noise).predict(same.take(np.array([0])))
    # The standard error of the mean of 200 is 0.07, of their deviation 0.05.
    assert abs(mean[0] - noise.mean()) < 0.07
    assert abs(deviation[0] - noise.std()) < 0.1


@pytest.mark.slow  # a process that imports scikit-learn
def test_the_first_forest_leaves_the_global_randomness_alone() -> None:
    script = (
        "import random\n"
        "from archwright.surrogates.forest import RandomForest\n"
        "from tests.surrogates.rows import losses, rows\n"
        "before = random.getstate()\n"
        "RandomForest(2).fit(rows(5), losses(rows(5)))\n"
        "assert random.getstate() == before"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
