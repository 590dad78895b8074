"""What stopping by learning curves saves and costs, replayed over trials that all went to the end.

In their own order the trials are those of a search that grows better; shuffled, those of a random
search, for which the stated error rate holds.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from archwright.auto import splits
from archwright.auto.ask import DRAWN
from archwright.auto.forecast import UNTIMED_FIDELITY
from archwright.auto.spaces import chosen
from archwright.core.architecture import decode
from archwright.core.objective import Objective
from archwright.core.problem import Problem
from archwright.core.trial import History, Proposal, Trial
from archwright.data import load
from archwright.evaluators.train import Train
from archwright.executors.inline import Inline
from archwright.methods.blackbox import Search, search
from archwright.nets.weigh import weigh
from archwright.strategies.portfolio import Portfolio
from archwright.strategies.surrogate import SurrogateSearch
from archwright.study import Study, open_storage
from archwright.surrogates.stopping import BEST, Hopeless, Peers
from archwright.train.fit import Plan
from archwright.train.recipe import default_recipe

TRIALS, ROWS, SHUFFLES = 45, 5000, 50


@dataclass(frozen=True)
class Replay:
    """What became of trials that could be stopped.

    Args:
        ended: Those that were not.
        wrong: How many were stopped that would have been among the best at that time.
        saved: Seconds.
        clock: Seconds that were gone after each trial.
    """

    stopped: int
    wrong: int
    saved: float
    ended: tuple[Trial, ...]
    clock: tuple[float, ...]


@dataclass(frozen=True)
class Source:
    """Data, what is to be predicted and how well, and how large and long trials are at most."""

    data: Any
    target: str | None
    metric: str
    most_macs: float = float("inf")
    epochs: int | None = None


def trials(source: Source, count: int, seed: int) -> tuple[Trial, ...]:
    """Search as by default, in this process, to so many trials; return those that were done."""
    task = load(source.data, source.target, seed=seed)
    split, _ = splits.holdout(task)
    space, starts = chosen(None, task.modality, split.signature.shape)
    recipe = default_recipe(task.modality, len(split.train))
    recipe = replace(recipe, epochs=source.epochs or recipe.epochs)
    study = Study(Problem("", space, Objective(source.metric)), open_storage(None), "stopping")

    def refuse(proposal: Proposal) -> str:
        macs = weigh(decode(space, proposal.arch), split.signature)["macs"]
        return "too large" if macs > source.most_macs else ""

    known = tuple(arch for arch in starts if not refuse(Proposal(arch)))
    then = SurrogateSearch(starts=len(known) + DRAWN, fidelity=UNTIMED_FIDELITY)
    plan = Search(
        strategy=Portfolio(known, then, UNTIMED_FIDELITY),
        evaluate=Train(space, (split,), recipe, Plan(), study.problem.aim, seed=seed),
        refuse=refuse,
        workers=1,
        seed=seed,
        go_on=lambda history: len(history) < count,
    )
    with Inline() as here:
        return tuple(trial for trial, result in search(study, plan, here, here) if result)


def some(path: Path, rows: int) -> tuple[Any, Any]:
    """Return so many of the training images of a file, drawn at random, and their classes."""
    with np.load(path) as found:
        x, y = found["x_train"], found["y_train"]
    chosen = np.random.default_rng(0).permutation(len(x))[:rows]
    return x[chosen], y[chosen]


def replay(trials: Sequence[Trial], aim: Objective, error: float) -> Replay:
    """Go through finished trials as if each could have been stopped; never the known starts."""
    ended: list[Trial] = []
    stopped, wrong, saved, clock = 0, 0, 0.0, 0.0
    times: list[float] = []
    for trial in trials:
        history = History(ended)
        peers = Peers.of(history, trial.proposal.fidelity, aim, error)
        share = 1.0 if trial.proposal.origin == "portfolio" else _share(trial, peers)
        if share == 1.0:
            ended.append(trial)
            times.append(clock + trial.seconds)
        else:
            stopped += 1
            wrong += trial.losses < history.ranked(trial.proposal.fidelity)[BEST - 1].losses
            saved += (1 - share) * trial.seconds
        clock += share * trial.seconds
    return Replay(stopped, wrong, saved, tuple(ended), tuple(times))


def _share(trial: Trial, peers: Peers) -> float:
    """Return the share of its schedule after which a trial is stopped; 1 if it is not."""
    for points in range(1, len(trial.curve)):
        try:
            peers.look(trial.curve[:points])
        except Hopeless:
            return trial.curve[points - 1]["share"]
    return 1.0


def shuffled(trials: Sequence[Trial], shuffles: int) -> Iterator[list[Trial]]:
    """Yield the trials in other orders; the known starts stay first."""
    starts = [trial for trial in trials if trial.proposal.origin == "portfolio"]
    others = [trial for trial in trials if trial.proposal.origin != "portfolio"]
    for seed in range(shuffles):
        yield [*starts, *Random(seed).sample(others, len(others))]


def won(trials: Sequence[Trial], aim: Objective, error: float) -> float:
    """Return 1 if stopping found a better one in half of the time of all, 0.5 if none did."""
    limit = sum(trial.seconds for trial in trials) / 2
    best = []
    for rate in (error, 0.0):
        found = replay(trials, aim, rate)
        known = [t.losses for t, at in zip(found.ended, found.clock, strict=True) if at <= limit]
        best.append(min(known, default=(float("inf"),)))
    return 0.5 if best[0] == best[1] else float(best[0] < best[1])


@dataclass(frozen=True)
class Found:
    """Shares: of seconds saved, of trials stopped wrongly, of shuffles that stopping won.

    Args:
        saved, wrong: In the order of the search.
        shuffled: Stopped wrongly in shuffled order.
    """

    saved: float
    wrong: float
    shuffled: float
    won: float


def measure(trials: Sequence[Trial], metric: str, error: float) -> Found:
    """Return what stopping at that error rate would have done.

    Each trial counts as long: the seconds of larger networks would tell more of the space than of
    stopping.
    """
    aim = Objective(metric)
    each = statistics.fmean(trial.seconds for trial in trials)
    trials = tuple(replace(trial, seconds=each) for trial in trials)
    own, orders = replay(trials, aim, error), list(shuffled(trials, SHUFFLES))
    others = [replay(order, aim, error) for order in orders]
    return Found(
        saved=own.saved / sum(trial.seconds for trial in trials),
        wrong=own.wrong / max(1, own.stopped),
        shuffled=sum(each.wrong for each in others) / max(1, sum(each.stopped for each in others)),
        won=statistics.fmean(won(order, aim, error) for order in orders),
    )
