"""Whether the network is to be asked about mirror images too: where that pays on validation."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from torch import Tensor

from archwright.auto.job import Job
from archwright.core.trial import Trial
from archwright.evaluators.final import restored, seen
from archwright.evaluators.train import predict
from archwright.measure.scores import scores

ROWS = 2000
"""So many validation rows are looked at, at most."""


def views(job: Job, best: Trial, weights: Callable[[], Mapping[str, Tensor]]) -> tuple[int, ...]:
    """Return the axes of mirror images that make the best network of the search better.

    None where images may not be flipped, or where there is a bound on what an answer costs.

    Args:
        weights: Gives those of the best trial.
    """
    flips, split, aim = job.setup.recipe.flips, job.splits[0], job.problem.aim
    if not flips or any(bound.metric in ("macs", "latency_ms") for bound in job.problem.bounds):
        return ()
    rows = split.valid[:: 1 + len(split.valid) // ROWS]
    net = restored(job.problem.space, best.arch, split, weights())
    truth = split.truth(rows)
    plain, mirrored = (scores(truth, predict(seen(net, axes), split, rows)) for axes in ((), flips))
    return flips if aim.loss(mirrored) < aim.loss(plain) else ()
