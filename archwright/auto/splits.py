"""From a task to preprocessed tensors: one split, one per fold, or all that is not test."""

from __future__ import annotations

import math
import os
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from archwright import registry
from archwright.clock import Clock, duration
from archwright.data.task import Rows, Task
from archwright.errors import BudgetError, DataError
from archwright.evaluators.train import Split
from archwright.nets import fit, vectors
from archwright.nets.fit import Inputs
from archwright.nets.site import Pretrained, Signature
from archwright.train.remember import cores

Spec = dict[str, Any]

SAMPLE = 128
"""Texts that a pretrained encoder reads to tell how long it takes."""

ENCODER_SHARE = 0.3
"""Of the time there is, that reading all texts may take it."""


def holdout(task: Task) -> tuple[Split, Spec]:
    """Return the split that a search looks at, its preprocessing fitted on training rows only."""
    return make(task, task.splits.train, task.splits.validation)


def folds(task: Task, count: int, seed: int) -> list[tuple[Split, Spec]]:
    """Return `count` splits of everything but the test rows; each row validates once.

    Raises:
        DataError: there are fewer rows than folds.
    """
    from sklearn.model_selection import KFold, StratifiedKFold

    if task.modality == "forecast":
        raise DataError(
            "--folds: windows overlap, and folds of them would tell each other what comes; leave "
            "it out"
        )
    rows = task.splits.development
    if count > len(rows):
        raise DataError(f"--folds {count}: there are only {len(rows)} rows; give fewer folds")
    smallest = min(np.bincount(task.target[rows])) if task.classes else 0
    kind = StratifiedKFold if smallest >= count else KFold
    cut = kind(count, shuffle=True, random_state=seed).split(rows, task.target[rows])
    return [make(task, rows[train], rows[valid]) for train, valid in cut]


def final(task: Task) -> tuple[Split, Spec]:
    """Return train and validation together to train on, and the test rows to score on."""
    return make(task, task.splits.development, task.splits.test)


def make(task: Task, train: Rows, valid: Rows) -> tuple[Split, Spec]:
    """Return a split and the preprocessing fitted on its training rows."""
    inputs: Inputs = registry.load(registry.MODALITIES[task.modality].inputs)
    spec = fit.target(task.target_name, task.kind, task.classes, task.outcomes, task.levels)
    spec |= inputs.fit(task.inputs, train, task.about)
    signature = Signature(
        shape=inputs.shape(spec),
        outputs=task.outputs,
        kind=task.kind,
        widths=task.widths,
        **inputs.more(spec),
    )
    target = task.target
    if target.dtype == np.float64:
        target = target.astype(np.float32, copy=False)
    x = _tensor(inputs.array(task.inputs, spec))
    if signature.encoder:
        torch.set_num_threads(cores())
        x = vectors.beside(x, signature.encoder)
    y, training, held = map(torch.from_numpy, (target, train, valid))
    return Split(signature, x, y, training, held, task.modality, task.unit), spec


def refuse_slow_encoder(task: Task, clock: Clock) -> None:
    """Measure how long a pretrained encoder, if there is one, takes to read all texts.

    Raises:
        BudgetError: it is more than its share of the time.
    """
    folder = task.read.get("encoder")
    if not folder or math.isinf(clock.budget):
        return
    some = task.splits.train[:: -(-len(task.splits.train) // SAMPLE)]
    spec = fit.TEXT.fit(task.inputs, some, task.about)
    x = torch.from_numpy(fit.TEXT.array(task.inputs.iloc[some], spec))  # type: ignore[union-attr]
    torch.set_num_threads(cores())
    given: Pretrained = fit.TEXT.more(spec)["encoder"]
    need = vectors.seconds(x, given) * len(task) / len(some)
    if need > ENCODER_SHARE * clock.left():
        raise BudgetError(
            f"encoder {folder}: to read {len(task):,} texts takes it some {duration(need)} on this"
            f" machine; give --budget {math.ceil(need / ENCODER_SHARE / 60)}m or more, a smaller"
            " encoder, or none"
        )


def _tensor(array: NDArray[Any]) -> Tensor:
    """Return an array as a tensor on the same memory, or the same file where it lies in one."""
    file = getattr(array, "filename", None)
    if file is None or array.nbytes != os.path.getsize(file):
        return torch.from_numpy(array)
    kind = torch.from_numpy(array[:0]).dtype
    return torch.from_file(str(file), shared=True, size=array.size, dtype=kind).view(array.shape)
