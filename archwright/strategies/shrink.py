"""A space that shrinks as evidence grows, around any strategy."""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random

from archwright.core.narrow import Paths, holes, narrow, outside
from archwright.core.space import Choice, Hole, Node, Same, Value
from archwright.core.trial import History, Proposal, Trial
from archwright.strategies.base import Strategy
from archwright.strategies.inner import at, check
from archwright.strategies.random import RandomSearch

MOST = 500
"""So many of the newest trials are judged by, which also bounds the time that it takes."""

BANDS = 4
"""A longer range is judged in so many parts; the outer ones can be dropped."""

Answers = tuple[Value, ...]
"""What is judged together: one option, or a part of a range."""


@dataclass(frozen=True)
class Shrink:
    """Lets `then` search the space without the answers that trials have shown to be worse.

    An answer goes when the trials that give it rank lower than the other trials that fill the same
    hole by `doubt` standard errors (the rank-sum test of Wilcoxon), and none of them is among the
    best tenth. Answers of the best trial stay, and so does most of the space: at most `share` of
    each hole goes. Judged anew at each ask, so nothing is lost for good.

    A choice of ours, in the spirit of the progressive shrinking of spaces by Hu et al. (2020,
    arXiv:2004.13431): theirs drops operators by the angle of shared weights, ours by trials.

    Args:
        then: Searches; it sees the trials that lie within what is left.
        enough: How many trials an answer needs before it is judged.
        doubt: By how many standard errors its ranks have to be lower.
        share: The largest part of a hole's answers that may go.
        fidelity: Only trials of this one are judged.
    """

    then: Strategy = field(default_factory=RandomSearch)
    enough: int = 5
    doubt: float = 2.5
    share: float = 0.5
    fidelity: float = 1.0

    def check(self, space: Node) -> None:
        """Raise SpaceError if the inner strategy cannot serve the space."""
        check(self.then, space)

    def ask(self, space: Node, history: History, n: int, rng: Random) -> list[Proposal]:
        inner = at(self.then, self.fidelity)
        gone = self.dropped(space, history)
        if not gone:
            return inner.ask(space, history, n, rng)
        kept = [trial for trial in history.trials if not outside(trial.arch.answers, gone)]
        return inner.ask(_narrowed(Same(space), tuple(gone.items())), History(tuple(kept)), n, rng)

    def dropped(self, space: Node, history: History) -> dict[str, Answers]:
        """Return the answers that are dropped after these trials, by path; a report can show it."""
        done = [trial for trial in history.done if trial.proposal.fidelity == self.fidelity]
        if len(done) < 2 * self.enough:
            return {}
        order = sorted(done, key=lambda trial: (trial.losses, trial.number))
        recent = {trial.number for trial in done[-MOST:]}
        ranked = [trial for trial in order if trial.number in recent]
        gone: dict[str, Answers] = {}
        for paths, hole in holes(space).items():
            worst = self._worst(paths, hole, ranked, (order[0], history.best()))
            if worst:
                gone |= dict.fromkeys(paths, worst)
        return gone

    def _worst(
        self, paths: Paths, hole: Hole, ranked: Sequence[Trial], kept: Sequence[Trial]
    ) -> Answers:
        """Return what is dropped of one hole, the clearest cases first; nothing of `kept`."""
        parts = bands(hole)
        given = _given(paths, parts, ranked)
        best = {part for _, part in _given(paths, parts, kept)}
        scores = {
            part: score
            for part in _droppable(hole, parts)
            if part not in best and (score := self._score(part, given, len(ranked))) > self.doubt
        }
        chosen: list[Value] = []
        for part in sorted(scores, key=lambda part: (-scores[part], str(part))):
            if len(chosen) + len(part) <= self.share * len(hole.values):
                chosen += part
        return tuple(chosen)

    def _score(self, part: Answers, given: Sequence[tuple[int, Answers]], count: int) -> float:
        """Return by how many standard errors the trials that give this rank below the others."""
        mine = [place for place, (_, each) in enumerate(given) if each == part]
        others = len(given) - len(mine)
        if len(mine) < self.enough or not others or given[mine[0]][0] < count / 10:
            return 0.0
        excess = sum(mine) - len(mine) * (len(given) - 1) / 2
        return excess / math.sqrt(len(mine) * others * (len(given) + 1) / 12)


@lru_cache(maxsize=16)
def _narrowed(whole: Same, gone: tuple[tuple[str, Answers], ...]) -> Node:
    """Return one and the same space for equal evidence, so that what others cache is found."""
    return narrow(whole.value, dict(gone))


def bands(hole: Hole) -> list[Answers]:
    """Return the answers that are judged together: one by one, or the parts of a longer range."""
    values = list(hole.values)
    if isinstance(hole, Choice) or len(values) <= BANDS:
        return [(value,) for value in values]
    edges = [hole.low + len(values) * i // BANDS for i in range(1, BANDS)]
    if hole.log:
        ratio = (hole.high + 1) / hole.low
        edges = sorted({math.ceil(hole.low * ratio ** (i / BANDS)) for i in range(1, BANDS)})
    parts: dict[int, list[Value]] = {}
    for value in values:
        parts.setdefault(bisect(edges, value), []).append(value)
    return [tuple(part) for part in parts.values()]


def _droppable(hole: Hole, parts: Sequence[Answers]) -> Sequence[Answers]:
    return parts if isinstance(hole, Choice) else (parts[0], parts[-1])


def _given(
    paths: Paths, parts: Sequence[Answers], ranked: Sequence[Trial]
) -> list[tuple[int, Answers]]:
    """Return the rank of a trial and what it gave, for each time that the hole was filled."""
    part_of: Mapping[Value, Answers] = {value: part for part in parts for value in part}

    def walk() -> Iterator[tuple[int, Answers]]:
        for rank, trial in enumerate(ranked):
            for path in paths:
                if path in trial.arch.answers:
                    yield rank, part_of[trial.arch.answers[path]]

    return list(walk())
