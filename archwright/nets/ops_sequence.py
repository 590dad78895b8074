"""Building blocks for series; the rules of `ops_common` hold here too.

A series comes as (channels, length); where it has no value any more, past its end, it is NaN.
"""

from __future__ import annotations

from itertools import combinations

import torch
from torch import Tensor, nn
from torch.nn import functional

TAPS = 9
"""The length of a MiniRocket kernel; three of its weights are 2, the others -1."""

BAND = 0.03
"""Deviations of a series, around a bias of MiniRocket, in which a kernel is above it in part."""


def standardised(x: Tensor, mean: Tensor, std: Tensor, own: bool) -> tuple[Tensor, Tensor]:
    """Return series of mean 0 and deviation 1, 0 past their end, and which times they have.

    Args:
        x: (rows, channels, length), NaN past the end.
        mean, std: Of each channel of the training series, (channels, 1).
        own: Take each series' own mean and deviation instead.

    Returns:
        (rows, channels, length), and (rows, 1, length) of booleans.
    """
    known = ~torch.isnan(x)
    filled = torch.where(known, x, torch.zeros_like(x))
    if own:
        count = known.sum(2, keepdim=True).clamp_min(1)
        mean = filled.sum(2, keepdim=True) / count
        apart = torch.where(known, filled - mean, torch.zeros_like(x))
        std = (apart.square().sum(2, keepdim=True) / count).sqrt().clamp_min(1e-6)
    scaled = (filled - mean) / std
    return torch.where(known, scaled, torch.zeros_like(x)), known.any(1, keepdim=True)


