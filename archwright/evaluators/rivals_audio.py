"""The rivals for sound: statistics of cepstral coefficients, and a linear model or boosting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from archwright.evaluators.rivals import Contest, Made, Make, boosting, each_label, scaled
from archwright.nets.ops_audio import LogMel

Array = NDArray[Any]

BANDS, COEFFICIENTS = 40, 20
PIECE = 64


def of_audio(contest: Contest) -> list[Make]:
    """Return what makes the rivals for clips, the linear one first."""
    regression = contest.split.signature.regression
    return [_linear_regression if regression else _logistic_regression, _boosting]


def _logistic_regression(contest: Contest) -> Made:
    from sklearn.linear_model import LogisticRegression

    model = scaled(each_label(LogisticRegression(max_iter=500), contest))
    return Made("MFCC + logistic regression", model, _table(contest), alone=False)


def _linear_regression(contest: Contest) -> Made:
    from sklearn.linear_model import Ridge

    return Made("MFCC + ridge regression", scaled(Ridge()), _table(contest), alone=False)


def _boosting(contest: Contest) -> Made:
    table = _table(contest)
    return Made("MFCC + HistGradientBoosting", boosting(contest), table, alone=False)


def _table(contest: Contest) -> Callable[[Array], Array]:
    """Return what gives the statistics of some rows; those of a row are worked out once."""
    x, rate = contest.split.x, contest.split.signature.rate
    made, known = np.empty((len(x), 8 * COEFFICIENTS)), np.zeros(len(x), bool)

    def table(rows: Array) -> Array:
        new = rows[~known[rows]]
        if len(new):
            made[new] = statistics(x[torch.from_numpy(new)], rate)
            known[new] = True
        return made[rows]

    return table


@torch.no_grad()
def statistics(x: torch.Tensor, rate: int) -> Array:
    """Return mean, deviation, least and most of 20 MFCCs and of their changes, (clips, 160).

    Of the frames up to the end of a clip: what is silent behind it does not count.

    Args:
        x: (clips, 1, samples), 16-bit samples.
    """
    from scipy.fft import dct

    hop = max(1, rate // 100)
    front = LogMel(rate, BANDS, hop, int(2.5 * hop), own=True, shift=0.0, mask=0.0)
    made = list[Array]()
    for part in x.split(PIECE):
        heard = (part[:, 0] != 0).numpy()
        ends = part.shape[2] - heard[:, ::-1].argmax(1)
        frames = np.where(heard.any(1), ends // hop + 1, 1)
        cepstra = dct(front.spectrogram(part.float()).numpy(), axis=1, norm="ortho")
        for one, count in zip(cepstra[:, :COEFFICIENTS], frames, strict=True):
            known = one[:, : max(2, count)]
            both = np.concatenate([known, np.gradient(known, axis=1)])
            made.append(
                np.concatenate([f(both, axis=1) for f in (np.mean, np.std, np.min, np.max)])
            )
    return np.array(made)
