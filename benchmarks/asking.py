"""How long a strategy takes to propose after 10,000 trials, and whether it keeps memory.

The space is DARTS (10^18 networks), the losses are made up, and each strategy has a process of its
own, so that nothing it keeps is another's.
"""

from __future__ import annotations

import os
import statistics
import zlib
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from random import Random
from time import perf_counter

from archwright import registry
from archwright.core.architecture import Architecture, sample
from archwright.core.space import Node
from archwright.core.trial import History, Proposal, State, Trial
from archwright.spaces.darts import darts
from archwright.strategies.base import Strategy

TRIALS, ASKS, WARM = 10_000, 60, 5


@dataclass(frozen=True)
class Asking:
    """What asking takes.

    Args:
        first: Milliseconds of the first ask, which looks at all trials.
        later: Milliseconds of each that follows, when a trial has been added.
        growth: Megabytes that the process has grown by from the fifth ask to the last.
    """

    first: float
    later: Sequence[float]
    growth: float

    @property
    def median(self) -> float:
        return statistics.median(self.later)


def measure(name: str, trials: int = TRIALS, asks: int = ASKS) -> Asking:
    """Return what asking a strategy takes, in a process of its own."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(asked, name, trials, asks).result()


def asked(name: str, trials: int, asks: int) -> Asking:
    """Return the same, in this process."""
    space, rng = darts((3, 32, 32)), Random(0)
    strategy: Strategy = registry.find("strategies", name)()
    history = History(tuple(_trial(i, Proposal(sample(space, rng))) for i in range(trials)))
    times, before = [], 0.0
    for again in range(asks):
        started = perf_counter()
        proposals = strategy.ask(space, history, 1, Random(f"0/{len(history)}/0"))
        times.append(1000 * (perf_counter() - started))
        history = history.add(_trial(len(history), _first(proposals, space, rng)))
        before = _megabytes() if again == WARM else before
    return Asking(times[0], times[1:], _megabytes() - before)


def loss(arch: Architecture) -> float:
    """Return the mean of fixed random worths of the answers: something to be learnt."""
    worths = [zlib.crc32(f"{path}={value}".encode()) / 2**32 for path, value in arch.decisions]
    return sum(worths) / len(worths)


def _trial(number: int, proposal: Proposal) -> Trial:
    value = loss(proposal.arch)
    return Trial(number, proposal, State.DONE, (value,), {"accuracy": -value, "params": value})


def _first(proposals: Sequence[Proposal], space: Node, rng: Random) -> Proposal:
    """Return what was proposed; something random from a strategy that is at its end."""
    return proposals[0] if proposals else Proposal(sample(space, rng))


def _megabytes() -> float:
    """Return how much memory the process has now."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
