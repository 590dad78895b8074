"""From a task to preprocessed tensors: one split, one per fold, or all that is not test."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from archwright import registry
from archwright.data.task import Rows, Task
from archwright.errors import DataError
from archwright.evaluators.train import Split
from archwright.nets import fit
from archwright.nets.fit import Inputs
from archwright.nets.site import Signature

Spec = dict[str, Any]


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
    spec = fit.target(task.target_name, task.kind, task.classes, task.outcomes)
    spec |= inputs.fit(task.inputs, train, task.about)
    signature = Signature(
        shape=inputs.shape(spec),
        outputs=task.outputs,
        kind=task.kind,
        **inputs.more(spec),
    )
    target = task.target
    if task.kind == "regression":
        target = target.astype(np.float32, copy=False)
    x = _tensor(inputs.array(task.inputs, spec))
    y, training, held = map(torch.from_numpy, (target, train, valid))
    return Split(signature, x, y, training, held, task.modality, task.unit), spec


def _tensor(array: NDArray[Any]) -> Tensor:
    """Return an array as a tensor on the same memory, or the same file where it lies in one."""
    file = getattr(array, "filename", None)
    if file is None or array.nbytes != os.path.getsize(file):
        return torch.from_numpy(array)
    kind = torch.from_numpy(array[:0]).dtype
    return torch.from_file(str(file), shared=True, size=array.size, dtype=kind).view(array.shape)
