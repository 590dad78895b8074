"""What a run will be: measured on this machine before it starts, so that it can be promised."""

from __future__ import annotations

import math
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from torch import nn

from archwright.auto.options import Options
from archwright.clock import Clock, duration
from archwright.core.architecture import Architecture, decode
from archwright.core.space import Node
from archwright.evaluators.train import CURVE_ROWS, Split, fresh, same_shape
from archwright.measure.memory import in_use
from archwright.nets.pretrained import encoder
from archwright.nets.weigh import counted, weigh
from archwright.report.words import plural
from archwright.train import remember
from archwright.train.fit import Batches, Plan
from archwright.train.plan import Measured, device, settled, worth_trying
from archwright.train.recipe import Recipe, default_recipe
from archwright.train.symmetry import mirrored

TRIALS = 20
"""A search is planned for about so many trials, if a trial can be made that short."""

RUNGS_TRIALS = 40
"""The same where most trials are shorter than the longest, so that some get to the highest rung."""

UNTIMED_FIDELITY = 0.25
"""Without a budget, a trial is trained for this share of the full recipe."""

SHORTEST_TRIAL, FEWEST_STEPS, OVERHEAD = 0.3, 60, 0.25
"""What a trial trains at the least, in seconds and in steps: with less a network learns nothing
that can be compared. Seconds that measuring and storing one takes beside."""

ABOVE_DEFAULT = 1.5
"""What an average candidate costs, relative to the default network, unless time limits it."""

MOST_WORKERS, WEIGHTS_ROOM = 8, 64e6
"""So many workers at most unless asked for: each needs some 450 MB, and while many networks are
under way a strategy knows little. Bytes of shared memory that are left free for each of them."""

MIRROR_SHARE = 0.02
"""Of the budget, at most, for finding out whether images may be flipped, and as much for whether
folds are to be trained at once."""

LEAST_SEARCH, MOST_SEARCH = 0.25, 0.8
"""The search gets this share of the time at the least, however long the full recipe would take, and
is planned to have no more than the latter, however short that is."""

STEP_SLACK = 1.2
"""A trial may take so much longer for its steps than was measured, since others run beside it."""

ALONE, COORDINATOR, WORKER, RECORD = 170e6, 50e6, 55e6, 0.1e6
"""Bytes: what training adds to this process; or what it needs beside workers, and each of them;
what is known of each trial. The server that workers are forked from is running already. Measured
on digits, Adult, MNIST, CIFAR-10."""

TRAININGS = 3.0
"""Full trainings of the default network that the end of a run is given, if there is time."""

SPANS = ("step_limit", "search_seconds")
"""Fields that may be endless, for which JSON has no word."""

MOST_COST, FREE_MACS = 2.5, 1e6
"""A candidate may cost so many times the default network; below these MACs cost is no matter."""


@dataclass(frozen=True)
class Setup:
    """How every trial of a run is trained; stored with the study, so that resuming keeps it.

    Args:
        default: The hand-made default network.
        workers: Trials at once.
        fidelity: Share of the recipe that a trial trains for at most.
        first: Share that the very first trial trains for, so that a model is soon on disk.
        step_seconds: One training step of the default network on this machine.
        step_limit: Seconds for a step where time will cut the final training short: then networks
            are compared after equal time, since that is what the best will be given.
        most_macs: Candidates above are refused.
        trials, memory_gb, disk_mb: The forecast.
    """

    default: Architecture
    workers: int
    recipe: Recipe
    plan: Plan
    fidelity: float
    first: float
    step_seconds: float
    step_limit: float
    most_macs: float
    search_seconds: float
    trials: int
    memory_gb: float
    disk_mb: float

    def to_json(self) -> dict[str, Any]:
        found = asdict(self)
        endless = {name for name in SPANS if math.isinf(found[name])}
        return found | dict.fromkeys(endless) | {"default": self.default.to_json()}

    @staticmethod
    def from_json(stored: Mapping[str, Any]) -> Setup:
        endless = {name: math.inf for name in SPANS if stored[name] is None}
        return Setup(
            **{
                **stored,
                "recipe": Recipe(**stored["recipe"] | {"flips": tuple(stored["recipe"]["flips"])}),
                "plan": Plan(**stored["plan"]),
                **endless,
                "default": Architecture.from_json(stored["default"]),
            }
        )

    def training_seconds(self, rows: int, fidelity: float = 1.0) -> float:
        """Return how long a training on `rows` rows should take."""
        return self.recipe.steps(rows, fidelity) * self.step_seconds

    def scoring_seconds(self, rows: int) -> float:
        """Return how long a trial's predictions for `rows` validation rows should take."""
        forward = self.step_seconds / 3  # a training step is a forward and two backward passes
        return (rows + 3 * min(rows, CURVE_ROWS)) / self.recipe.batch * forward

    @property
    def short(self) -> bool:
        """Whether time will cut the final training short, so that it is what time is kept for."""
        return math.isfinite(self.step_limit)

    def words(self) -> str:
        """Return the forecast as a sentence."""
        spans = "" if math.isinf(self.search_seconds) else f" in {duration(self.search_seconds)}"
        return (
            f"about {plural(self.trials, 'trial')}{spans},"
            f" peak memory {self.memory_gb:.1f} GB, {self.disk_mb:.0f} MB on disk"
        )


