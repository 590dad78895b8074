"""Fits what is not trained: MiniRocket's biases, and the ridge regression behind it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from archwright.core.truth import goals
from archwright.nets.ops_sequence import Ridge, Rocket

MOST_ROWS = 4000
"""Ridge regression is fitted on at most so many rows: its time grows with their cube."""

ALPHAS = tuple(10 ** (-3 + 0.5 * i) for i in range(15))
FACTORS = tuple(2.0**power for power in range(-1, 7))
PIECE = 300_000
"""Features are worked out for so many rows at once that a map of about so many numbers stays in the
cache of a processor: twice as fast as with all rows at once."""

GOLDEN = (5**0.5 + 1) / 2


def channels(rows: Tensor) -> tuple[Tensor, Tensor]:
    """Return each channel's mean and deviation, (channels, 1), where series have values."""
    known = ~torch.isnan(rows)
    count = known.sum((0, 2)).clamp_min(1)
    mean = rows.nan_to_num(0.0).sum((0, 2)) / count
    apart = torch.where(known, rows - mean.view(-1, 1), torch.zeros(()))
    std = (apart.square().sum((0, 2)) / count).sqrt().clamp_min(1e-6)
    return mean.view(-1, 1), std.view(-1, 1)


def fit_biases(rocket: Rocket, rows: Tensor) -> None:
    """Take the biases from quantiles of what the kernels make of some series each.

    The places of the quantiles follow the golden ratio, as in MiniRocket (arXiv:2012.08791).
    """
    generator = torch.Generator().manual_seed(0)
    some = rows[torch.randint(len(rows), (84,), generator=generator)]
    views, known = rocket.views(some)
    pairs = [(view, dilation) for view in views for dilation in rocket.dilations]
    for i, (view, dilation) in enumerate(pairs):
        each = rocket.filtered(view, known, dilation)
        order, there = torch.randperm(84, generator=generator), known[:, 0, :: rocket.stride]
        for kernel in range(84):
            values = each[order[kernel], kernel][there[order[kernel]]]
            first = 1 + rocket.biases * (84 * i + kernel)
            at = (torch.arange(first, first + rocket.biases, dtype=torch.float64) * GOLDEN) % 1
            rocket.bias[i, kernel] = torch.quantile(values, at.to(values.dtype))


def fit_ridge(
    net: nn.Sequential, x: Tensor, y: Tensor, train: Tensor, widths: Sequence[int] = ()
) -> None:
    """Fit the ridge regression at the end of `net`; how strong it is, leaving one out decides.

    The errors with each row left out are known in closed form, by the eigenvectors of the product
    of features, as in scikit-learn's `RidgeClassifierCV`.

    Args:
        net: Ends with a `Ridge`.
        x: Examples, (examples, channels, length).
        y: int64 classes and bool labels, which become 1 and -1, or values.
        train: Rows to fit on.
        widths: Of a multitask, see `core.truth.Truth`.
    """
    ridge: Ridge = net[-1]  # type: ignore[assignment]
    train = train[:: -(-len(train) // MOST_ROWS)]
    found = features(net[:-1], x, train).double()
    mean, std = found.mean(0), found.std(0, correction=0)
    std = torch.where(std > 1e-8, std, torch.full_like(std, torch.inf))
    scaled = (found - mean) / std
    each = goals(y[train], widths, ridge.outputs)
    goal = torch.cat([_goal(*one) for one in each], 1).double()
    middle = goal.mean(0)
    unit = goal.std(0).clamp_min(1e-12) if y.is_floating_point() else torch.ones_like(middle)
    weight, answers = _strongest(scaled, (goal - middle) / unit)
    weight, answers = unit * weight, unit * answers + middle
    said = answers.split([outputs for _, outputs in each], 1)
    sure = torch.cat([_sure(*pair[0], pair[1]) for pair in zip(each, said, strict=True)])
    weight = weight / std.view(-1, 1)
    ridge.weight.copy_((sure * weight).T)
    ridge.bias.copy_(sure * (middle - mean @ weight))


def _sure(y: Tensor, outputs: int, answers: Tensor) -> Tensor:
    """Return by what each output is multiplied: values by 1."""
    return torch.full((outputs,), 1.0 if y.is_floating_point() else sureness(answers, y))


def _goal(y: Tensor, outputs: int) -> Tensor:
    """Return what the outputs are to be, (rows, outputs)."""
    if y.is_floating_point():
        return y.reshape(-1, outputs)
    return (y if y.dtype == torch.bool else functional.one_hot(y, outputs)) * 2.0 - 1


def features(body: nn.Module, x: Tensor, rows: Tensor) -> Tensor:
    """Return what `body` makes of some rows, a few at a time."""
    few = max(1, PIECE // (84 * x.shape[-1]))
    return torch.cat([body(x[part].float()) for part in rows.split(few)])


def _strongest(scaled: Tensor, goal: Tensor) -> tuple[Tensor, Tensor]:
    """Return weights, and the answers for each row by the others, of the best penalty.

    Both the features and the goal have mean 0; the constant direction, which the free intercept
    takes, is left out of the inverse.
    """
    product = scaled @ scaled.T
    values, vectors = torch.linalg.eigh(product + product.trace())  # the constant is the last
    best = torch.inf
    for alpha in ALPHAS:
        inverse = 1 / (values.clamp_min(0) + alpha)
        inverse[-1] = 0
        parts = (vectors * inverse) @ (vectors.T @ goal)
        apart = parts / ((vectors**2) @ inverse).clamp_min(1e-12).view(-1, 1)
        error = float(apart.square().mean())
        if error < best:
            best, weight, answers = error, scaled.T @ parts, goal - apart
    return weight, answers


def sureness(answers: Tensor, y: Tensor) -> float:
    """Return by what the answers are multiplied to be the best logits.

    One more row of each class is thought to be answered wrongly, by Laplace's rule: that all of a
    few are right makes nothing certain.

    Args:
        answers: (rows, classes) or (rows, labels).
        y: int64 classes or bool labels.
    """
    doubt = answers.shape[1] / (len(y) + answers.shape[1])

    def loss(factor: float) -> float:
        if y.dtype == torch.bool:
            softened = y * (1 - doubt) + doubt / 2
            found = functional.binary_cross_entropy_with_logits(factor * answers, softened)
        else:
            found = functional.cross_entropy(factor * answers, y, label_smoothing=doubt)
        return float(found)

    return min(FACTORS, key=loss)
