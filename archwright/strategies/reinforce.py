"""A controller trained by REINFORCE (Zoph and Le, 2017, arXiv:1611.01578)."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random

import numpy as np
from numpy.typing import NDArray

from archwright.core.architecture import active, record, sample
from archwright.core.space import Choice, Hole, Node, Range, Same, Value
from archwright.core.trial import History, Proposal, Trial

Floats = NDArray[np.float64]

BINS = 8
"""Of a range, so that what is learnt about a number holds for those near it."""

CHUNK = 128
"""Policies that are not at hand are made chunk by chunk: without deep recursion."""


@dataclass(frozen=True)
class Policy:
    """What the controller has learnt: logits by path, and how good rewards usually are."""

    logits: dict[str, Floats] = field(default_factory=dict)
    baseline: float = 0.0
    spread: float = 0.0
    count: int = 0

    def odds(self, path: str, hole: Hole) -> Floats:
        """Return the probabilities of the options of a hole, or of the bins of a range."""
        logits = self.logits.get(path)
        if logits is None:
            return np.full(options(hole), 1.0 / options(hole))
        raised = np.exp(logits - logits.max())
        probabilities: Floats = raised / raised.sum()
        return probabilities

    def after(self, space: Node, trial: Trial, rate: float, decay: float) -> Policy:
        """Return what is known after one trial more: a step along the advantage."""
        reward = -trial.losses[0]
        baseline = self.baseline if self.count else reward
        advantage = reward - baseline
        spread = decay * self.spread + (1 - decay) * advantage**2
        push = rate * advantage / math.sqrt(spread) if spread > 0 else 0.0
        logits = dict(self.logits)
        for path, hole in active(space, trial.arch).items():
            step = -push * self.odds(path, hole)
            step[place(hole, trial.arch.answers[path])] += push
            logits[path] = step if path not in logits else logits[path] + step
        return Policy(logits, decay * baseline + (1 - decay) * reward, spread, self.count + 1)


@dataclass(frozen=True)
class Past:
    """Finished trials, and what tells them from others."""

    digest: str
    told: Sequence[str] = field(compare=False, repr=False)
    trials: Sequence[Trial] = field(compare=False, repr=False)

    @staticmethod
    def of(told: Sequence[str], trials: Sequence[Trial]) -> Past:
        return Past(hashlib.sha256("".join(told).encode()).hexdigest(), told, trials)

    def without(self, last: int) -> Past:
        """Return the past before the `last` trials."""
        return Past.of(self.told[:-last], self.trials[:-last])


@dataclass(frozen=True)
class Reinforce:
    """Draws each answer from a distribution that moves towards those that did well.

    The paper's controller is a recurrent network; here, as in the baseline of NAS-Bench-201
    (arXiv:2001.00326), each hole has a softmax of its own. Rewards are negative losses, less
    their moving average and by their moving spread, so that the rate means the same for every
    metric. A range has `BINS` options; within one its numbers are equally likely.

    Args:
        rate: How far one trial moves the logits, when its reward is off by the usual spread.
        decay: Of the moving averages.
        exploration: The share of proposals drawn at random, whatever was learnt.
        fidelity: The share of the full recipe each proposal is trained for.
    """

    rate: float = 0.15
    decay: float = 0.9
    exploration: float = 0.05
    fidelity: float = 1.0

    def ask(self, space: Node, history: History, n: int, rng: Random) -> list[Proposal]:
        policy = _policy(self, Same(space), Same(history))
        return [self._proposal(space, policy, rng) for _ in range(n)]

    def _proposal(self, space: Node, policy: Policy, rng: Random) -> Proposal:
        if not policy.count or rng.random() < self.exploration:
            return Proposal(sample(space, rng), self.fidelity)

        def decide(path: str, hole: Hole) -> Value:
            odds = policy.odds(path, hole)
            return draw(hole, rng.choices(range(len(odds)), odds.tolist())[0], rng)

        return Proposal(record(space, decide), self.fidelity, None, "model")

    def fold(self, space: Node, policy: Policy, trials: Sequence[Trial]) -> Policy:
        """Return the policy after more trials."""
        for trial in trials:
            policy = policy.after(space, trial, self.rate, self.decay)
        return policy


@lru_cache(maxsize=4)  # the loop asks again where it knows the answer already
def _policy(strategy: Reinforce, space: Same, past: Same) -> Policy:
    """Return the policy after a history."""
    history: History = past.value
    done = [t for t in history.done if t.proposal.fidelity == strategy.fidelity]
    told = [f"{trial.arch.key}{trial.losses[0]!r};" for trial in done]
    return _folded(strategy, space, Past.of(told, done))


@lru_cache(maxsize=8)  # each holds a line for every trial
def _folded(strategy: Reinforce, space: Same, past: Past) -> Policy:
    """Return the policy after all trials; the one before the last of them is mostly at hand."""
    if not past.trials:
        return Policy()
    new = 1 if len(past.trials) % CHUNK else CHUNK
    before = _folded(strategy, space, past.without(new))
    return strategy.fold(space.value, before, past.trials[-new:])


def options(hole: Hole) -> int:
    """Return how many options a controller has for a hole."""
    return len(hole.values) if isinstance(hole, Choice) else min(BINS, len(hole.values))


def place(hole: Hole, value: Value) -> int:
    """Return which option an answer belongs to."""
    if isinstance(hole, Choice):
        return hole.values.index(value)
    return int(np.searchsorted(_edges(hole), int(value), side="right")) - 1


def draw(hole: Hole, option: int, rng: Random) -> Value:
    """Return an answer that belongs to an option."""
    if isinstance(hole, Choice):
        return hole.values[option]
    edges = [*_edges(hole), hole.high + 1]
    return rng.randrange(edges[option], edges[option + 1])


@lru_cache(maxsize=1024)
def _edges(hole: Range) -> list[int]:
    """Return the lowest number of each bin of a range; bins of a log range grow with it."""
    bins = options(hole)
    if hole.log:
        raw = np.geomspace(hole.low, hole.high + 1, bins + 1)[:-1]
    else:
        raw = np.linspace(hole.low, hole.high + 1, bins + 1)[:-1]
    edges: list[int] = []
    for number in raw.astype(int):  # at least one number in each
        edges.append(max(int(number), edges[-1] + 1 if edges else hole.low))
    return edges
