"""The Gaussian process: what is true of it alone."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from archwright.surrogates.base import Rows
from archwright.surrogates.gp import (
    KERNELS,
    LEAST_VARIANCE,
    GaussianProcess,
    _distances,
    _likelihoods,
)
from tests.surrogates.rows import HOLES, OPTIONS, losses, rows


def changed(count: int) -> Rows:
    """Return a row and others that differ from it in 1, 2 ... answers, without features."""
    drawn = np.array([[1] * k + [0] * (HOLES - k) for k in range(count + 1)])
    answers = np.eye(OPTIONS, dtype=np.float32)[drawn].reshape(count + 1, -1)
    return Rows(answers, np.zeros((count + 1, 0), dtype=np.float32))


def test_it_gives_back_what_it_was_shown_where_there_is_no_noise() -> None:
    seen = rows(40)
    mean, deviation = GaussianProcess().fit(seen, losses(seen)).predict(seen)
    assert np.abs(mean - losses(seen)).max() < 0.05
    assert deviation.max() < 0.1


def test_it_does_not_follow_noise() -> None:
    """With losses that nothing explains, the mean stays nearer to 0 than what it was shown."""
    drawn = np.random.default_rng(0).integers(OPTIONS, size=(20, HOLES))
    answers = np.eye(OPTIONS, dtype=np.float32)[drawn.repeat(3, 0)].reshape(60, -1)
    seen = Rows(answers, np.zeros((60, 0), dtype=np.float32))
    noise = np.random.default_rng(1).normal(size=60)
    mean, _ = GaussianProcess().fit(seen, noise).predict(seen)
    assert mean.std() < 0.8 * noise.std()


def test_the_deviation_grows_with_every_answer_that_differs() -> None:
    line = changed(5)
    known = line.take(np.array([0, 0]))
    _, deviation = GaussianProcess().fit(known, np.array([-1.0, 1.0])).predict(line)
    assert (np.diff(deviation) > 0).all(), deviation


def test_features_far_away_are_uncertain_and_predicted_as_the_mean() -> None:
    seen = rows(30)
    far = Rows(seen.answers[:1], seen.features[:1] + 1000)
    fitted = GaussianProcess().fit(Rows(0 * seen.answers, seen.features), losses(seen))
    mean, deviation = fitted.predict(Rows(0 * far.answers, far.features))
    near, sure = fitted.predict(Rows(0 * seen.answers, seen.features))
    assert abs(mean[0]) < 0.1 < np.abs(near).max()
    assert deviation[0] > 3 * sure.max()


@pytest.mark.parametrize("kernels", [2, 5])
def test_it_averages_the_likeliest_kernels(kernels: int) -> None:
    seen, unseen = rows(15), rows(20, seed=1)
    fitted = GaussianProcess(kernels).fit(seen, losses(seen))
    assert len({part.kernel for part in fitted.parts}) == kernels
    assert fitted.weights.sum() == pytest.approx(1)
    assert (np.diff(fitted.weights) <= 0).all()
    alone = GaussianProcess(1).fit(seen, losses(seen))
    assert alone.parts[0].kernel == fitted.parts[0].kernel
    assert not np.allclose(alone.predict(unseen)[0], fitted.predict(unseen)[0])


def test_the_likelihood_is_that_of_a_normal_distribution() -> None:
    """Up to a constant, with each kernel's variance at its best; against scipy's density."""
    seen = rows(12)
    distances, told = _distances(seen, seen), losses(seen)
    kernels = KERNELS[::10]
    found = _likelihoods(kernels, distances, told)
    expected = []
    for kernel in kernels:
        covariance = kernel(*distances) + kernel.noise * np.eye(len(told))
        variance = max(told @ np.linalg.solve(covariance, told) / len(told), LEAST_VARIANCE)
        expected.append(multivariate_normal(cov=variance * covariance).logpdf(told))
    assert np.ptp(found - np.array(expected)) < 1e-6


def test_distances_are_those_of_answers_and_features() -> None:
    one, other = rows(5), rows(7)
    differ, apart = _distances(one, other)
    for i, j in ((0, 6), (4, 2)):
        assert differ[i, j] == pytest.approx(np.abs(one.answers[i] - other.answers[j]).sum() / 2)
        gap = one.features[i].astype(float) - other.features[j]
        assert apart[i, j] == pytest.approx((gap**2).mean(), abs=1e-6)
