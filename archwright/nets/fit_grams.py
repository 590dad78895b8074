"""Fits linear models of texts: a support vector machine, or a ridge."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from archwright.core.truth import goals
from archwright.nets.fit_ridge import sureness
from archwright.nets.ops_encoder import Informed
from archwright.nets.ops_text import Grams

MOST_PLACES = 30_000_000
"""Of the runs of all texts that are fitted on; of more texts some are left out, evenly."""

PIECE, HELD = 256, 5
"""Texts whose runs are found at once; one text in so many tells how sure the answers may be."""

ABSENT = -2.0
"""The margin of a class that no training text has."""

Array = NDArray[Any]


def fit_grams(net: Grams, x: Tensor, y: Tensor, train: Tensor, widths: Sequence[int] = ()) -> None:
    """Fit how rare runs are, the weights and the bias, in place.

    Classes and labels: a linear support vector machine, one against the rest. The margins times a
    factor are the logits; the factor is the best on a fifth of the texts, by a machine that was
    fitted on the others.

    Args:
        x: Texts as numbers, (texts, 9 or more, length).
        y: int64 classes, bool labels, or values.
        train: Rows to fit on.
        widths: Of a multitask, see `core.truth.Truth`.
    """
    train = train[:: -(-len(train) * net.count(x.shape[2]) // MOST_PLACES)]
    found = (table(net, x, train) > 0).sum(0)
    rarity = np.log((1 + len(train)) / (1 + np.asarray(found).ravel())) + 1
    net.rarity.copy_(torch.from_numpy(rarity))
    runs = table(net, x, train)
    if isinstance(net, Informed):
        runs = _beside(net, runs, x, train)
    models = [_linear(net, runs, *one) for one in goals(y[train], widths, net.outputs)]
    weight, bias = (np.concatenate(parts, -1) for parts in zip(*models, strict=True))
    net.weight.copy_(torch.from_numpy(weight[: len(net.weight)]))
    net.bias.copy_(torch.from_numpy(bias))
    if isinstance(net, Informed):
        net.slope.copy_(torch.from_numpy(weight[len(net.weight) :]))


def _beside(net: Informed, runs: Any, x: Tensor, rows: Tensor) -> Any:
    """Fit the middle of the vectors; return runs and vectors beside each other."""
    from scipy import sparse

    vectors = torch.cat([net.encoder(x[some].float()) for some in rows.split(PIECE)])
    net.middle.copy_(vectors.mean(0))
    said = sparse.csr_matrix(net.scaled(vectors).numpy())
    return sparse.hstack([runs, said], format="csr")


def table(net: Grams, x: Tensor, rows: Tensor) -> Any:
    """Return how much each run counts in some texts, a sparse matrix (rows, 2 times buckets)."""
    from scipy import sparse

    parts = []
    for some in rows.split(PIECE):
        places = net.places(x[some])
        at = torch.cat([run for run, _ in places], 1)
        shares = torch.cat([share for _, share in places], 1)
        row, place = shares.nonzero(as_tuple=True)
        entries = (shares[row, place].numpy(), (row.numpy(), at[row, place].numpy()))
        parts.append(sparse.csr_matrix(entries, shape=(len(some), 2 * net.buckets)))
    return sparse.vstack(parts, format="csr")


def _linear(net: Grams, runs: Any, y: Tensor, outputs: int) -> tuple[Array, Array]:
    """Return the weights (features, outputs) and biases of the model that suits a target."""
    goal = y.numpy()
    if y.is_floating_point():
        return _ridge(net, runs, goal, outputs)
    weight, bias = _machine(net, runs, goal, outputs)
    sure = _sureness(net, runs, goal, outputs)
    return sure * weight, sure * bias


def _machine(net: Grams, runs: Any, goal: Array, outputs: int) -> tuple[Array, Array]:
    """Return the weights (features, outputs) and biases of a support vector machine."""
    weight, bias = np.zeros((runs.shape[1], outputs)), np.full(outputs, ABSENT)
    if goal.ndim > 1:
        for label, given in enumerate(goal.T):
            if given.all():
                bias[label] = -ABSENT
            elif given.any():
                model = _fitted(net, runs, given)
                weight[:, label], bias[label] = model.coef_[0], model.intercept_[0]
        return weight, bias
    classes = np.unique(goal)
    if len(classes) == 1:
        bias[classes] = -ABSENT
        return weight, bias
    model = _fitted(net, runs, goal)
    both = len(classes) == 2  # one machine then tells the second from the first
    weight[:, classes] = np.concatenate([-model.coef_, model.coef_]).T if both else model.coef_.T
    bias[classes] = [-model.intercept_[0], model.intercept_[0]] if both else model.intercept_
    return weight, bias


def _fitted(net: Grams, runs: Any, goal: Array) -> Any:
    from sklearn.svm import LinearSVC

    model = LinearSVC(C=net.strength, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # not converged: the weights are as good as the next
        model.fit(runs, goal)
    return model


def _sureness(net: Grams, runs: Any, goal: Array, outputs: int) -> float:
    """Return by what margins are multiplied to be the best logits for texts held out."""
    held = np.random.default_rng(0).permutation(len(goal)) % HELD == 0
    if held.all() or not held.any():
        return 1.0
    weight, bias = _machine(net, runs[~held], goal[~held], outputs)
    answers = torch.from_numpy(runs[held] @ weight + bias)
    return sureness(answers, torch.from_numpy(goal[held]))


def _ridge(net: Grams, runs: Any, goal: Array, outputs: int) -> tuple[Array, Array]:
    from sklearn.linear_model import Ridge

    model = Ridge(alpha=1 / net.strength, solver="sparse_cg").fit(runs, goal)
    return model.coef_.reshape(outputs, -1).T, np.atleast_1d(model.intercept_)
