"""Sets what is fitted of a fresh network from the training examples, and from nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from archwright.nets.fit_edges import fit_edges
from archwright.nets.fit_grams import fit_grams
from archwright.nets.fit_loudness import fit_loudness
from archwright.nets.fit_ridge import channels, fit_biases, fit_ridge
from archwright.nets.ops_audio import LogMel, Wave
from archwright.nets.ops_common import Ranks, Unscale
from archwright.nets.ops_image import Normalise
from archwright.nets.ops_mixed import Encoders
from archwright.nets.ops_sequence import Ridge, Rocket, Series
from archwright.nets.ops_tabular import Columns, Fields, Pieces, Waves
from archwright.nets.ops_text import Grams

SAMPLE, NUMBERS = 20_000, 1_000_000
"""Statistics are taken of at most so many examples, spread evenly over the training rows, and fewer
where so many numbers are in fewer of them."""


@torch.no_grad()
def prepare(
    net: nn.Module, x: Tensor, y: Tensor, train: Tensor, widths: Sequence[int] = ()
) -> None:
    """Fit normalisation, quantiles, the target's scale, and networks that are not trained.

    Args:
        net: A network as `build` makes it; changed in place.
        x: Examples, (examples, *shape), any number type.
        y: Targets, (examples,) or (examples, several).
        train: Which of them may be looked at, (rows,).
        widths: Of a multitask, see `core.truth.Truth`.
    """
    inside = _encoders(net, x, y, train, widths)
    most = max(1, min(SAMPLE, NUMBERS // max(1, x[0].numel())))
    some, known = train[:: -(-len(train) // most)], y[train]
    rows = x[some].float()
    own = [module for module in net.modules() if module not in inside]
    for module in reversed(own):  # parts before the whole, which may need them
        match module:
            case Columns() | Fields() | Pieces() | Waves() if module.numeric:
                fit_edges(module, rows, y[some])
            case Series() | Rocket():
                mean, std = channels(rows)
                module.mean.copy_(mean)
                module.std.copy_(std)
                if isinstance(module, Rocket):
                    fit_biases(module, rows)
            case nn.Sequential() if len(module) and isinstance(module[-1], Ridge):
                fit_ridge(module, x, y, train, widths)
            case LogMel() | Wave():
                fit_loudness(module, rows)
            case Grams():
                fit_grams(module, x, y, train, widths)
            case Normalise():
                over = (0, 2, 3)
                module.mean.copy_(rows.mean(over).view(-1, 1, 1))
                module.std.copy_(rows.std(over).clamp_min(1e-6).view(-1, 1, 1))
            case Unscale() | Ranks():
                _fit_end(module, known, widths)


def _fit_end(end: Unscale | Ranks, known: Tensor, widths: Sequence[int]) -> None:
    """See to it that a network that says 0 gives the mean, or each class its share of the rows.

    Of a multitask the logits of classes are left as they are.
    """
    if isinstance(end, Unscale):
        starts = torch.tensor((0, *widths)).cumsum(0)[:-1]
        values = torch.tensor(widths) == 1
        at, some = (starts[values], known[:, values]) if widths else (slice(None), known)
        end.mean[at] = some.mean(0)
        end.std[at] = some.std(0).nan_to_num(1.0).clamp_min(1e-6)
        return
    counts = torch.bincount(known, minlength=end.classes) + 1.0
    at = torch.logit(counts.cumsum(0)[:-1] / counts.sum())
    end.first.copy_(at[:1])
    end.steps.copy_((at.diff() - Ranks.least).clamp_min(1e-3).expm1().log())


def _encoders(
    net: nn.Module, x: Tensor, y: Tensor, train: Tensor, widths: Sequence[int]
) -> set[nn.Module]:
    """Prepare encoders, networks of their own which see one input each; return what is in them."""
    inside = set[nn.Module]()
    for module in net.modules():
        if isinstance(module, Encoders):
            for encoder, part in zip(module.encoders, module.parts(x), strict=True):
                prepare(encoder, part, y, train, widths)
                inside |= set(encoder.modules())
    return inside
