"""Where forecasts begin: which windows tell the same, and where second trainings begin earlier.

What validates a forecast is one stretch of time, and the best of many networks there is the one
that it suits. So finalists are trained once more on what came before the end of the training part
as well, and foresee that: their errors from several origins (Tashman, 2000, "Out-of-sample tests of
forecasting accuracy") say more than those from either alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from archwright.data.forecasting import places
from archwright.evaluators.train import Split

LEAST_LEFT = 0.5
"""Of the training windows, that an earlier origin has to leave to train on."""


def alike(splits: Sequence[Split], how: Mapping[str, Any]) -> NDArray[np.int64]:
    """Return groups of the validation windows that begin within a horizon of each other.

    In all series at once: what is hard to foresee in one, such as the weather, is so in others.

    Args:
        how: `Task.read`.
    """
    steps = [places(split.valid.numpy(), how)[1] for split in splits]
    return np.asarray(np.concatenate(steps) // splits[0].signature.outputs)


def earlier(split: Split, how: Mapping[str, Any], seed: int) -> Split | None:
    """Return the split with an earlier origin; None where too little would be left to train on.

    The last training windows of each series validate, over as long a time as its validation
    windows do, and so many of them as these; what is to be foreseen there is in no training window.

    Args:
        how: `Task.read`.
    """
    series, steps = places(split.train.numpy(), how)
    valid_series, valid_steps = places(split.valid.numpy(), how)
    cut = np.full(len(how["begins"]), np.iinfo(np.int64).max)
    for number in np.unique(valid_series):
        held = valid_steps[valid_series == number]
        last = steps[series == number].max(initial=-1)
        cut[number] = last - (held.max() - held.min())
    late = np.flatnonzero(steps >= cut[series])
    left = np.flatnonzero(steps <= cut[series] - split.signature.outputs)
    if len(left) < LEAST_LEFT * len(steps) or not len(late):
        return None
    if len(late) > len(split.valid):
        rng = np.random.default_rng(seed)
        late = np.sort(rng.choice(late, len(split.valid), replace=False))
    train, valid = (split.train[torch.from_numpy(rows)] for rows in (left, late))
    return replace(split, train=train, valid=valid)
