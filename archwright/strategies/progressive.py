"""Progressive search: small networks first, then what grows from the best of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice
from random import Random

import numpy as np
from numpy.typing import NDArray

from archwright.core.architecture import Architecture, mutate, record, sample
from archwright.core.encode import all_holes, one_hot_many
from archwright.core.graph import IDENTITIES, ZEROS, canonical_key
from archwright.core.space import Hole, Node, Range, Same, Value
from archwright.core.trial import History, Proposal, Trial
from archwright.errors import SpaceError

EMPTY = ZEROS | IDENTITIES | {"skip"}
"""Answers that add nothing to a network."""

CANDIDATES = 32
"""How many networks are predicted for each proposal."""

KNOWN = 500
"""So many of the newest trials teach the predictor."""

RIDGE = 1.0
"""As if each column had been seen once more, without effect."""

PAIRED = 64
"""With more columns than this, pairs of them are too many."""

Candidate = tuple[Architecture, int | None]
"""A network, and the number of the trial that it was made from."""


@dataclass(frozen=True)
class Progressive:
    """Tries `beam` networks of each size; those of the next size grow from the best by one step.

    PNAS (Liu et al., 2018, arXiv:1712.00559) adds a block to a cell at each level, ranks all that
    can come of it by a predictor and trains the best. Here a step fills any hole whose answer adds
    nothing so far (`none`, `skip_connect`, `identity`, the lowest number of a range), or repeats a
    part once more, so that cells, chains and depths all grow. The predictor is a ridge regression
    of ranks on one-hot answers, and pairs of them where they are few, instead of a recurrent
    network. After the largest size, which ends the search in the paper, changes of the best of all
    sizes are ranked in the same way.

    Args:
        beam: How many networks of each size are tried, and how many of them grow.
        fidelity: The share of the full recipe each proposal is trained for.
    """

    beam: int = 8
    fidelity: float = 1.0

    def check(self, space: Node) -> None:
        """Raise SpaceError if nothing in the space can be left empty, so that nothing can grow."""
        ladders = _ladders(Same(space))
        if not any(ladder.places for ladder in ladders.values()):
            raise SpaceError(
                f"{next(iter(ladders), 'the space')}: neither this hole nor another has an answer"
                " that adds nothing, so 'progressive' finds nothing small to begin with;"
                " take another strategy"
            )

    def ask(self, space: Node, history: History, n: int, rng: Random) -> list[Proposal]:
        here = [trial for trial in history.trials if trial.proposal.fidelity == self.fidelity]
        done = [trial for trial in here if trial.losses]
        learnt = len(done) >= max(2, self.beam // 2)
        origin = "model" if learnt else "random"
        known = {canonical_key(space, trial.arch) for trial in here}
        for found in self._candidates(space, here, rng):
            if learnt and found:
                ranks = predicted(space, done[-KNOWN:], [arch for arch, _ in found])
                found = [found[i] for i in np.argsort(ranks, kind="stable")]
            new = islice(_new(space, found, known), n)
            asked = [Proposal(arch, self.fidelity, parent, origin) for arch, parent in new]
            if asked:
                return asked
        return [Proposal(sample(space, rng), self.fidelity) for _ in range(n)]

    def _candidates(
        self, space: Node, here: Sequence[Trial], rng: Random
    ) -> Iterator[list[Candidate]]:
        """Yield what may be tried: of the size under way, the next ones, near the best, at all."""
        levels: dict[int, list[Trial]] = {}
        for trial in here:
            levels.setdefault(size(space, trial.arch), []).append(trial)
        for level in range(1, max(levels, default=0) + 2):
            if len(levels.get(level, ())) < self.beam:
                parents = self._best(levels.get(level - 1, ())) if level > 1 else []
                made = dict(_grown(space, parents, level, rng) for _ in range(CANDIDATES))
                found = [each for each in made.items() if size(space, each[0]) == level]
                if found:
                    yield found
        best = self._best(here)
        drawn = (rng.choice(best) for _ in range(CANDIDATES if best else 0))
        yield list({_changed(space, trial.arch, rng): trial.number for trial in drawn}.items())
        yield [(sample(space, rng), None) for _ in range(CANDIDATES)]

    def _best(self, trials: Sequence[Trial]) -> list[Trial]:
        done = [trial for trial in trials if trial.losses]
        return sorted(done, key=lambda trial: (trial.losses, trial.number))[: self.beam]


def size(space: Node, arch: Architecture) -> int:
    """Return in how many steps a network grows from an empty one."""
    ladders = _ladders(Same(space))
    return sum(ladders[path].places.get(value, 0) for path, value in arch.decisions)


def predicted(
    space: Node, trials: Sequence[Trial], archs: Sequence[Architecture]
) -> NDArray[np.float64]:
    """Return ranks, low for good, by ridge regression on one-hot answers and their pairs."""
    rows = _columns(space, [*(trial.arch for trial in trials), *archs])
    losses = np.array([trial.losses[0] for trial in trials])
    ranks = losses.argsort(kind="stable").argsort(kind="stable") / max(1, len(trials) - 1)
    x, asked = rows[: len(trials)], rows[len(trials) :]
    weights = np.linalg.solve(x @ x.T + RIDGE * np.eye(len(x)), ranks - ranks.mean())
    answer: NDArray[np.float64] = asked @ (x.T @ weights)
    return answer


def _columns(space: Node, archs: Sequence[Architecture]) -> NDArray[np.float64]:
    """Return one-hot rows; with products of two columns where there are few."""
    rows = one_hot_many(space, archs).astype(float)
    if rows.shape[1] > PAIRED:
        return rows
    first, second = np.triu_indices(rows.shape[1], 1)
    return np.hstack([rows, 0.5 * rows[:, first] * rows[:, second]])


def _new(space: Node, found: Iterable[Candidate], known: set[str]) -> Iterator[Candidate]:
    """Yield each network once, and none that is known; equal ones are told as late as can be."""
    seen = set(known)
    for arch, parent in found:
        network = canonical_key(space, arch)
        if network not in seen:
            seen.add(network)
            yield arch, parent


def _grown(space: Node, parents: Sequence[Trial], level: int, rng: Random) -> Candidate:
    """Return a network one step larger than a parent; without one, grown from the smallest."""
    if parents:
        parent = rng.choice(parents)
        return _larger(space, parent.arch, rng), parent.number
    arch = record(space, lambda path, hole: _smallest(space, path, rng))
    for _ in range(level):
        arch = _larger(space, arch, rng)
    return arch, None


def _larger(space: Node, arch: Architecture, rng: Random) -> Architecture:
    """Return the network with one more part, or as it is if it has all; what it opens is empty."""
    ladders = _ladders(Same(space))
    steps = [(path, up) for path, value in arch.decisions if (up := ladders[path].next(value))]
    if not steps:
        return arch
    target, values = rng.choice(steps)
    more = rng.choice(values)

    def decide(path: str, hole: Hole) -> Value:
        kept = more if path == target else arch.answers.get(path)
        return kept if kept is not None and kept in hole.values else _smallest(space, path, rng)

    return record(space, decide)


def _smallest(space: Node, path: str, rng: Random) -> Value:
    """Return an answer that adds nothing, or any where all add the same."""
    return rng.choice(_ladders(Same(space))[path].lowest)


def _changed(space: Node, arch: Architecture, rng: Random) -> Architecture:
    changed = mutate(space, arch, rng)
    return mutate(space, changed, rng) if rng.random() < 0.5 else changed


@dataclass(frozen=True)
class Ladder:
    """How the answers of a hole follow each other.

    Args:
        lowest: Those that add nothing; all of them, where none does.
        places: How many steps each of the others is above those.
    """

    lowest: Sequence[Value]
    places: Mapping[Value, int]

    @cached_property
    def _steps(self) -> dict[int, list[Value]]:
        steps: dict[int, list[Value]] = {}
        for value, place in self.places.items():
            steps.setdefault(place, []).append(value)
        return steps

    def next(self, value: Value) -> Sequence[Value]:
        """Return the answers one step above this one."""
        return self._steps.get(self.places.get(value, 0) + 1, ())


@lru_cache(maxsize=64)
def _ladders(key: Same) -> dict[str, Ladder]:
    return {path: _ladder(path, hole) for path, hole in all_holes(key.value).items()}


def _ladder(path: str, hole: Hole) -> Ladder:
    """Repeats go up one by one, ranges from the lowest number, options from an empty one."""
    values = list(hole.values)
    if path.split("/")[-1] == "depth" and all(isinstance(value, int) for value in values):
        values.sort(key=float)
        return Ladder(values[:1], {value: i for i, value in enumerate(values) if i})
    if isinstance(hole, Range):
        return Ladder(values[:1], dict.fromkeys(values[1:], 1))
    empty = [value for value in values if value in EMPTY]
    filled = [value for value in values if value not in EMPTY] if empty else []
    return Ladder(empty or values, dict.fromkeys(filled, 1))
