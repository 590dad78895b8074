"""Which choices mattered, and what changed from the winner's ancestors to the winner.

Reads architectures as answers by path; knows the paths' grammar and no particular space.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archwright.core.architecture import Architecture
from archwright.core.trial import History, Trial
from archwright.report.words import plural

FEWEST = 8
"""Finished trials below which nothing is said about choices."""

MOST = 500
"""Finished trials that the forest is fitted to at most."""

TREES = 50
SHUFFLES = 8

TERMS = {"norm": "normalisation", "down": "downsampling"}


@dataclass(frozen=True)
class Importances:
    """How much of the loss each choice accounts for.

    Args:
        shares: By readable name, the largest first, adding up to 1; empty when there were too
            few trials or nothing stands out.
        explained: How much of the variance the choices explain on trials left out, at most 1;
            at 0 or less they explain nothing.
        trials: How many finished trials this is based on.
    """

    shares: Mapping[str, float]
    explained: float
    trials: int


@dataclass(frozen=True)
class Step:
    """A trial in the winner's line, and what makes it differ from its parent, in words."""

    trial: Trial
    changes: tuple[str, ...]


def importances(history: History) -> Importances:
    """Return the share of each choice, by permutation in a forest fitted to the losses.

    Holes of the same kind (the kernels of all layers, say) are shuffled together and count as
    one choice. The worst tenth of the losses is cut off, so that one hopeless network does not
    drown the rest.
    """
    from sklearn.ensemble import RandomForestRegressor

    top = max((trial.proposal.fidelity for trial in history.done), default=1.0)
    trials = [t for t in history.done if t.proposal.fidelity == top and t.losses]
    trials = [t for t in trials if math.isfinite(t.losses[0])]
    if len(trials) < FEWEST:
        return Importances({}, 0.0, len(trials))
    kept = [trials[i] for i in np.linspace(0, len(trials) - 1, min(MOST, len(trials)), dtype=int)]
    losses = np.array([trial.losses[0] for trial in kept])
    losses = np.minimum(losses, np.quantile(losses, 0.9))
    paths, codes = _codes([trial.arch for trial in kept])
    if not paths or not losses.std():
        return Importances({}, 0.0, len(kept))
    forest = RandomForestRegressor(
        TREES, max_features=0.5, min_samples_leaf=2, oob_score=True, random_state=0
    ).fit(codes, losses)
    shares = _shuffled(forest, codes, losses, [readable(path) for path in paths])
    return Importances(shares, float(forest.oob_score_), len(kept))


def lineage(history: History, winner: Trial) -> list[Step]:
    """Return the winner's ancestors and the winner, the oldest first."""
    line = history.lineage(winner.number)
    steps = [Step(line[0], ())]
    for parent, child in pairwise(line):
        steps.append(Step(child, tuple(changes(parent.arch, child.arch))))
    return steps


def changes(parent: Architecture, child: Architecture) -> list[str]:
    """Return how `child` differs from `parent`, one choice an item."""
    before, after = parent.answers, child.answers
    both = [path for path in after if path in before]
    found = [
        f"{placed(path)}: {before[path]} → {after[path]}"
        for path in both
        if before[path] != after[path]
    ]
    opened, closed = len(after) - len(both), len(before) - len(both)
    if opened and closed:
        found.append(f"{plural(opened, 'choice')} in place of {closed}")
    elif opened or closed:
        count = plural(opened or closed, "choice")
        found.append(f"{count} {'came with it' if opened else 'fell away'}")
    return found


def readable(path: str) -> str:
    """Return a name for a hole that it shares with its like: `kernel of convolution`."""
    steps = path.split("/")
    if steps[-1].isdigit():
        return f"kind of {_singular(steps[-2])}" if len(steps) > 1 else "kind"
    owners = [
        _singular(step) if following.isdigit() else step
        for step, following in pairwise(steps)
        if not step.isdigit()
    ]
    if steps[-1] == "depth" and owners:
        thing, above = owners[-1], [owner for owner in owners[:-1] if owner != "body"]
        if above and owners[0] != "body":
            return f"number of {owners[0]} {thing}"
        return f"number of {thing}" + (f" per {above[-1]}" if above else "")
    last = TERMS.get(steps[-1], steps[-1])
    if not owners or owners[-1] in ("body", last):
        return last
    owner = owners[-1]
    if owners[0] not in ("body", owner):
        owner = f"{owners[0]} {owner}"
    return f"{last} of {owner}"


def placed(path: str) -> str:
    """Return a name for one hole and where it is: `stage 1, layer 2, kernel`."""
    steps = path.split("/")
    parts: list[str] = []
    for step in steps:
        if step.isdigit() and parts:
            parts[-1] = f"{_singular(parts[-1])} {int(step) + 1}"
        elif step == "depth" and parts:
            parts[-1] = f"number of {parts[-1]}"
        else:
            parts.append(TERMS.get(step, step))
    unique = [part for i, part in enumerate(parts) if i == 0 or part != parts[i - 1]]
    return ", ".join(unique[1:] if len(unique) > 1 and unique[0] == "body" else unique)


def _singular(noun: str) -> str:
    return noun[:-1] if noun.endswith("s") else noun


def _codes(archs: list[Architecture]) -> tuple[list[str], NDArray[Any]]:
    """Return the paths that vary, and the answers as numbers; -1 where a hole is closed."""
    paths = list(dict.fromkeys(path for arch in archs for path in arch.answers))
    columns: dict[str, list[float]] = {}
    for path in paths:
        answers = [arch.answers.get(path) for arch in archs]
        given = {answer for answer in answers if answer is not None}
        if len(set(answers)) == 1:
            continue
        if any(isinstance(answer, str) for answer in given):
            order: dict[Any, float] = {text: i for i, text in enumerate(sorted(map(str, given)))}
            columns[path] = [-1 if a is None else order[str(a)] for a in answers]
        else:
            columns[path] = [-1 if a is None else float(a) for a in answers]
    codes = np.array(list(columns.values()), dtype=np.float64).T
    return list(columns), codes


def _shuffled(
    forest: Any, codes: NDArray[Any], losses: NDArray[Any], names: list[str]
) -> dict[str, float]:
    """Return how much worse the forest gets when the columns of each name are shuffled."""
    rng = np.random.default_rng(0)
    base = float(np.mean((forest.predict(codes) - losses) ** 2))
    worse: dict[str, float] = {}
    for name in dict.fromkeys(names):
        columns = [i for i, each in enumerate(names) if each == name]
        copies = np.repeat(codes[None], SHUFFLES, axis=0)
        for copy in copies:
            copy[:, columns] = copy[rng.permutation(len(codes))][:, columns]
        guessed = forest.predict(copies.reshape(-1, codes.shape[1]))
        lost = np.mean((guessed.reshape(SHUFFLES, -1) - losses) ** 2) - base
        worse[name] = max(0.0, float(lost))
    total = sum(worse.values())
    ordered = sorted(worse.items(), key=lambda item: -item[1])
    return {name: lost / total for name, lost in ordered if lost > 0} if total else {}
