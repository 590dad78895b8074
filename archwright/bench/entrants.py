"""Who takes part in a benchmark: strategies by the names that people write.

`evolution` is a registered strategy as it is; `surrogate+zc` has the table's zero-cost scores,
`surrogate+nwot+macs` has two of them; `random@0.06` trains each network for that share of the full
recipe only. `auto` is what `archwright search` would choose, with the scores it would measure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from archwright import registry
from archwright.auto.choose import AUTO, MOST_POOL, Situation, choose
from archwright.bench.table import Scores, Table
from archwright.core.architecture import Architecture
from archwright.core.space import Node, size
from archwright.errors import SpaceError, nearest
from archwright.evaluators.zerocost import CHEAP_AND_GOOD
from archwright.strategies.base import Strategy

TRIALS = 192
"""What `auto` is told to expect: the usual end of a search on a table."""

ALL = "zc"
"""Stands for all scores of a table."""


@dataclass(frozen=True)
class Entrant:
    """A name, taken apart.

    Args:
        strategy: Under which it is registered.
        scores: Which of the table's scores it gets.
        fidelity: The highest it may propose.
    """

    strategy: str
    scores: tuple[str, ...] = ()
    fidelity: float = 1.0


def parse(name: str) -> Entrant:
    """Return what a name says.

    Raises:
        SpaceError: it says something unreadable.
    """
    rest, at, share = name.partition("@")
    try:
        fidelity = float(share) if at else 1.0
    except ValueError:
        fidelity = 0.0
    if not 0 < fidelity <= 1:
        raise SpaceError(f"{name!r}: write a share of the full training after @, as in random@0.06")
    known, *scores = rest.split("+")
    return Entrant(known, tuple(scores), fidelity)


def strategy(name: str, table: Table, levels: tuple[float, ...] = (1.0,)) -> Strategy:
    """Return a strategy that is ready for a table.

    Args:
        levels: The fidelities that the protocol knows, rising; a strategy with rungs climbs these.

    Raises:
        SpaceError: no such strategy, it cannot serve the space, or there are no scores for it.
    """
    entrant = parse(name)
    if entrant.strategy == AUTO:
        return _chosen(table, entrant.fidelity)
    make = registry.find("strategies", entrant.strategy)
    settings: dict[str, Any] = {"fidelity": entrant.fidelity}
    known = {each.name for each in fields(make)} if is_dataclass(make) else set()
    if "rungs" in known and entrant.fidelity == 1:
        settings["rungs"] = levels
    if entrant.scores:
        if "scores" not in known:
            raise SpaceError(f"{name!r}: the strategy {entrant.strategy!r} takes no scores")
        settings["scores"] = _named(entrant.scores, table)
    made: Strategy = make(**settings)
    check = getattr(made, "check", None)
    if check is not None:
        check(table.space)
    return made


def _chosen(table: Table, fidelity: float) -> Strategy:
    """Return what is chosen for the size of the table's space, with nothing known beforehand.

    There is one worker, a training takes a minute, and scores cost next to nothing beside it.
    """
    at = Situation(size(table.space), trials=TRIALS, seconds=60.0, scorable=MOST_POOL)
    choice = choose(at)
    held = table.scores(table.space, table.optima[0]) if table.scores else {}
    names = tuple(name for name in CHEAP_AND_GOOD if name in held)
    settings: dict[str, Any] = {"fidelity": fidelity}
    if names and choice.pool:
        settings |= {"scores": _named(names, table), "pool": choice.pool}
    made: Strategy = registry.find("strategies", choice.strategy)(**settings)
    return made


def _named(names: tuple[str, ...], table: Table) -> Scores:
    """Return the table's scores of these names.

    Raises:
        SpaceError: it lacks some, or all.
    """
    every = table.scores
    if every is None:
        raise SpaceError(f"{table.name} holds no zero-cost scores; leave out +{'+'.join(names)}")
    if names == (ALL,):
        return every
    known = every(table.space, table.optima[0])
    for name in names:
        if name not in known:
            raise SpaceError(f"{table.name} holds no score {name!r}{nearest(name, known)}")

    def some(space: Node, arch: Architecture) -> Mapping[str, float]:
        found = every(space, arch)
        return {name: found[name] for name in names if name in found}

    return some
