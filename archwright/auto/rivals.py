"""The rivals of a run: fitted as time allows, and handed over where they are better."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archwright.auto.finish import Trained
from archwright.auto.job import Job
from archwright.core.objective import Objective
from archwright.evaluators.rivals import Contest, Rival, entrants, fit_rivals, told_by
from archwright.evaluators.train import Split
from archwright.export.baseline import FILES
from archwright.measure.scores import scores
from archwright.report import insights
from archwright.report.record import Entry

RIVAL_SHARE, RIVALS_SHARE, RIVALS_LEAST, RIVALS_MOST = 0.03, 0.06, 3.0, 60.0
"""Of the budget, for fitting each rival and at most for all of them; and at least and at most so
many seconds."""

COMPARABLE = 0.5
"""A network that had so much of its training when it was validated is compared with rivals."""


def rivals_seconds(job: Job) -> float:
    """Return the seconds that fitting the rivals is given."""
    count = len(entrants(Contest(job.splits[0], job.task.inputs, 0.0, job.options.seed)))
    share = min(RIVALS_SHARE, RIVAL_SHARE * count)
    return max(RIVALS_LEAST, min(RIVALS_MOST, share * job.clock.budget))


def fitted(job: Job, tested: Split) -> tuple[list[Entry], dict[str, Rival]]:
    """Fit the rivals on training rows for validation, then on all but test rows for the test.

    Returns:
        Their rows of the leaderboard, and the latter by name.
    """
    seconds = RIVALS_LEAST if job.clock.finish_now else rivals_seconds(job)
    searched = job.splits[0]
    inputs, seed = job.task.inputs, job.options.seed
    second = fit_rivals(Contest(tested, inputs, 0.6 * seconds, seed))
    first = fit_rivals(Contest(searched, inputs, 0.4 * seconds, seed))
    entries = []
    for validated, rival in zip(first, second, strict=True):
        truth, output, left_out = told_by(rival, tested)
        if not len(truth):  # there was no time for it
            continue
        before = told_by(validated, searched)
        entries.append(
            Entry(
                name=rival.name,
                role="rival",
                validation=scores(*before[:2]) if len(before[0]) else {},
                test=scores(truth, output),
                params=None,
                seconds=rival.seconds,
                note="; ".join(filter(None, (rival.note, left_out))),
                errors=None if left_out else insights.row_errors(truth, output, job.problem.aim),
            )
        )
    return entries, {rival.name: rival for rival in second}


def searched_share(job: Job, winner: Trained) -> float:
    """Return for what share of its final training the winner had been trained when validated."""
    seen = winner.finalist.epochs
    if not (seen and winner.steps) or job.fitted(winner.finalist.arch):
        return 1.0
    rows = len(winner.split.train)
    return min(1.0, seen / (winner.steps * job.setup.recipe.batch_for(rows) / rows))


def baseline(
    aim: Objective, board: tuple[Entry, ...], fitted: Mapping[str, Rival], share: float
) -> tuple[Rival | None, dict[str, Any]]:
    """Return the rival to be handed over beside the network, and what `metrics.json` says of it.

    Validation rows alone decide: the best rival there is taken if the network is behind it.

    Args:
        share: For so much of its final training the network was trained when it was validated. A
            rival is trained to the end, so it says little to be ahead of a network that was not.
    """
    own = next(entry for entry in board if entry.role == "winner")
    known = [e for e in board if e.role == "rival" and aim.metric in e.validation]
    best = min(known, key=lambda entry: aim.loss(entry.validation), default=None)
    if best is None or aim.metric not in own.validation:
        return None, {}
    if aim.loss(best.validation) >= aim.loss(own.validation):
        return None, {}
    rival = fitted[best.name] if fitted[best.name].model is not None else None
    one, other = best.validation[aim.metric], own.validation[aim.metric]
    why = f"On validation rows {best.name} is ahead of the network"
    why += f" ({aim.metric} {one:.4g} against {other:.4g})"
    if share < COMPARABLE:
        why += f", which had {share:.0%} of its training by then, so that this says little"
        why += f"; {FILES[0]} lies in the result folder." if rival else "."
    else:
        why += f": take {FILES[0]} in the result folder, or both." if rival else "."
    told = {"name": best.name, "validation": dict(best.validation), "test": dict(best.test)}
    return rival, {"baseline": {**told, "file": FILES[0] if rival else None, "why": why}}
