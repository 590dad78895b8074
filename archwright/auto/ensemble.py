"""Hands over several networks as one that averages them, where validation says it is better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from torch import nn

from archwright.auto.finish import Member, Trained
from archwright.auto.job import Job
from archwright.auto.library import Library
from archwright.auto.selection import Outputs, chosen, inverse_errors, partner
from archwright.core.objective import WORDS
from archwright.core.trial import History
from archwright.measure.cost import fastest_ms
from archwright.measure.scores import scores
from archwright.nets.ops_common import Averaged
from archwright.nets.weigh import counted
from archwright.report.record import Role
from archwright.report.words import gap, number, plural

Told = dict[str, Any]


def averaged(
    job: Job, history: History, trained: list[Trained], library: Library
) -> tuple[list[Trained], Told]:
    """Return the networks with the ensemble of them first, if it is better than the winner alone.

    Who is in it, and how much each counts, is chosen once more on validation rows, among those that
    have been trained; forecasts are combined with those of `partner`. Also returns what
    `metrics.json` tells about it: nothing where none is asked for.
    """
    other = partner(job, [each.finalist for each in trained])
    if other is not None:
        pair = trained[0].finalist, other
        said: Outputs = {one.trial: one.output for one in pair}  # type: ignore[misc]
        split = job.splits[0]
        shares = inverse_errors(said, split.truth(split.valid))
        return _handed_over(job, trained, shares, said)
    if job.options.networks == 1:
        return trained, {}
    known = {each.finalist.trial for each in trained}
    outputs = {n: kept.output for n, kept in library.items() if n in known}
    first = trained[0].finalist.trial
    if first is None or first not in outputs:
        return trained, _single("the winner's answers on validation rows are not known")
    if len(outputs) == 1:
        return trained, _single(_nobody(job, history, library, first))
    counts = chosen(job, history, outputs, first, job.options.networks)
    if len(counts) == 1:
        return trained, _single("no other network made the winner better by more than noise")
    total = sum(counts.values())
    return _handed_over(job, trained, {n: count / total for n, count in counts.items()}, outputs)


def _handed_over(
    job: Job, trained: list[Trained], shares: Mapping[int, float], outputs: Outputs
) -> tuple[list[Trained], Told]:
    """Return the networks with the mean of some of them first, unless the bounds forbid it.

    Args:
        shares: By how much each trial counts, the winner first.
        outputs: What each trial says of the validation rows.
    """
    networks = {each.finalist.trial: each for each in trained}
    validation = _mean([outputs[number] for number in shares], shares)
    made = _made(job, [networks[number] for number in shares], shares, validation)
    winner, made = _timed(trained[0], made)
    broken = [bound for bound in job.problem.bounds if bound.violated(made.costs)]
    if broken:
        what, most = WORDS[broken[0].metric], number(broken[0].bound or 0.0)
        return trained, _single(f"measured as a whole, its {what} would be above {most}")
    role: Role = "default" if winner.finalist.arch == job.default else "finalist"
    alone = replace(winner, finalist=replace(winner.finalist, role=role))
    single = outputs[next(iter(shares))]
    return [made, alone, *trained[1:]], {"ensemble": _told(job, made, alone, single)}


def _nobody(job: Job, history: History, library: Library, first: int) -> str:
    """Return why nobody was trained beside the winner."""
    if len(library) == 1:
        return "there is no other network to choose from"
    outputs = {number: kept.output for number, kept in library.items()}
    if len(chosen(job, history, outputs, first, job.options.networks)) == 1:
        room = " within the bounds" if job.problem.bounds else ""
        return f"no other network{room} made the winner better by more than noise"
    return "there was no time to train a second network to the end"


def _single(why: str) -> Told:
    return {"ensemble": {"members": [], "why": f"The winner is handed over alone: {why}."}}


def _made(
    job: Job, networks: Sequence[Trained], shares: Mapping[int, float], validation: Any
) -> Trained:
    """Return the ensemble as one trained network.

    Args:
        validation: What it says of the validation rows.
    """
    first = networks[0]
    net = Averaged(
        nn.ModuleList([each.net for each in networks]),
        tuple(shares.values()),
        first.split.signature.kind,
        first.split.signature.widths,
    )
    split = job.splits[0]
    finalist = replace(first.finalist, validation=scores(split.truth(split.valid), validation))
    members = tuple(
        Member(number, share, each.finalist.arch)
        for (number, share), each in zip(shares.items(), networks, strict=True)
    )
    return Trained(
        finalist=finalist,
        net=net,
        split=first.split,
        spec=first.spec,
        output=_mean([each.output for each in networks], shares),
        seconds=sum(each.seconds for each in networks),
        costs=counted(net, first.split.signature.shape),
        note="; ".join(dict.fromkeys(each.note for each in networks)),
        members=members,
    )


def _timed(one: Trained, other: Trained) -> tuple[Trained, Trained]:
    """Return both with latencies that were measured in turn, so that they can be compared."""
    first, second = fastest_ms((one.net, other.net), one.split.signature.shape)
    return (
        replace(one, costs={**one.costs, "latency_ms": first}),
        replace(other, costs={**other.costs, "latency_ms": second}),
    )


def _mean(outputs: Sequence[Any], shares: Mapping[int, float]) -> Any:
    return np.asarray(
        sum(share * output for share, output in zip(shares.values(), outputs, strict=True))
    )


def _told(job: Job, made: Trained, alone: Trained, output: Any) -> Told:
    """Return the members, and both ways with their scores and costs."""
    split = job.splits[0]
    single = scores(split.truth(split.valid), output)
    return {
        "members": [{"trial": each.trial, "weight": each.share} for each in made.members],
        "validation": dict(made.finalist.validation),
        "single": {
            "trial": alone.finalist.trial,
            "validation": single,
            "test": scores(job.task.truth(job.task.splits.test), alone.output),
            **alone.costs,
        },
        "why": _why(job, made, alone, single),
    }


def _why(job: Job, made: Trained, alone: Trained, single: Mapping[str, float]) -> str:
    """Return in a sentence what the ensemble brings, and what it costs."""
    aim, found = job.problem.aim, made.finalist.validation
    metric, first = aim.metric, f"trial {alone.finalist.trial} alone"
    slower = f"{made.costs['latency_ms'] / alone.costs['latency_ms']:.1f} times the latency"
    if job.options.ensemble is None:
        both = f"{number(found[metric])} against {number(single[metric])} of {first}"
        return (
            "The mean of two forecasts: what suits one stretch of time best is seldom best on the"
            f" next ({WORDS[metric]} on validation {both}), {slower}."
        )
    better = f"{gap(aim, found[metric], single[metric])} better on validation"
    if found[metric] == single[metric]:
        losses = single["log_loss"], found["log_loss"]
        lower = 100 * (1 - losses[1] / losses[0])
        better = f"as good in {WORDS[metric]} on validation, its log loss {lower:.2g} % lower"
    return (
        f"The ensemble of {plural(len(made.members), 'network')}: {better} than {first}, {slower}."
    )