def plan_run(
    splits: tuple[Split, ...],
    space: Node,
    starts: Sequence[Architecture],
    options: Options,
    clock: Clock,
    spread: float = 1.0,
) -> Setup:
    """Measure the default network's training step, and divide the time.

    Args:
        splits: What trials train on.
        starts: Known-good ones, of which the default network is one.
        spread: What a trial costs on average, as a share of one of the highest fidelity.
    """
    default = affordable(splits[0], space, starts, options, clock)
    net, batches, recipe = training(splits[0], space, default, options)
    at_once = workers(options, splits, clock.budget)
    if math.isinf(clock.budget):
        measured = settled(net, batches, recipe)
        plan = measured.plan
    else:
        measured = remember.measured(net, batches, recipe, threads(at_once))
        plan = _of_folds(measured, splits, space, default, options)
    costs = counted(net, splits[0].signature.shape)
    seconds = MIRROR_SHARE * clock.budget
    flips = mirrored(net, batches, splits[0].valid, recipe, measured.plan, seconds)
    recipe = replace(recipe, flips=flips)
    untimed = min(1.0, float(f"{UNTIMED_FIDELITY / spread:.2g}"))
    drafted = Setup(
        default=default,
        workers=at_once,
        recipe=recipe,
        plan=plan,
        fidelity=untimed,
        first=untimed,
        step_seconds=measured.seconds,
        step_limit=math.inf,
        most_macs=max(FREE_MACS, MOST_COST * costs["macs"]),
        search_seconds=float("inf"),
        trials=options.trials or 0,
        memory_gb=_memory(splits, at_once, options.isolate, options.trials or 100),
        disk_mb=_disk(costs["params"] + _encoder(splits[0]), options.trials or 100),
    )
    return drafted if math.isinf(clock.budget) else _timed(drafted, splits, options, clock, spread)


def affordable(
    split: Split, space: Node, starts: Sequence[Architecture], options: Options, clock: Clock
) -> Architecture:
    """Return the default network: the first of the starts that there is time to train.

    That is, to show each example once in the time that the final training is given. Without a
    budget it is the first of all; where there is time for none, the cheapest.
    """
    if math.isinf(clock.budget) or len(starts) == 1:
        return starts[0]
    macs = {arch: _macs(space, arch, split) for arch in starts}
    cheapest = min(starts, key=macs.__getitem__)
    net, batches, recipe = training(split, space, cheapest, options)
    step = settled(net, batches, recipe).seconds
    epoch = step * len(split.train) / recipe.batch_for(len(split.train))
    most = (1 - LEAST_SEARCH) * clock.left() / epoch * macs[cheapest]
    return next((arch for arch in starts if macs[arch] <= most), cheapest)


def _macs(space: Node, arch: Architecture, split: Split) -> float:
    return weigh(decode(space, arch), split.signature)["macs"]


def training(
    split: Split, space: Node, start: Architecture, options: Options
) -> tuple[nn.Module, Batches, Recipe]:
    """Return a network as a run would train it, untrained, and with what."""
    rows = len(split.train)
    recipe = default_recipe(split.modality, rows)
    if options.epochs:
        recipe = replace(recipe, epochs=options.epochs)
    net = fresh(space, start, split, options.seed)
    return net, split.batches, recipe


def _of_folds(
    alone: Measured,
    splits: tuple[Split, ...],
    space: Node,
    default: Architecture,
    options: Options,
) -> Plan:
    """Return the plan, and whether it pays to train the networks of all folds at once."""
    if not same_shape(splits):
        return alone.plan
    nets, data, recipe = trainings(splits, space, default, options)
    if not worth_trying(nets, data):
        return alone.plan
    seconds = MIRROR_SHARE * options.budget
    return remember.alike_measured(nets, data, recipe, alone, seconds).plan


