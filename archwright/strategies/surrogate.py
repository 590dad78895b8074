"""Surrogate search: a model of the losses proposes where improvement is to be expected.

The model comes from `surrogates/`; how its predictions become proposals is told here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from random import Random

import numpy as np
from scipy.special import ndtr, ndtri

from archwright.core.architecture import Architecture, sample
from archwright.core.graph import canonical_key
from archwright.core.ranks import ENOUGH, combine, ranks, weights
from archwright.core.space import Node, Same
from archwright.core.trial import History, Proposal, State, Trial
from archwright.core.vary import neighbours
from archwright.surrogates.base import Floats, Surrogate, encode
from archwright.surrogates.gp import GaussianProcess

Scores = Callable[[Node, Architecture], Mapping[str, float]]
"""Scores of an untrained network, higher is better; one that is not defined is left out."""

Fits = Callable[[Node, Architecture], bool]
"""Whether an architecture may be proposed at all."""

Candidates = dict[Architecture, tuple[int | None, str]]
"""Architectures that were not proposed yet: the trial each was made from, and how it came about."""

JUDGES = 20
"""So many trained networks, the first ones, judge what each score is worth; they are scored too."""

FEW, MANY = 32, 80
"""With fewer new networks than the one, the neighbours of the next best join; of more neighbours
than the other, some are looked at: on the DARTS space three networks have 300."""


@dataclass(frozen=True)
class SurrogateSearch:
    """Proposes the neighbour of the best trials with the highest expected improvement.

    Candidates are the neighbours of the best, as local as the acquisition of BANANAS (White et
    al., 2021, arXiv:1910.11858; that this is what makes it good: arXiv:2107.07343), and some
    that are drawn. Improvement is expected under a Gaussian process unless another model is given;
    what it learns are losses as `_targets` has them. What is running counts as finished with the
    loss that is predicted for it (the kriging believer of Ginsbourger et al., 2010), so that
    several workers are not sent to the same place.

    Where untrained networks can be scored, nothing is drawn from the whole space: the first ones
    are drawn from the best of a pool, and later all of these are candidates. Best is meant by the
    log-rank sum of AZ-NAS (arXiv:2403.19232), in which the scores weigh what the trained networks
    have shown them to be worth. The defaults were chosen on NAS-Bench-201.

    Args:
        model: Predicts losses.
        starts: How many architectures are drawn before there is a model.
        scores: Of untrained networks.
        pool: How many architectures are scored.
        top: The share of the pool that is its best, though no fewer than `draws`.
        centres: How many of the best have their neighbours looked at.
        draws: How many candidates are drawn where there are no scores.
        exploration: The share of proposals that are chosen without the neighbours.
        most: How many trials the model learns from at most: the best, and the earliest others.
        fits: Passes over candidates that would be turned down; the model knows nothing of them, so
            it would propose them again and again.
        fidelity: The share of the full recipe each proposal is trained for.
    """

    model: Surrogate = field(default_factory=GaussianProcess)
    starts: int = 3
    scores: Scores | None = None
    pool: int = 1000
    top: float = 0.1
    centres: int = 3
    draws: int = 10
    exploration: float = 0.0
    most: int = 150
    fits: Fits | None = None
    fidelity: float = 1.0

    def ask(self, space: Node, history: History, n: int, rng: Random) -> list[Proposal]:
        ranked = history.ranked(self.fidelity)
        if len(ranked) < max(2, self.starts):
            return self._first(space, history, n, rng)
        learnt = self._learnt(ranked, history)
        open_ones = [*history.running, *history.failed]
        beside = [t for t in open_ones if t.proposal.fidelity == self.fidelity]
        known = {canonical_key(space, trial.arch) for trial in [*learnt, *beside]}
        candidates = self._candidates(space, (ranked, known), history, rng)
        losses = _targets([trial.losses[0] for trial in learnt])
        running = [trial.arch for trial in beside if trial.state is State.RUNNING]
        told = ([trial.arch for trial in learnt], losses)
        chosen = self._choose(space, told, running, (list(candidates), known), n)
        if not chosen:
            return [Proposal(sample(space, rng), self.fidelity) for _ in range(n)]
        return [Proposal(arch, self.fidelity, *candidates[arch]) for arch in chosen]

    def _first(self, space: Node, history: History, n: int, rng: Random) -> list[Proposal]:
        if self.scores is None:
            drawn = [sample(space, rng) for _ in range(n)]
        else:
            best = self._scored(space, self.scores, history, rng)
            drawn = rng.sample(best, min(n, len(best)))
        return [Proposal(arch, self.fidelity, None, self._drawn) for arch in drawn]

    @property
    def _drawn(self) -> str:
        return "random" if self.scores is None else "scored"

    def _scored(
        self, space: Node, scores: Scores, history: History, rng: Random
    ) -> list[Architecture]:
        """Return the best of the pool that the first trial decides, by the scores."""
        seed = history.trials[0].arch.key if history.trials else str(rng.random())
        archs, table = _pool(Same(space), scores, self.pool, seed)
        trained = [t for t in history.done if t.proposal.fidelity == self.fidelity][:JUDGES]
        if len(trained) < ENOUGH:  # then all scores weigh the same
            trained = []
        found = [_score(Same(space), scores, trial.arch) for trial in trained]
        judged = {name: [each.get(name, -np.inf) for each in found] for name in table}
        total = combine(table, weights(judged, [trial.losses[0] for trial in trained]))
        best = np.argsort(-total, kind="stable")[: max(self.draws, int(self.top * len(archs)))]
        return [archs[i] for i in best]

    def _candidates(
        self, space: Node, known: tuple[Sequence[Trial], set[str]], history: History, rng: Random
    ) -> Candidates:
        """Return what was not proposed yet, around the best and anywhere.

        Some may make the same network as one that is known: to tell costs more than to predict.

        Args:
            known: The finished trials, best first, and the networks that are not new.
        """
        ranked, networks = known
        if self.scores is None:
            drawn = [sample(space, rng) for _ in range(self.draws)]
        else:
            drawn = self._scored(space, self.scores, history, rng)
        around: Candidates = {}
        if rng.random() >= self.exploration:
            for i, trial in enumerate(ranked):
                if i >= self.centres and _enough(space, around, networks):
                    break
                near = neighbours(space, trial.arch)
                for arch in near:
                    if (arch.key, self.fidelity) not in history.seen:
                        around.setdefault(arch, (trial.number, "model"))
        if len(around) > MANY:
            around = {arch: around[arch] for arch in rng.sample(list(around), MANY)}
        fresh = [arch for arch in drawn if (arch.key, self.fidelity) not in history.seen]
        return dict.fromkeys(fresh, (None, self._drawn)) | around

    def _learnt(self, ranked: list[Trial], history: History) -> list[Trial]:
        """Return the trials to learn from: all, or the best half and the earliest of the others.

        The earliest were drawn, so that they tell of the whole space; and they stay the same, so
        that nothing has to be encoded anew.
        """
        if len(ranked) <= self.most:
            return ranked
        best = ranked[: self.most // 2]
        taken = {trial.number for trial in best}
        level = (t for t in history.done if t.proposal.fidelity == self.fidelity)
        others = (trial for trial in level if trial.number not in taken)
        return [*best, *islice(others, self.most - len(best))]

    def _choose(
        self,
        space: Node,
        told: tuple[list[Architecture], Floats],
        running: list[Architecture],
        offered: tuple[list[Architecture], set[str]],
        n: int,
    ) -> list[Architecture]:
        """Return which of the candidates to take, one after the other; none if none is new.

        Args:
            told: What the model learns from, and the losses.
            offered: The candidates, and the networks that are not new.
        """
        (archs, losses), (candidates, known) = told, offered
        pool, chosen, believed = encode(space, candidates), list[Architecture](), running
        best = float(losses.min())
        while candidates and len(chosen) < n:
            if believed:
                model = self.model.fit(encode(space, archs), losses)
                mean, _ = model.predict(encode(space, believed))
                archs, losses = [*archs, *believed], np.append(losses, mean)
            mean, deviation = self.model.fit(encode(space, archs), losses).predict(pool)
            order = np.argsort(-expected_improvement(mean, deviation, best), kind="stable")
            taken = self._first_fitting(space, [candidates[i] for i in order], known)
            if taken is None:
                break
            known = known | {canonical_key(space, taken)}
            chosen.append(taken)
            believed = [taken]
        return chosen

    def _first_fitting(
        self, space: Node, ordered: Sequence[Architecture], known: set[str]
    ) -> Architecture | None:
        """Return the first that is new and may be proposed; if none may, the first that is new."""
        new = (arch for arch in ordered if canonical_key(space, arch) not in known)
        first = next(new, None)
        if first is None or self.fits is None or self.fits(space, first):
            return first
        return next((arch for arch in new if self.fits(space, arch)), first)


def _enough(space: Node, archs: Collection[Architecture], known: AbstractSet[str]) -> bool:
    """Whether the architectures make `FEW` different networks that are not known."""
    new = set[str]()
    for arch in archs if len(archs) < MANY else ():
        new |= {canonical_key(space, arch)} - known
        if len(new) >= FEW:
            return True
    return len(archs) >= MANY


@lru_cache(maxsize=8)
def _pool(
    key: Same, scores: Scores, size: int, seed: str
) -> tuple[list[Architecture], dict[str, Floats]]:
    """Return architectures drawn at random, and their scores by name."""
    rng = Random(seed)
    archs = [sample(key.value, rng) for _ in range(size)]
    found = [_score(key, scores, arch) for arch in archs]
    names = sorted({name for each in found for name in each})
    return archs, {name: np.array([each.get(name, -np.inf) for each in found]) for name in names}


@lru_cache(maxsize=4096)  # scoring a network takes as long as some training steps
def _score(key: Same, scores: Scores, arch: Architecture) -> Mapping[str, float]:
    return scores(key.value, arch)


def expected_improvement(mean: Floats, deviation: Floats, best: float) -> Floats:
    """Return by how much each is expected to fall below `best` (Jones et al., 1998)."""
    z = (best - mean) / deviation
    gain: Floats = deviation * (z * ndtr(z) + np.exp(-z * z / 2) / math.sqrt(2 * math.pi))
    return gain


def _targets(losses: Sequence[float]) -> Floats:
    """Return what the model learns, with mean 0 and deviation about 1.

    It is the mean of the normal score of each loss's rank, which no outlier disturbs, and of the
    loss itself, which tells by how much the best are better; there, what is worse than the median
    is squeezed by the logarithm.
    """
    values = np.asarray(losses, float)
    normal: Floats = ndtri((ranks(values) - 0.5) / len(values))
    quarter, median = np.quantile(values, (0.25, 0.5))
    if quarter == median:
        return normal
    apart = (values - median) / (median - quarter)
    squeezed = np.where(apart > 0, np.log1p(np.maximum(apart, 0.0)), apart)
    mixed: Floats = (normal + (squeezed - squeezed.mean()) / squeezed.std()) / 2
    return mixed
