"""After the search: confirm the best with another seed, train them to the end, test once."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from archwright.auto import splits
from archwright.auto.folder import Folder
from archwright.auto.job import Job
from archwright.core.architecture import Architecture, decode
from archwright.core.objective import Objective
from archwright.core.trial import History, Trial
from archwright.errors import TrialError
from archwright.evaluators.train import Split, fresh, predict
from archwright.export import result as results
from archwright.measure.cost import latency_ms, size
from archwright.nets.build import build
from archwright.report.record import Role
from archwright.train.fit import Batches, fit

FINALISTS = 3
"""How many of the best architectures are trained again with other seeds."""

SHARES = ("accuracy", "balanced_accuracy", "macro_f1", "roc_auc")

SLACK = {"winner": 0.0, "default": 0.5, "finalist": 1.2}
"""A training is begun if this share of the time it should take is left."""

Say = Callable[[str], None]
Weights = Mapping[str, Tensor]
Data = tuple[Split, Mapping[str, Any]]


@dataclass(frozen=True)
class Finalist:
    """An architecture that is trained to the end.

    Args:
        trial: The number of its trial; None for a default network that the bounds rule out.
        validation: Means over the seeds it was trained with.
        step_seconds: What a training step of it takes.
    """

    role: Role
    arch: Architecture
    trial: int | None
    validation: Mapping[str, float]
    step_seconds: float


@dataclass(frozen=True)
class Trained:
    """A finalist's network, and what it says of the test rows.

    Args:
        split: What it was trained on; its `valid` rows are the test rows.
        spec: The preprocessing that made the split.
    """

    finalist: Finalist
    net: nn.Module
    split: Split
    spec: Mapping[str, Any]
    output: NDArray[Any]
    seconds: float
    costs: Mapping[str, float]
    note: str
    steps: int = 0


def retrain(
    job: Job, history: History, data: Data, best: Callable[[], Weights], say: Say
) -> list[Trained]:
    """Return the finalists trained on train and validation, the winner first.

    When the user asked to finish now, or time is up, the winner is the best network of the
    search as it is.

    Args:
        data: Everything but the test rows to train on, and its preprocessing.
        best: Gives the weights of the best trial, as it was searched.
    """
    if not job.clock.finish_now:
        finalists = _with_default(job, history, confirm(job, history))
        if trained := _to_the_end(job, data, finalists, say):
            return trained
    return [_as_searched(job, history.best(), best())]


def winner_alone(job: Job, history: History, best: Weights) -> Trained:
    """Return the winner trained to the end, and nobody to compare it with."""
    data, recipe = splits.final(job.task), job.setup.recipe
    for finalist in confirm(job, history) if not job.clock.finish_now else []:
        with contextlib.suppress(TrialError):
            return _train(job, data, finalist, (recipe.steps(len(data[0].train)), job.clock.left()))
    return _as_searched(job, history.best(), best)


def confirm(job: Job, history: History) -> list[Finalist]:
    """Train the best few again with another seed; return them by the mean of both, best first.

    The best of many noisy scores is too good by luck (the winner's curse); a second seed, that
    had no say in who is a finalist, takes most of it away.
    """
    again = replace(job.evaluator(), seed=job.options.seed + 1, stop=job.clock.final_over)
    finalists, best = [], history.ranked()[:FINALISTS]
    for trial in best:
        metrics = dict(trial.metrics)
        lasting = trial.seconds * FINALISTS < 0.3 * job.clock.left()
        if len(best) > 1 and lasting and not job.clock.finish_now:
            with contextlib.suppress(TrialError):  # then the first seed's score stands
                second = again(trial.proposal).metrics
                metrics = {k: (v + second[k]) / 2 for k, v in metrics.items() if k in second}
        finalists.append(_finalist(job, trial, metrics))
    return ranked(job.problem.aim, sum(len(split.valid) for split in job.splits), finalists)


def ranked(aim: Objective, rows: int, finalists: list[Finalist]) -> list[Finalist]:
    """Order by the aim; what lies within one standard error of the best, by log loss.

    A share of some thousand rows cannot tell good networks apart. The log loss uses what each
    row was given, not only on which side it fell, and so finds those that overfit.

    Args:
        rows: Validated on.
    """
    best = min(aim.loss(finalist.validation) for finalist in finalists)
    shares = aim.metric in SHARES
    error = (max(0.0, -best * (1 + best)) / rows) ** 0.5 if shares else 0.0

    def order(finalist: Finalist) -> tuple[float, float]:
        own = aim.loss(finalist.validation)
        alike = shares and own <= best + error
        return (best, finalist.validation["log_loss"]) if alike else (own, 0.0)

    return sorted(finalists, key=order)


def _finalist(job: Job, trial: Trial, validation: Mapping[str, float]) -> Finalist:
    return Finalist(
        "finalist", trial.arch, trial.number, validation, trial.metrics["step_ms"] / 1000
    )


def _with_default(job: Job, history: History, finalists: list[Finalist]) -> list[Finalist]:
    """Return the winner, the hand-made default network if that is another one, the others."""
    winner, *others = finalists
    default = job.default.key
    if winner.arch.key == default:
        return [replace(winner, role="winner"), *others]
    known = [trial for trial in history.ranked() if trial.arch.key == default]
    own = Finalist("default", job.default, None, {}, job.setup.step_seconds)
    if known:
        own = replace(_finalist(job, known[0], known[0].metrics), role="default")
    rest = [finalist for finalist in others if finalist.arch.key != default]
    return [replace(winner, role="winner"), own, *rest]


def _to_the_end(job: Job, data: Data, finalists: list[Finalist], say: Say) -> list[Trained]:
    """Train the finalists from scratch by the full recipe, as far as time allows.

    The winner may use the time that leaves the default network as many steps, so that the
    leaderboard compares like with like. The others follow while there is time for as much again.
    """
    clock, recipe = job.clock, job.setup.recipe
    pair = [finalist for finalist in finalists if finalist.role != "finalist"]
    each = sum(finalist.step_seconds for finalist in pair)
    searched = recipe.steps(len(job.splits[0].train), job.setup.fidelity)
    if clock.left() < searched * each:
        return []  # the network is better off as it was searched
    trained: list[Trained] = []
    for finalist in [*pair, *(f for f in finalists if f.role == "finalist")]:
        steps = trained[0].steps if trained else recipe.steps(len(data[0].train))
        if trained and clock.left() < steps * finalist.step_seconds * SLACK[finalist.role]:
            break
        share = 1.0 if trained else finalist.step_seconds / each
        say(f"Final training: {_named(finalist)}, at most {steps:,} steps.")
        with contextlib.suppress(TrialError):
            trained.append(_train(job, data, finalist, (steps, share * clock.left())))
        if clock.finish_now:
            break
    return trained


def _named(finalist: Finalist) -> str:
    if finalist.role == "default":
        return "the hand-made default network"
    return f"trial {finalist.trial}"


def _train(
    job: Job,
    data: Data,
    finalist: Finalist,
    effort: tuple[int, float],
) -> Trained:
    split, spec = data
    steps, seconds = effort
    started, seed = time.monotonic(), job.options.seed + 2
    net = fresh(job.problem.space, finalist.arch, split, seed)
    done = 0

    def watch(step: int, loss: float) -> None:
        nonlocal done
        done = step
        if job.clock.finish_now:
            raise TrialError("stopped: asked to finish now")

    batches = Batches(split.x, split.y, split.train)
    recipe, plan = job.setup.recipe, job.setup.plan
    fit(net, batches, recipe, plan, seed=seed, steps=steps, watch=watch, seconds=max(seconds, 0.1))
    epochs = done * recipe.batch_for(len(split.train)) / len(split.train)
    note = f"{epochs:.1f} epochs on train and validation"
    tested = _tested(net, (split, spec), finalist, time.monotonic() - started, note)
    return replace(tested, steps=done)


def _as_searched(job: Job, best: Trial, weights: Weights) -> Trained:
    """Return the best network of the search, trained on training rows only."""
    split = replace(job.splits[0], valid=torch.from_numpy(job.task.splits.test))
    net = build(decode(job.problem.space, best.arch), split.signature)
    net.load_state_dict(weights)
    finalist = Finalist("winner", best.arch, best.number, best.metrics, 0.0)
    note = "as it was searched: not trained again"
    return _tested(net, (split, job.spec), finalist, best.seconds, note)


def _tested(
    net: nn.Module,
    data: Data,
    finalist: Finalist,
    seconds: float,
    note: str,
) -> Trained:
    split, spec = data
    shape = split.signature.shape
    latency = float(np.median([latency_ms(net, shape) for _ in range(3)]))
    costs = {**size(net, shape), "latency_ms": latency}
    output = predict(net, split, split.valid)
    return Trained(finalist, net.cpu(), split, spec, output, seconds, costs, note)


def write_interim(folder: Folder, job: Job, trial: Trial, weights: Weights) -> None:
    """Put the best network so far on disk, complete but for ONNX and the test."""
    net = build(decode(job.problem.space, trial.arch), job.splits[0].signature)
    net.load_state_dict(weights)
    facts: dict[str, Any] = {"task": job.task.kind, "objective": job.problem.aim.metric, "test": {}}
    facts |= {"validation": dict(trial.metrics), "seed": job.options.seed}
    text = f"# {job.task.name}\n\nThe best network so far of a search that is still going on.\n"
    content = results.Content(job.spec, trial.arch.to_json(), facts, text)
    results.write(folder.result, net, content)
