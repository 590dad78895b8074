"""Component search: the parts of a network are searched in turn, then joined."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from archwright.core.architecture import Architecture, active, mutate, record, sample
from archwright.core.graph import canonical_key
from archwright.core.space import Hole, Node, Same, Value
from archwright.core.trial import History, Proposal, Trial
from archwright.core.vary import plain

ATTEMPTS = 10
"""Draws for each variant; a component of few answers may have fewer variants than were asked."""

Component = tuple[str, ...]
"""The paths of the holes that are searched together."""


@dataclass(frozen=True)
class ComponentSearch:
    """Varies one component of the best network at a time, joins the winners, and begins again.

    The components are the parts of the space: edges or states of a cell, cells of a network, layers
    of a chain; see `components`. While one is searched all others stay as they are in the base, so
    each trial says something about one component alone, under whatever evaluation. Then the best of
    each component are joined in one network. The best of the round is the next base; when a
    round finds nothing better, changes across components follow.

    NASNet (Zoph et al., 2018, arXiv:1707.07012) is where cells, searched for themselves, became the
    components of a network; it finds a cell by a controller, in whose place there are draws here.

    Args:
        tries: Variants of each component in a round.
        starts: The first base is the best of so many finished trials; drawn, unless others came.
        largest: A component of more holes is divided further.
        fidelity: The share of the full recipe each proposal is trained for.
    """

    tries: int = 4
    starts: int = 4
    largest: int = 6
    fidelity: float = 1.0

    def ask(self, space: Node, history: History, n: int, rng: Random) -> list[Proposal]:
        here = [trial for trial in history.trials if trial.proposal.fidelity == self.fidelity]
        done = [trial for trial in here if trial.losses]
        if len(done) < self.starts:
            return [Proposal(sample(space, rng), self.fidelity) for _ in range(n)]
        stand = self._stand(Same(space), here, min(done[: self.starts], key=_order))
        if stand.lacking:
            return [self._child(stand, arch, "mutation") for arch in stand.lacking[:n]]
        if not stand.joined:
            return [self._child(stand, stand.joint, "crossover")]
        across = (_across(space, stand.base.arch, rng) for _ in range(n))
        return [self._child(stand, arch, "neighbour") for arch in across]

    def _child(self, stand: Stand, arch: Architecture, origin: str) -> Proposal:
        return Proposal(arch, self.fidelity, stand.base.number, origin)

    def _stand(self, key: Same, here: Sequence[Trial], base: Trial) -> Stand:
        """Follow the rounds from the first base to the one that is under way."""
        seen = {canonical_key(key.value, trial.arch): trial for trial in reversed(here)}
        children: dict[int | None, list[Trial]] = defaultdict(list)
        for trial in here:
            children[trial.proposal.parent].append(trial)
        while True:
            stand = self._round(key, base, seen)
            met = [*stand.met, *children[base.number]]
            best = min((trial for trial in met if trial.losses), key=_order, default=base)
            if stand.lacking or not stand.joined or best.losses >= base.losses:
                return stand
            base = best

    def _round(self, key: Same, base: Trial, seen: Mapping[str, Trial]) -> Stand:
        """Return how far the round of a base is; networks that are known need no second trial."""
        lacking: list[Architecture] = []
        met: list[Trial] = []
        winners: dict[Component, Architecture] = {}
        for part in components(_movable(key.value, base.arch), self.largest):
            best = base.losses
            for arch in variants(key, base.arch, part, self.tries):
                trial = seen.get(canonical_key(key.value, arch))
                if trial is None:
                    lacking.append(arch)
                    continue
                met.append(trial)
                if trial.losses and trial.losses < best:
                    winners[part], best = arch, trial.losses
        joint = _joined(key.value, base.arch, winners)
        known = seen.get(canonical_key(key.value, joint))
        return Stand(base, lacking, joint, known is not None, [*met, *([known] if known else [])])


@dataclass(frozen=True)
class Stand:
    """How far a round is.

    Args:
        base: What it varies.
        lacking: The variants that were not tried yet.
        joint: The base with the best of each component so far.
        joined: Whether that was tried.
        met: What was tried of the variants, and the joint.
    """

    base: Trial
    lacking: Sequence[Architecture]
    joint: Architecture
    joined: bool
    met: Sequence[Trial]


def components(paths: Sequence[str], largest: int) -> list[Component]:
    """Return the paths in groups of equal first steps; one of more than `largest` is divided.

    The first steps that all have in common do not count, so there are at least two groups unless
    there is but one hole.
    """
    return _divided(tuple(paths), 1, largest, whole=True) if paths else []


def _divided(group: Component, depth: int, largest: int, *, whole: bool) -> list[Component]:
    if len(group) == 1 or (len(group) <= largest and not whole):
        return [group]
    below: dict[str, list[str]] = defaultdict(list)
    for path in group:
        below["/".join(path.split("/")[:depth])].append(path)
    alone = whole and len(below) == 1
    parts = [_divided(tuple(p), depth + 1, largest, whole=alone) for p in below.values()]
    return [component for part in parts for component in part]


@lru_cache(maxsize=1024)
def variants(
    key: Same, base: Architecture, part: Component, count: int
) -> tuple[Architecture, ...]:
    """Return up to `count` networks that differ from the base in one component.

    They are drawn, but always the same ones, so that the history alone tells which are tried.
    """
    rng = Random(f"{base.key}/{part}")
    found = {canonical_key(key.value, base): base}
    for _ in range(ATTEMPTS * count):
        if len(found) > count:
            break
        arch = _varied(key.value, base, part, rng)
        found.setdefault(canonical_key(key.value, arch), arch)
    return tuple(found.values())[1:]


def _varied(space: Node, base: Architecture, part: Component, rng: Random) -> Architecture:
    """Return the base with one answer of the component changed, and each other by chance."""
    target = rng.choice(part)

    def decide(path: str, hole: Hole) -> Value:
        kept = base.answers.get(path)
        if kept is None or kept not in hole.values:
            return hole.draw(rng)
        free = path == target or (path in part and rng.random() < 0.5)
        return hole.redraw(kept, rng) if free else kept

    return record(space, decide)


def _across(space: Node, base: Architecture, rng: Random) -> Architecture:
    """Return the base with two or more answers changed, wherever they are."""
    arch = mutate(space, mutate(space, base, rng), rng)
    while rng.random() < 0.5:
        arch = mutate(space, arch, rng)
    return arch


def _joined(
    space: Node, base: Architecture, winners: Mapping[Component, Architecture]
) -> Architecture:
    """Return the base with each component as in its winner, and what opens below it."""
    answers = dict(base.answers)
    for part, winner in winners.items():
        opened = winner.answers.keys() - base.answers.keys()
        answers |= {
            path: winner.answers[path] for path in (*part, *opened) if path in winner.answers
        }

    def decide(path: str, hole: Hole) -> Value:
        kept = answers.get(path)
        return kept if kept is not None and kept in hole.values else plain(hole)

    return record(space, decide)


def _movable(space: Node, arch: Architecture) -> list[str]:
    return [path for path, hole in active(space, arch).items() if len(hole.values) > 1]


def _order(trial: Trial) -> tuple[tuple[float, ...], int]:
    return trial.losses, trial.number
