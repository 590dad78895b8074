"""The ensemble of small networks: what is true of it alone."""

from __future__ import annotations

import numpy as np
import pytest

from archwright.surrogates import ensemble_mlp
from archwright.surrogates.ensemble_mlp import Ensemble
from tests.surrogates.rows import losses, rows


def test_every_member_learns_what_it_is_shown() -> None:
    seen = rows(30)
    for members in (1, 3):
        mean, _ = Ensemble(members).fit(seen, losses(seen)).predict(seen)
        assert np.abs(mean - losses(seen)).mean() < 0.1


def test_a_single_network_is_as_sure_as_can_be() -> None:
    seen = rows(10)
    _, deviation = Ensemble(members=1).fit(seen, losses(seen)).predict(rows(5, seed=1))
    assert np.allclose(deviation, ensemble_mlp.LEAST**0.5)


@pytest.mark.parametrize("layers", [(), (8,), (16, 8)])
def test_the_slopes_are_those_of_the_mean_squared_error(layers: tuple[int, ...]) -> None:
    """Against differences; each member has its own error, so that the sum is compared."""
    x = np.random.default_rng(1).normal(size=(9, 4))
    y = np.random.default_rng(2).normal(size=(9, 1))
    widths = (4, *layers, 1)
    start, _ = ensemble_mlp._begin(2, widths)
    flat = start.astype(np.float64)
    weights = ensemble_mlp._views(flat, 2, widths)
    slope = np.zeros_like(flat)
    ensemble_mlp._backward(x, y, weights, ensemble_mlp._views(slope, 2, widths))

    def error() -> float:
        return float(((ensemble_mlp._forward(x, weights)[-1] - y) ** 2).mean((1, 2)).sum())

    for i in range(0, len(flat), 7):
        kept, found = flat[i], []
        for step in (1e-6, -1e-6):
            flat[i] = kept + step
            found.append(error())
        flat[i] = kept
        assert slope[i] == pytest.approx((found[0] - found[1]) / 2e-6, abs=1e-5)


def test_more_steps_fit_better() -> None:
    seen = rows(30)

    def missed(steps: int) -> float:
        mean, _ = Ensemble(steps=steps).fit(seen, losses(seen)).predict(seen)
        return float(np.abs(mean - losses(seen)).mean())

    assert missed(120) < 0.5 * missed(10)
