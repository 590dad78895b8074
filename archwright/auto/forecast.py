"""What a run will be: measured on this machine before it starts, so that it can be promised."""

from __future__ import annotations

import math
import resource
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from torch import nn

from archwright.auto.options import Options
from archwright.clock import Clock, duration
from archwright.core.architecture import Architecture
from archwright.core.space import Node
from archwright.evaluators.train import CURVE_ROWS, Split, fresh
from archwright.measure.cost import size
from archwright.train import remember
from archwright.train.fit import Batches, Plan
from archwright.train.plan import settled
from archwright.train.recipe import Recipe, default_recipe

TRIALS = 20
"""A search is planned for about so many trials, if a trial can be made that short."""

RUNGS_TRIALS = 40
"""The same where most trials are shorter than the longest, so that some get to the highest rung."""

UNTIMED_FIDELITY = 0.25
"""Without a budget, a trial is trained for this share of the full recipe."""

SHORTEST_TRIAL, OVERHEAD = 0.3, 0.25
"""Seconds: what a trial trains at the least, and what measuring and storing one takes beside."""

ABOVE_DEFAULT = 1.5
"""What an average candidate costs, relative to the default network."""

TRAININGS = 3.0
"""Full trainings of the default network that the end of a run is given, if there is time."""

MOST_COST, FREE_MACS = 2.5, 1e6
"""A candidate may cost so many times the default network; below these MACs cost is no matter."""


@dataclass(frozen=True)
class Setup:
    """How every trial of a run is trained; stored with the study, so that resuming keeps it.

    Args:
        fidelity: Share of the recipe that a trial trains for at most.
        first: Share that the very first trial trains for, so that a model is soon on disk.
        step_seconds: One training step of the default network on this machine.
        most_macs: Candidates above are refused.
        trials, memory_gb, disk_mb: The forecast.
    """

    recipe: Recipe
    plan: Plan
    fidelity: float
    first: float
    step_seconds: float
    most_macs: float
    search_seconds: float
    trials: int
    memory_gb: float
    disk_mb: float

    def to_json(self) -> dict[str, Any]:
        finite = None if math.isinf(self.search_seconds) else self.search_seconds
        return asdict(self) | {"search_seconds": finite}

    @staticmethod
    def from_json(stored: Mapping[str, Any]) -> Setup:
        seconds = stored["search_seconds"]
        return Setup(
            **{
                **stored,
                "recipe": Recipe(**stored["recipe"]),
                "plan": Plan(**stored["plan"]),
                "search_seconds": float("inf") if seconds is None else seconds,
            }
        )

    def training_seconds(self, rows: int, fidelity: float = 1.0) -> float:
        """Return how long a training on `rows` rows should take."""
        return self.recipe.steps(rows, fidelity) * self.step_seconds

    def scoring_seconds(self, rows: int) -> float:
        """Return how long a trial's predictions for `rows` validation rows should take."""
        forward = self.step_seconds / 3  # a training step is a forward and two backward passes
        return (rows + 3 * min(rows, CURVE_ROWS)) / self.recipe.batch * forward

    def words(self) -> str:
        """Return the forecast as a sentence."""
        spans = "" if math.isinf(self.search_seconds) else f" in {duration(self.search_seconds)}"
        return (
            f"about {self.trials} trials{spans},"
            f" peak memory {self.memory_gb:.1f} GB, {self.disk_mb:.0f} MB on disk"
        )


def plan_run(
    splits: tuple[Split, ...],
    space: Node,
    start: Architecture,
    options: Options,
    clock: Clock,
    spread: float = 1.0,
) -> Setup:
    """Measure the default network's training step, and divide the time.

    Args:
        splits: What trials train on.
        start: The default network.
        spread: What a trial costs on average, as a share of one of the highest fidelity.
    """
    net, batches, recipe = training(splits[0], space, start, options)
    if math.isinf(clock.budget):
        measured = settled(net, batches, recipe)
    else:
        measured = remember.measured(net, batches, recipe, threads(options))
    costs = size(net, splits[0].signature.shape)
    untimed = min(1.0, float(f"{UNTIMED_FIDELITY / spread:.2g}"))
    drafted = Setup(
        recipe=recipe,
        plan=measured.plan,
        fidelity=untimed,
        first=untimed,
        step_seconds=measured.seconds,
        most_macs=max(FREE_MACS, MOST_COST * costs["macs"]),
        search_seconds=float("inf"),
        trials=options.trials or 0,
        memory_gb=_memory(splits, options),
        disk_mb=_disk(costs["params"], options.trials or 100),
    )
    return drafted if math.isinf(clock.budget) else _timed(drafted, splits, options, clock, spread)


def training(
    split: Split, space: Node, start: Architecture, options: Options
) -> tuple[nn.Module, Batches, Recipe]:
    """Return a network as a run would train it, untrained, and with what."""
    rows = len(split.train)
    recipe = default_recipe("image" if len(split.signature.shape) == 3 else "table", rows)
    if options.epochs:
        recipe = replace(recipe, epochs=options.epochs)
    net = fresh(space, start, split, options.seed)
    return net, Batches(split.x, split.y, split.train), recipe


def threads(options: Options) -> tuple[int, ...]:
    """Return the thread counts to try: one, and with a single worker all cores."""
    cores = remember.cores()
    return (1, cores) if options.workers == 1 and cores > 1 else (1,)


def _timed(
    draft: Setup, splits: tuple[Split, ...], options: Options, clock: Clock, spread: float
) -> Setup:
    """Divide what is left of the budget between the search and the final training."""
    rows, left = len(splits[0].train), clock.left()
    full = draft.training_seconds(rows)
    wanted = TRAININGS * full * (1 + len(splits[0].valid) / rows)
    searching = max(0.45 * left, left - wanted)
    beside = OVERHEAD + ABOVE_DEFAULT * draft.scoring_seconds(len(splits[0].valid))
    planned = TRIALS if spread == 1 else RUNGS_TRIALS
    each = max(SHORTEST_TRIAL, searching * options.workers / planned - len(splits) * beside)
    share = each / (len(splits) * ABOVE_DEFAULT * full * spread)
    fidelity = min(1.0, float(f"{share:.2g}"))
    first = clock.first_model_by() - clock.elapsed() - 3.0
    quick = min(fidelity, float(f"{max(first, 0.5) / (len(splits) * full):.2g}"))
    expected = len(splits) * (ABOVE_DEFAULT * full * fidelity * spread + beside)
    trials = max(1, int(searching * options.workers / expected))
    return replace(
        draft,
        fidelity=fidelity,
        first=quick,
        search_seconds=searching,
        trials=min(trials, options.trials or trials),
        disk_mb=_disk(draft.most_macs / 50, trials),
    )


def _memory(splits: tuple[Split, ...], options: Options) -> float:
    """Peak memory in GB: what is in use, one more copy of the data, and each worker's own."""
    now = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    data = splits[0].x.numel() * splits[0].x.element_size()
    workers = options.workers * 450e6 if options.workers > 1 or options.isolate else 0
    return float((now + data + workers + 200e6) / 1e9)


def _disk(params: float, trials: int) -> float:
    """Megabytes: the report with its plots, weights twice, and some kilobytes a trial."""
    return 6.0 + 2 * 4 * params / 1e6 + 0.008 * trials