class Series(nn.Module):
    """Standardises series, and pools what `body` makes of them over the time that they have.

    Args:
        channels: Of a series.
        own: Standardise each series by itself, not by the training series.
        down: So many steps are averaged into one before the body, which keeps the length.
        pooling: `mean`, `max` or `both` over time.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, channels: int, own: bool, down: int, body: nn.Module, pooling: str) -> None:
        super().__init__()
        self.channels = channels
        self.own = own
        self.down = down
        self.body = body
        self.pooling = pooling
        self.register_buffer("mean", torch.zeros(channels, 1))
        self.register_buffer("std", torch.ones(channels, 1))

    def forward(self, x: Tensor) -> Tensor:
        x, known = standardised(x, self.mean, self.std, self.own)
        if self.down > 1:
            x = functional.avg_pool1d(x, self.down, ceil_mode=True)
            known = known[:, :, :: self.down]
        y = self.body(x)
        pooled = []
        if self.pooling != "max":
            share = known.to(y.dtype)
            pooled.append((y * share).sum(2) / share.sum(2).clamp_min(1))
        if self.pooling != "mean":
            pooled.append(torch.where(known, y, torch.full_like(y, -1e4)).amax(2))
        return torch.cat(pooled, 1)


class Parallel(nn.Module):
    """Gives what several branches make of the same series, side by side (arXiv:1909.04939)."""

    def __init__(self, branches: nn.ModuleList) -> None:
        super().__init__()
        self.branches = branches

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([branch(x) for branch in self.branches], 1)


class Crafted(nn.Module):
    """Filters made by hand, that are not trained: rises, falls and peaks of several lengths.

    The custom filters of LITE (arXiv:2409.02869), each over the sum of the channels, and of odd
    lengths, so that the length stays.
    """

    weight: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels
        filters = torch.zeros(15, channels, 33)
        for i, reach in enumerate((1, 2, 4, 8, 16)):
            at = torch.arange(-reach, reach + 1)
            rise = torch.sign(at) / reach
            peak = torch.where(at.abs() <= reach // 2, 2.0, -1.0)
            shapes = torch.stack([rise, -rise, (peak - peak.mean()) / reach])
            filters[3 * i : 3 * i + 3, :, 16 - reach : 17 + reach] = shapes.unsqueeze(1)
        self.register_buffer("weight", filters)

    def forward(self, x: Tensor) -> Tensor:
        return functional.conv1d(x, self.weight, padding=16).relu()


class Recurrent(nn.Module):
    """Gated recurrent units (arXiv:1406.1078), read in the order of time."""

    def __init__(self, channels: int, width: int, layers: int) -> None:
        super().__init__()
        self.channels = channels
        self.width = width
        self.layers = layers
        self.units = nn.GRU(channels, width, layers, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        states: Tensor = self.units(x.transpose(1, 2))[0]
        return states.transpose(1, 2)


class Rocket(nn.Module):
    """MiniRocket (arXiv:2012.08791): 84 fixed kernels, dilated, and how often each is above a bias.

    `prepare` takes the biases from quantiles of what the kernels make of training series. Where we
    differ: every dilation has as many biases; every kernel is padded, reads some channels (chosen
    by its number) of a series of several, and is looked at only every `stride` steps; what is above
    a bias by less than half of `BAND`, or below it, counts in part, so that rounding, which differs
    from one machine or batch to another, does not matter where a series stands still at a bias.

    Args:
        dilations: Steps between the taps of a kernel.
        biases: Of each kernel at each dilation.
        stride: Steps between two places where kernels are looked at, for long series.
        changes: Look at the change from step to step as well (MultiRocket, arXiv:2102.00457).
    """

    mean: Tensor
    std: Tensor
    weight: Tensor
    bias: Tensor

    def __init__(
        self,
        channels: int,
        own: bool,
        dilations: tuple[int, ...],
        biases: int,
        stride: int,
        changes: bool,
    ) -> None:
        super().__init__()
        self.channels = channels
        self.own = own
        self.dilations = dilations
        self.biases = biases
        self.stride = stride
        self.changes = changes
        self.register_buffer("mean", torch.zeros(channels, 1))
        self.register_buffer("std", torch.ones(channels, 1))
        self.register_buffer("weight", rocket_kernels(channels))
        views = len(dilations) * (2 if changes else 1)
        self.register_buffer("bias", torch.zeros(views, 84, biases))

    def views(self, x: Tensor) -> tuple[list[Tensor], Tensor]:
        """Return the standardised series, and its changes if wanted, and the known times."""
        x, known = standardised(x, self.mean, self.std, self.own)
        if not self.changes:
            return [x], known
        change = (x[:, :, 1:] - x[:, :, :-1]) * known[:, :, 1:]  # none from the end to the padding
        return [x, functional.pad(change, (0, 1))], known

    def filtered(self, view: Tensor, known: Tensor, dilation: int) -> Tensor:
        """Return what the kernels make of a view, (rows, 84, places), far below 0 past its end.

        As a product of matrices, which is twice as fast as torch's dilated convolution on a CPU.
        """
        length, padded = view.shape[2], functional.pad(view, (4 * dilation, 4 * dilation))
        starts = [k * dilation for k in range(TAPS)]
        shifted = [padded[:, :, k : k + length : self.stride] for k in starts]
        below = (~known[:, :, :: self.stride]).to(view.dtype) * -1e30
        taps = torch.cat([torch.stack(shifted, 2).flatten(1, 2), below], 1)
        return torch.matmul(self.weight, taps)

    def forward(self, x: Tensor) -> Tensor:
        views, known = self.views(x)
        places = known[:, :, :: self.stride].sum(2).to(x.dtype).clamp_min(1)
        shares = []
        for i, view in enumerate(views):
            for k, dilation in enumerate(self.dilations):
                made = self.filtered(view, known, dilation) / BAND
                low = self.bias[i * len(self.dilations) + k] / BAND - 0.5
                for n in range(self.biases):
                    above = (made - low[:, n].view(1, 84, 1)).clamp(0, 1)
                    shares.append(above.sum(2) / places)
        return torch.cat(shares, 1)


def rocket_kernels(channels: int) -> Tensor:
    """Return the kernels of MiniRocket, (84, 9 times channels + 1), each reading some channels.

    The last weight is for what keeps the padding out. They are drawn, and so need a real device.
    """
    with torch.device("cpu"):
        kernels = torch.full((84, 1, TAPS), -1.0)
        for i, taps in enumerate(combinations(range(TAPS), 3)):
            kernels[i, 0, list(taps)] = 2.0
        generator = torch.Generator().manual_seed(0)
        reads = torch.zeros(84, channels, 1)
        for i in range(84):
            most = min(channels, TAPS)
            count = int(2 ** (torch.rand(1, generator=generator) * (most + 1) ** 0.5).item())
            order = torch.randperm(channels, generator=generator)
            reads[i, order[: min(max(1, count), most)]] = 1.0
        return torch.cat([(kernels * reads).flatten(1), torch.ones(84, 1)], 1)


class Ridge(nn.Module):
    """Ridge regression on standardised features, fitted in one go by `prepare`; never trained.

    Classes: its answers times a factor, found with each training row left out, are the logits.

    Args:
        features: How many there are.
        outputs: Classes, or 1 for a value.
    """

    def __init__(self, features: int, outputs: int) -> None:
        super().__init__()
        self.features = features
        self.outputs = outputs
        self.weight = nn.Parameter(torch.zeros(outputs, features), requires_grad=False)
        self.bias = nn.Parameter(torch.zeros(outputs), requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        return functional.linear(x, self.weight, self.bias)
