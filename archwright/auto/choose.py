"""Which strategy suits a run, and why: `--strategy auto`.

A pure function of numbers. How a strategy is then set up is the business of `auto.ask`.

There is no rule for multi-fidelity. A search is planned for some twenty trials of one length, short
ones if need be (`auto.forecast`). On NAS-Bench-201 random search with short trainings reaches its
own 12,000-second result in 0.12 of the time, surrogate search with short trainings in 0.05, ASHA in
0.35 and PriorBand in 0.36 (CIFAR-10, 10 seeds, costs from the table).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from archwright.clock import duration
from archwright.core.architecture import Architecture

AUTO = "auto"

ASK_SECONDS, ASK_SHARE = 0.05, 0.02
"""What a surrogate takes to propose, and the most of a trial's time that this may be when trials
are many. When they are few, each counts for more than the time to choose it well."""

MANY_TRIALS, MANY_WORKERS = 1000, 8
"""Above these a model is not worth its time, or is sent to too many places at once."""

LEAST_POOL, MOST_POOL = 50, 1000
"""How many networks are scored untrained: fewer are no choice, and many more are no help (on
NAS-Bench-101 a pool of 3,000 led to better trainings than one of 15,000)."""


@dataclass(frozen=True)
class Situation:
    """What a choice is made by.

    Args:
        size: How many architectures the space holds.
        trials: How many trials are expected.
        seconds: What one takes; 0 where nothing is to depend on the clock.
        workers: How many run at once.
        scorable: How many untrained networks can be scored in the time that this may take.
        exploring: Whether a share of exploration was asked for, which a grid has not.
    """

    size: int
    trials: int
    seconds: float
    workers: int = 1
    scorable: int = 0
    exploring: bool = False


@dataclass(frozen=True)
class Choice:
    """What searches; stored with the study, so that a resumed run goes on in the same way.

    Args:
        strategy: Its registered name.
        why: A sentence; empty if it was asked for by name.
        pool: How many untrained networks are scored for a start; 0 for none.
        past: Starts from earlier runs.
    """

    strategy: str
    why: str = ""
    pool: int = 0
    past: tuple[Architecture, ...] = ()

    def words(self) -> str:
        """Return the choice as a sentence."""
        how = f"{self.strategy}, chosen because {self.why}" if self.why else self.strategy
        if self.pool:
            how += f"; it starts from the best of {self.pool} networks scored untrained"
        return f"{how}."

    def to_json(self) -> dict[str, Any]:
        return {
            "strategy": self.strategy,
            "why": self.why,
            "pool": self.pool,
            "past": [arch.to_json() for arch in self.past],
        }

    @staticmethod
    def from_json(stored: Mapping[str, Any]) -> Choice:
        past = tuple(Architecture.from_json(each) for each in stored["past"])
        return Choice(**{**stored, "past": past})


def choose(at: Situation) -> Choice:
    """Return the strategy for a situation, with the reason."""
    if at.size <= at.trials and not at.exploring:
        return Choice("grid", f"all {at.size:,} architectures of the space can be tried")
    if at.workers > MANY_WORKERS:
        return Choice("evolution", f"{at.workers} workers would outrun a model of the losses")
    if at.trials > MANY_TRIALS and ASK_SECONDS * at.workers > ASK_SHARE * at.seconds:
        short = f" of {duration(at.seconds)}" if at.seconds else ""
        return Choice("evolution", f"{at.trials:,} trials{short} are not worth modelling each")
    pool = min(MOST_POOL, at.scorable) if at.scorable >= LEAST_POOL else 0
    return Choice("surrogate", "it needs the fewest trials to find good networks", pool)