def trainings(
    splits: Sequence[Split], space: Node, start: Architecture, options: Options
) -> tuple[list[nn.Module], list[Batches], Recipe]:
    """Return a network for each of some splits of one shape, and with what to train it."""
    made = [training(split, space, start, options) for split in splits]
    nets, data, recipes = zip(*made, strict=True)
    return list(nets), list(data), recipes[0]


def workers(options: Options, splits: tuple[Split, ...], budget: float) -> int:
    """Return how many trials run at once: as asked, or one a core where time is what counts.

    Without a budget, equal commands are to give equal trials, which several workers that wait for
    each other would not. An accelerator is not shared. Workers get the data by shared memory;
    where that has no room for it, as in some containers, there is one.
    """
    if options.workers is not None:
        return options.workers
    if math.isinf(budget) or device().type != "cpu":
        return 1
    data = sum(split.x.untyped_storage().nbytes() for split in splits)
    most = min(remember.cores(), MOST_WORKERS)
    return most if 3 * data + most * WEIGHTS_ROOM < _shared_room() else 1


def _shared_room() -> float:
    """Return the bytes that are free for sharing between processes."""
    folder = Path("/dev/shm")
    return shutil.disk_usage(folder).free if folder.is_dir() else math.inf


def threads(workers: int) -> tuple[int, ...]:
    """Return the thread counts to try: one, and what cores there are for each worker."""
    return tuple(sorted({1, max(1, remember.cores() // workers)}))


def _timed(
    draft: Setup, splits: tuple[Split, ...], options: Options, clock: Clock, spread: float
) -> Setup:
    """Divide what is left of the budget between the search and the final training."""
    rows, left = len(splits[0].train), clock.left()
    full = draft.training_seconds(rows)
    wanted = TRAININGS * full * (1 + len(splits[0].valid) / rows) / min(2, draft.workers)
    short = wanted > (1 - LEAST_SEARCH) * left
    searching = LEAST_SEARCH * left if short else min(left - wanted, MOST_SEARCH * left)
    usual = 1.0 if short else ABOVE_DEFAULT
    beside = OVERHEAD + usual * draft.scoring_seconds(len(splits[0].valid))
    planned = TRIALS if spread == 1 else RUNGS_TRIALS
    least = max(SHORTEST_TRIAL, FEWEST_STEPS * usual * len(splits) * draft.step_seconds)
    each = max(least, searching * draft.workers / planned - len(splits) * beside)
    share = each / (len(splits) * usual * full * spread)
    fidelity = min(1.0, float(f"{share:.2g}"))
    first = clock.first_model_by() - clock.elapsed() - 3.0
    quick = min(fidelity, float(f"{max(first, 0.5) / (len(splits) * full):.2g}"))
    expected = len(splits) * (usual * full * fidelity * spread + beside)
    trials = max(1, int(searching * draft.workers / expected))
    return replace(
        draft,
        fidelity=fidelity,
        first=quick,
        step_limit=STEP_SLACK * draft.step_seconds if short else math.inf,
        search_seconds=searching,
        trials=min(trials, options.trials or trials),
        memory_gb=_memory(splits, draft.workers, options.isolate, trials),
        disk_mb=_disk(draft.most_macs / 50 + _encoder(splits[0]), trials),
    )


def _memory(splits: tuple[Split, ...], workers: int, isolate: bool, trials: int) -> float:
    """Peak memory in GB: what is in use, one more copy of the data, and what works beside."""
    stored = splits[0].x.untyped_storage()
    data = 0 if stored.filename else stored.nbytes()  # what lies in a file is not held in memory
    beside = COORDINATOR + workers * WORKER if workers > 1 or isolate else ALONE
    return float((in_use() + data + beside + RECORD * trials) / 1e9)


def _encoder(split: Split) -> int:
    """Parameters of the pretrained encoder, if there is one."""
    given = split.signature.encoder
    if given is None:
        return 0
    return sum(each.numel() for each in encoder(given, split.x.shape[2]).parameters())


def _disk(params: float, trials: int) -> float:
    """Megabytes: the report with its plots, weights twice, and some kilobytes a trial."""
    return 6.0 + 2 * 4 * params / 1e6 + 0.008 * trials
