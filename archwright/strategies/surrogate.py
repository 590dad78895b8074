"""Surrogate search: a model of the losses proposes where improvement is to be expected.

The model comes from `surrogates/`; how its predictions become proposals is told here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random

import numpy as np
from scipy.special import ndtri
from scipy.stats import norm

from archwright.core.architecture import Architecture, sample
from archwright.core.graph import canonical_key
from archwright.core.ranks import combine, ranks
from archwright.core.space import Node, Same
from archwright.core.trial import History, Proposal, Trial
from archwright.core.vary import neighbours
from archwright.surrogates.base import Floats, Surrogate, encode
from archwright.surrogates.gp import GaussianProcess

Scores = Callable[[Node, Architecture], Mapping[str, float]]
"""Scores of an untrained network, higher is better; one that is not defined is left out."""

Fits = Callable[[Node, Architecture], bool]
"""Whether an architecture may be proposed at all."""

Candidates = dict[str, tuple[Architecture, str]]
"""By canonical key: an architecture, and how it came about."""

FEW = 32
"""With fewer candidates than this, the neighbours of the next best join."""


@dataclass(frozen=True)
class SurrogateSearch:
    """Proposes the neighbour of the best trials with the highest expected improvement.

    Candidates are the neighbours of the best, as local as the acquisition of BANANAS (White et
    al., 2021, arXiv:1910.11858; that this is what makes it good: arXiv:2107.07343), and some
    architectures drawn at random. Improvement is expected under a Gaussian process unless another
    model is given; losses are replaced by the normal scores of their ranks. What is running counts
    as finished with the loss that is predicted for it (the kriging believer of Ginsbourger et al.,
    2010), so that several workers are not sent to the same place.

    Args:
        model: Predicts losses.
        starts: How many architectures are drawn before there is a model.
        scores: Of untrained networks. Where given, the first ones are drawn from the best of a
            pool, by the log-rank sum of AZ-NAS (arXiv:2403.19232).
        pool: How many architectures are scored.
        top: The share of the pool that the first ones are drawn from.
        centres: How many of the best have their neighbours looked at.
        draws: How many candidates are drawn at random.
        exploration: The share of proposals that are chosen among the draws alone.
        most: How many trials the model learns from at most: the best, and some of all others.
        fits: Passes over candidates that would be turned down; the model knows nothing of them, so
            it would propose them again and again.
        fidelity: The share of the full recipe each proposal is trained for.
    """

    model: Surrogate = field(default_factory=GaussianProcess)
    starts: int = 5
    scores: Scores | None = None
    pool: int = 1000
    top: float = 0.1
    centres: int = 3
    draws: int = 50
    exploration: float = 0.0
    most: int = 250
    fits: Fits | None = None
    fidelity: float = 1.0

    def ask(self, space: Node, history: History, n: int, rng: Random) -> list[Proposal]:
        done = [t for t in history.done if t.proposal.fidelity == self.fidelity]
        if len(done) < max(2, self.starts):
            return self._first(space, history, n, rng)
        ranked = sorted(done, key=lambda trial: (trial.losses, trial.number))
        candidates = self._candidates(space, ranked, history, rng)
        if not candidates:
            return [Proposal(sample(space, rng), self.fidelity) for _ in range(n)]
        learnt = self._learnt(ranked)
        losses = _normal([trial.losses[0] for trial in learnt])
        running = [t.arch for t in history.running if t.proposal.fidelity == self.fidelity]
        archs, origins = zip(*candidates.values(), strict=True)
        chosen = self._choose(space, ([t.arch for t in learnt], losses), (running, archs), n)
        return [Proposal(archs[i], self.fidelity, None, origins[i]) for i in chosen]

    def _first(self, space: Node, history: History, n: int, rng: Random) -> list[Proposal]:
        """Draw from the best of the scored pool, which the first trial decides about."""
        if self.scores is None:
            return [Proposal(sample(space, rng), self.fidelity) for _ in range(n)]
        seed = history.trials[0].arch.key if history.trials else str(rng.random())
        pool = _scored(Same(space), self.scores, self.pool, seed)
        best = pool[: max(n, int(self.top * len(pool)))]
        return [Proposal(arch, self.fidelity, None, "model") for arch in rng.sample(best, n)]

    def _candidates(
        self, space: Node, ranked: Sequence[Trial], history: History, rng: Random
    ) -> Candidates:
        """Return what is not known yet, around the best and anywhere."""
        level = [t for t in history.trials if t.proposal.fidelity == self.fidelity]
        known = {canonical_key(space, trial.arch) for trial in level}
        found: Candidates = {}
        for arch in (sample(space, rng) for _ in range(self.draws)):
            found.setdefault(canonical_key(space, arch), (arch, "random"))
        if rng.random() >= self.exploration:
            around: Candidates = {}
            for i, trial in enumerate(ranked):
                if i >= self.centres and len(around.keys() - known) >= FEW:
                    break
                for arch in neighbours(space, trial.arch):
                    around.setdefault(canonical_key(space, arch), (arch, "model"))
            found |= around
        return {key: each for key, each in found.items() if key not in known}

    def _learnt(self, ranked: Sequence[Trial]) -> Sequence[Trial]:
        """Return the trials to learn from: all, or the best half and some of each other rank."""
        if len(ranked) <= self.most:
            return ranked
        half = self.most // 2
        others = np.linspace(half, len(ranked) - 1, self.most - half).astype(int)
        return [*ranked[:half], *(ranked[i] for i in others)]

    def _choose(
        self,
        space: Node,
        known: tuple[list[Architecture], Floats],
        open_ones: tuple[list[Architecture], Sequence[Architecture]],
        n: int,
    ) -> list[int]:
        """Return which of the candidates to take, one after the other."""
        (archs, losses), (running, candidates) = known, open_ones
        pool, chosen = encode(space, candidates), list[int]()
        best = float(losses.min())
        believed = list(running)
        while True:
            if believed:
                mean, _ = self.model.fit(encode(space, archs), losses).predict(
                    encode(space, believed)
                )
                archs, losses, believed = [*archs, *believed], np.append(losses, mean), []
            mean, deviation = self.model.fit(encode(space, archs), losses).predict(pool)
            gain = expected_improvement(mean, deviation, best)
            gain[chosen] = -1.0
            chosen.append(self._first_fitting(space, candidates, gain))
            if len(chosen) >= min(n, len(candidates)):
                return chosen
            believed = [candidates[chosen[-1]]]

    def _first_fitting(self, space: Node, candidates: Sequence[Architecture], gain: Floats) -> int:
        """Return the candidate of the highest gain that may be proposed, if any may."""
        order = [int(i) for i in np.argsort(-gain, kind="stable") if gain[i] >= 0]
        if self.fits is None:
            return order[0]
        return next((i for i in order if self.fits(space, candidates[i])), order[0])


@lru_cache(maxsize=8)
def _scored(key: Same, scores: Scores, size: int, seed: str) -> list[Architecture]:
    """Return random architectures, the best by their scores first."""
    rng = Random(seed)
    archs = [sample(key.space, rng) for _ in range(size)]
    found = [scores(key.space, arch) for arch in archs]
    names = sorted({name for each in found for name in each})
    total = combine({name: [each.get(name, -np.inf) for each in found] for name in names})
    return [archs[i] for i in np.argsort(-total, kind="stable")]


def expected_improvement(mean: Floats, deviation: Floats, best: float) -> Floats:
    """Return by how much each is expected to fall below `best` (Jones et al., 1998)."""
    z = (best - mean) / deviation
    gain: Floats = deviation * (z * norm.cdf(z) + norm.pdf(z))
    return gain


def _normal(losses: Sequence[float]) -> Floats:
    """Return the normal score of each rank."""
    scores: Floats = ndtri((ranks(losses) - 0.5) / len(losses))
    return scores
