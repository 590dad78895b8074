"""A Gaussian process over answers and graph features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product, starmap

import numpy as np
from scipy.linalg import cholesky, solve_triangular
from scipy.spatial.distance import cdist

from archwright.surrogates.base import Floats, Rows

SHARES = (0.0, 0.3, 0.6, 1.0)
"""Of the variance that the answers explain; the features explain the rest."""

REACHES = (3.0, 10.0, 30.0)
"""How many answers apart two architectures still have to do with each other."""

LENGTHS = (0.7, 1.5, 3.0, 6.0)
"""The same for features, in standard deviations."""

NOISES = (0.001, 0.01, 0.1)
"""Variance of the noise, as a share of the variance of the losses."""

LEAST_VARIANCE = 0.1
"""Of the whole model; losses have a variance of 1."""

TUNED_ON = 64
"""So many rows, the first ones, decide about the kernel: the cost grows with their cube."""


@dataclass(frozen=True)
class Kernel:
    """A sum of two: one of how many answers differ, one of how far the features are apart."""

    share: float
    reach: float
    length: float
    noise: float

    def __call__(self, answers: Floats, features: Floats) -> Floats:
        """Return the covariances for these distances; the features' are squared."""
        return self.mixed(near(answers, self.reach), alike(features, self.length))

    def mixed(self, near: Floats, alike: Floats) -> Floats:
        """Return the covariances, given those of the answers and those of the features."""
        covariances: Floats = self.share * near + (1 - self.share) * alike
        return covariances


def near(answers: Floats, reach: float) -> Floats:
    """Return the covariances of answers that so many differ."""
    return np.exp(-answers / reach)


def alike(features: Floats, length: float) -> Floats:
    """Return the covariances of features at these squared distances."""
    return np.exp(-features / (2 * length**2))


def _matters(kernel: Kernel) -> bool:
    """Whether the kernel differs from others of the grid: a part without a share has no length."""
    return (kernel.share > 0 or kernel.reach == REACHES[0]) and (
        kernel.share < 1 or kernel.length == LENGTHS[0]
    )


KERNELS = tuple(filter(_matters, starmap(Kernel, product(SHARES, REACHES, LENGTHS, NOISES))))


@dataclass(frozen=True)
class GaussianProcess:
    """Averages the few likeliest of a grid of kernels.

    The kernel is that of Rasmussen and Williams (2006) for categories (an exponential of the
    Hamming distance) and for numbers (squared exponential), on the features of GRAF
    (arXiv:2404.16551). A grid needs no gradients and cannot get stuck, and a mean over several
    kernels is not led astray by the likeliest one when there are ten trainings.

    Args:
        kernels: How many of the likeliest are averaged.
    """

    kernels: int = 5

    def fit(self, rows: Rows, losses: Floats) -> FittedProcess:
        distances = _distances(rows, rows)
        first = slice(TUNED_ON)
        here = (distances[0][first, first], distances[1][first, first])
        likely = _likelihoods(KERNELS, here, losses[first])
        best = np.argsort(-likely, kind="stable")[: self.kernels]
        weights = np.exp(likely[best] - likely[best[0]])
        parts = tuple(_posterior(KERNELS[i], distances, losses) for i in best)
        return FittedProcess(rows, parts, weights / weights.sum())


@dataclass(frozen=True)
class Posterior:
    """One kernel's share of the model."""

    kernel: Kernel
    lower: Floats
    whitened: Floats
    variance: float


@dataclass(frozen=True)
class FittedProcess:
    """A Gaussian process that has seen `rows`."""

    rows: Rows
    parts: tuple[Posterior, ...]
    weights: Floats

    def predict(self, rows: Rows) -> tuple[Floats, Floats]:
        """Return mean and standard deviation, without the noise."""
        distances = _distances(self.rows, rows)
        found = [self._one(part, distances) for part in self.parts]
        means = np.array([mean for mean, _ in found])
        mean = self.weights @ means
        spread = self.weights @ (np.array([v for _, v in found]) + (means - mean) ** 2)
        return mean, np.sqrt(spread)

    def _one(self, part: Posterior, distances: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
        across = solve_triangular(part.lower, part.kernel(*distances), lower=True)
        left = np.maximum(1.0 - (across**2).sum(0), 1e-9)
        return across.T @ part.whitened, part.variance * left


def _distances(one: Rows, other: Rows) -> tuple[Floats, Floats]:
    """Return how many answers differ, and the mean squared distance of the features."""
    differ = cdist(one.answers, other.answers, "cityblock") / 2
    a, b = one.features.astype(np.float64), other.features.astype(np.float64)
    squares = (a**2).sum(1)[:, None] + (b**2).sum(1) - 2 * a @ b.T  # far faster than cdist
    return differ, np.maximum(squares, 0.0) / max(1, a.shape[1])


def _posterior(kernel: Kernel, distances: tuple[Floats, Floats], losses: Floats) -> Posterior:
    covariance = kernel(*distances)
    covariance[np.diag_indices(len(losses))] += kernel.noise
    lower = cholesky(covariance, lower=True)
    whitened = solve_triangular(lower, losses, lower=True)
    return Posterior(
        kernel, lower, whitened, max(float(whitened @ whitened) / len(losses), LEAST_VARIANCE)
    )


def _likelihoods(
    kernels: Sequence[Kernel], distances: tuple[Floats, Floats], losses: Floats
) -> Floats:
    """Return each kernel's log marginal likelihood at its best variance, up to a constant."""
    count, noises = len(losses), np.array([kernel.noise for kernel in kernels])
    bordered = np.empty((len(kernels), count + 1, count + 1))
    answers = {reach: near(distances[0], reach) for reach in REACHES}
    features = {length: alike(distances[1], length) for length in LENGTHS}
    for at, kernel in zip(bordered, kernels, strict=True):
        at[:count, :count] = kernel.mixed(answers[kernel.reach], features[kernel.length])
    diagonal = np.arange(count)
    bordered[:, diagonal, diagonal] += noises[:, None]
    bordered[:, count, :count] = losses
    bordered[:, count, count] = 1.0 + float(losses @ losses) / noises  # keeps it positive definite
    lower = np.linalg.cholesky(bordered)  # its last row holds the losses, whitened
    fits = (lower[:, count, :count] ** 2).sum(1)
    variances = np.maximum(fits / len(losses), LEAST_VARIANCE)
    spread = np.log(lower[:, diagonal, diagonal]).sum(1)
    found: Floats = -0.5 * fits / variances - spread - 0.5 * len(losses) * np.log(variances)
    return found
