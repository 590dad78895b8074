"""Everything one run works with, in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from archwright.auto.choose import Choice
from archwright.auto.forecast import Setup
from archwright.auto.options import Options
from archwright.clock import Clock
from archwright.core.architecture import Architecture, decode
from archwright.core.problem import Problem
from archwright.data import load
from archwright.data.task import Task
from archwright.evaluators.train import Split, Train
from archwright.nets.build import is_fitted

PATIENCE, TRAINING = 0.15, 0.75
"""Of the time for the search, that one trial may take in any case; of the time that a trial may
take, what its training may: a slower network makes fewer steps, and is compared all the same."""


@dataclass(frozen=True)
class Job:
    """What is searched, how, and until when.

    Args:
        splits: What trials train and validate on: one, or one a fold.
        spec: The preprocessing of the first of them.
        starts: Known-good architectures within the bounds.
        choice: What searches, and why.
    """

    task: Task
    options: Options
    clock: Clock
    problem: Problem
    setup: Setup
    splits: tuple[Split, ...]
    spec: Mapping[str, Any]
    starts: tuple[Architecture, ...]
    choice: Choice

    @property
    def default(self) -> Architecture:
        """The hand-made default network."""
        return self.setup.default

    def fitted(self, arch: Architecture) -> bool:
        """Return whether a network is fitted as it is made, and not trained."""
        return is_fitted(decode(self.problem.space, arch))

    def patience(self) -> float:
        """Return the seconds after which a trial is given up; a budget leaves less room.

        But a share of the search at least: the default network may be a linear one, in no time.
        """
        rows = sum(len(split.train) for split in self.splits)
        usual = self.setup.training_seconds(rows, fidelity=self.setup.fidelity)
        timed = self.clock.budget < float("inf")
        if not timed:
            return 60.0 + 20 * usual
        return 3.0 + max(5 * usual, PATIENCE * self.setup.search_seconds)

    def step_limit(self) -> float:
        """Return the seconds that a trial may take for each of its steps."""
        if self.clock.budget == float("inf"):
            return self.setup.step_limit
        steps = sum(
            self.setup.recipe.steps(len(split.train), self.setup.fidelity) for split in self.splits
        )
        longest = min(self.patience(), max(1.0, self.clock.left()))
        return min(self.setup.step_limit, TRAINING * longest / steps)

    def evaluator(self) -> Train:
        """Return what trains and scores a trial."""
        setup = self.setup
        return Train(
            space=self.problem.space,
            splits=self.splits,
            recipe=setup.recipe,
            plan=setup.plan,
            aim=self.problem.aim,
            bounds=self.problem.bounds,
            seed=self.options.seed,
            step_limit=self.step_limit(),
            limit=self.patience(),
            stop=self.clock.search_over,
        )


def read(data: Any, options: Options) -> Task:
    """Return the task that the data and the options make.

    Raises:
        DataError: the data cannot be read, or do not do.
    """
    return load(
        data,
        options.targets,
        kind=options.kind,
        types=options.types,
        test=options.test,
        split=options.split,
        seed=options.seed,
        modality=options.modality,
        horizon=options.horizon,
        time=options.time,
        series=options.series,
        encoder=options.encoder,
    )
