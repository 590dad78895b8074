"""Whether one network answers better than another, or by luck: validation rows, pair by pair."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archwright.core.objective import Objective
from archwright.core.truth import Truth
from archwright.report.insights import row_errors

SHARES = ("accuracy", "balanced_accuracy", "macro_f1", "roc_auc", "subset_accuracy")
"""Scores that move in steps, so that log loss tells more among those that are alike."""

NOISE = 1.28
"""What is better by no more than so many standard errors, row by row, counts as noise: a tenth of
the gains that are none come through."""

LOG_LOSS = Objective("log_loss")


def surely_better(
    now: NDArray[Any],
    then: NDArray[Any],
    truth: Truth,
    aim: Objective,
    groups: NDArray[np.int64] | None = None,
) -> bool:
    """Whether `then` is better by more than noise: by the aim, or by log loss where that is fine.

    Args:
        now, then: Answers, `then` no worse by the aim.
        groups: Of each row; rows of one group tell the same, and count as one.
    """
    for each in (aim, LOG_LOSS) if aim.metric in SHARES else (aim,):
        before, after = (row_errors(truth, output, each) for output in (now, then))
        if before is not None and after is not None:
            gain = before - after if groups is None else np.bincount(groups, before - after)
            if gain.sum() > NOISE * math.sqrt((gain**2).sum()):
                return True
    return False
