"""How this machine trains networks for some data quickest, for people who want to know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from archwright.auto import spaces, splits
from archwright.auto.forecast import threads, training, trainings, workers
from archwright.auto.job import read
from archwright.auto.options import Options
from archwright.data.target import columns_of
from archwright.evaluators.train import same_shape
from archwright.train import remember
from archwright.train.plan import Measured, worth_trying


def plan(
    data: Any, target: str | Sequence[str] | None = None, *, space: Any = None, **rest: Any
) -> Measured:
    """Measure the default network for the data, and remember what was fastest.

    Args:
        data: What `search` takes.
        target: The column to predict, or several; the last one unless named.
        space: What `search` takes; its default network is measured.
        rest: Other fields of `Options`, such as workers, folds, kind and types.

    Raises:
        ArchwrightError: the data or the space do not do.
    """
    options = Options(columns_of(target), budget=1.0, space=spaces.named(space), **rest)
    task = read(data, options)
    split, _ = splits.holdout(task)
    node, starts = spaces.chosen(space, task.modality, split.signature.form)
    net, batches, recipe = training(split, node, starts[0], options)
    at_once = workers(options, (split,), options.budget)
    found = remember.anew(net, batches, recipe, threads(at_once))
    if options.folds < 2:
        return found
    parts = tuple(part for part, _ in splits.folds(task, options.folds, options.seed))
    if not same_shape(parts):
        return found
    nets, data, recipe = trainings(parts, node, starts[0], options)
    if not worth_trying(nets, data):
        return found
    several = remember.alike_anew(nets, data, recipe, found)
    return replace(several, tried=(*found.tried, several.tried[-1]))
