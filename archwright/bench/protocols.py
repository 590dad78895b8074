"""Protocols: what one search of a table is told, when it stops, and what counts.

Three, never mixed:

* `oracle`: the feedback is the very value that is reported, the mean test accuracy. What counts is
  how many networks are trained until an optimum, or a network equal to it, is proposed.
* `honest`: the feedback is a validation accuracy, as a user has it. What counts is the test
  accuracy of the network with the best validation accuracy.
* `timed`: as `honest`, with short and full trainings and their costs in seconds. What counts is
  when a network of which quality could be handed over, trained in full: where the one selected has
  only had a short training yet, the full one is still to come, and paid for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import perf_counter

from archwright.bench.entrants import strategy
from archwright.bench.loop import fill
from archwright.bench.table import Answer, Protocol, Table
from archwright.core.architecture import Architecture
from archwright.core.graph import canonical_key
from archwright.core.space import Node
from archwright.core.trial import History, Proposal, Result, Trial
from archwright.errors import SpaceError
from archwright.methods.blackbox import Search

TRIALS = {"oracle": 600, "honest": 192, "timed": 10_000}
"""When a search ends at the latest, unless told otherwise."""

SECONDS = 12_000.0
"""Of simulated training, under `timed`: the budget of NAS-Bench-201's own comparison."""


@dataclass(frozen=True)
class Terms:
    """What a search is held to.

    Args:
        protocol: Its name.
        trials: The most networks that are trained.
        strict: Under `oracle`, nothing but the very optimum counts, and what is proposed twice is
            trained twice, as searches do that cannot tell.
    """

    protocol: str
    trials: int
    strict: bool = False


@dataclass(frozen=True)
class Run:
    """What came of one search.

    Args:
        reported: After each trial, the reported value of the network selected so far.
        clock: After each trial, at how many simulated seconds that network could be handed over.
        hit: The trial, counted from 1, that proposed an optimum; 0 if none did.
        exploring: The share of trials that were drawn, see `Proposal.explores`.
        seconds: How long it took, on the wall.
    """

    reported: tuple[float, ...]
    clock: tuple[float, ...]
    hit: int
    exploring: float
    seconds: float


def play(table: Table, name: str, seed: int, terms: Terms) -> Run:
    """Return what a strategy finds with one seed.

    Raises:
        SpaceError: unknown strategy, one that cannot serve the space, or values that lack.
    """
    rules = table.protocol(terms.protocol)
    same = same_answers if terms.strict else canonical_key
    goals = {same(table.space, arch) for arch in table.optima} if rules.oracle else set()
    plan = Search(
        strategy=strategy(name, table, rules.levels),
        evaluate=evaluator(table, rules, name),
        refuse=lambda proposal: "",
        workers=1,
        seed=seed,
        go_on=lambda history: _goes_on(history, terms, rules),
        same=same,
    )
    histories = fill(table.space, plan, repeat=terms.strict)
    return _watched(
        table,
        histories,
        lambda trial: bool(goals) and same(table.space, trial.arch) in goals,
        rules,
    )


def same_answers(space: Node, arch: Architecture) -> str:
    """Return a key that only equal answers share, also where the networks are equal."""
    return arch.key


def evaluator(table: Table, rules: Protocol, name: str) -> Callable[[Proposal], Result]:
    """Return what looks a proposal up; accuracies become shares, as everywhere else."""

    def evaluate(proposal: Proposal) -> Result:
        level = proposal.fidelity
        if level not in rules.feedback:
            known = ", ".join(f"{each:g}" for each in rules.feedback)
            raise SpaceError(
                f"{name} trains for {level:g} of the full recipe, but {table.name} holds trainings"
                f" of {known} under this protocol; strategies of several fidelities need `timed`"
            )
        answer = table.look_up(proposal.arch)
        cost = {"seconds": answer[rules.seconds[level]]} if rules.seconds else {}
        return Result({"accuracy": answer[rules.feedback[level]] / 100, **cost})

    return evaluate


def _goes_on(history: History, terms: Terms, rules: Protocol) -> bool:
    """Whether there are trials left, and, where costs are known, simulated seconds."""
    if len(history) >= terms.trials:
        return False
    return not rules.seconds or sum(trial.seconds for trial in history.trials) < SECONDS


def _watched(
    table: Table,
    histories: Iterator[History],
    hits: Callable[[Trial], bool],
    rules: Protocol,
) -> Run:
    """Follow a search until an optimum is proposed."""
    reported, clock = list[float](), list[float]()
    hit, drawn, spent, started = 0, 0, 0.0, perf_counter()
    for history in histories:
        trial = history.trials[-1]
        drawn += trial.proposal.explores
        spent += trial.seconds
        selected = history.best()
        answer = table.look_up(selected.arch)
        clock.append(spent + _to_come(selected, answer, rules))
        if hits(trial):
            hit = len(history)
            reported.append(table.optimum)
            break
        reported.append(answer[rules.report])
    seconds = perf_counter() - started
    return Run(tuple(reported), tuple(clock), hit, drawn / max(1, len(reported)), seconds)


def _to_come(selected: Trial, answer: Answer, rules: Protocol) -> float:
    """Return what the full training of a network costs that has only had a short one."""
    whole = max(rules.levels)
    short = bool(rules.seconds) and selected.proposal.fidelity < whole
    return answer[rules.seconds[whole]] if short else 0.0
