"""Building blocks for forecasts; the rules of `ops_common` hold here too.

A window comes as (channels, length): the series that is forecast, what is known beside it, and the
calendar, which is the horizon ahead. Before the beginning of a series it is NaN. What comes out is
the next values of the series, (horizon,), on the scale of the window.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class Outlook(nn.Module):
    """Looks back a while, on the window's own scale, and brings the forecast back to that of data.

    Every series goes through the same network by itself, as in DLinear (arXiv:2205.13504) and
    PatchTST (arXiv:2211.14730).

    Args:
        look: So many last steps are seen.
        norm: What is subtracted: `last`, the last value (NLinear, arXiv:2205.13504); `mean`, that
            of the window; `std`, the mean, and then divided by the deviation (RevIN, Kim et al.,
            ICLR 2022, without its learnt scale); `none`, nothing.
        body: From (channels, look), those of the calendar left out, to (horizon,).
        calendar: From the calendar of a step ahead to what it adds; nothing where it is not asked.
        ahead: Channels of the calendar; they come last.
    """

    def __init__(
        self,
        look: int,
        norm: str,
        body: nn.Module,
        calendar: nn.Module,
        ahead: int,
        horizon: int,
    ) -> None:
        super().__init__()
        self.look = look
        self.norm = norm
        self.body = body
        self.calendar = calendar
        self.ahead = ahead
        self.horizon = horizon

    def forward(self, x: Tensor) -> Tensor:
        last = x.shape[1] - self.ahead
        seen = x[:, :last, -self.look :]
        known = ~torch.isnan(seen)
        filled = torch.where(known, seen, torch.zeros_like(seen))
        own, there = filled[:, :1], known[:, :1]
        level, spread = self.scale(own, there)
        value = torch.where(there, (own - level) / spread, torch.zeros_like(own))
        y: Tensor = self.body(torch.cat([value, filled[:, 1:]], 1))
        if not isinstance(self.calendar, nn.Identity):
            days = x[:, last:, -self.horizon :].transpose(1, 2)
            y = y + self.calendar(days)[:, :, 0]
        return y * spread[:, 0] + level[:, 0]

    def scale(self, own: Tensor, there: Tensor) -> tuple[Tensor, Tensor]:
        """Return what is subtracted from a window, and by what it is divided, (rows, 1, 1) each."""
        one = torch.ones_like(own[:, :, :1])
        if self.norm == "none":
            return 0.0 * one, one
        if self.norm == "last":
            return own[:, :, -1:], one
        count = there.sum(2, keepdim=True).clamp_min(1)
        mean = own.sum(2, keepdim=True) / count
        if self.norm == "mean":
            return mean, one
        apart = torch.where(there, own - mean, torch.zeros_like(own))
        return mean, (apart.square().sum(2, keepdim=True) / count + 1e-4).sqrt()


def quiet(inside: int, outside: int) -> nn.Linear:
    """Return dense output that says 0 before it is trained, so that a forecast starts level.

    Without a bias, which would be a drift that all series share.
    """
    layer = nn.Linear(inside, outside, bias=False)
    nn.init.zeros_(layer.weight)
    return layer


class Linear(nn.Module):
    """One dense layer from the steps of a series to those ahead, or one for trend and one for rest.

    DLinear (arXiv:2205.13504); without a kernel, its plain linear model. Where we differ: there is
    no bias.

    Args:
        kernel: Steps that a trend is averaged over, odd; 1 for no trend.
    """

    def __init__(self, look: int, kernel: int, horizon: int) -> None:
        super().__init__()
        self.look = look
        self.kernel = kernel
        self.horizon = horizon
        self.rest = quiet(look, horizon)
        self.trend = quiet(look, horizon) if kernel > 1 else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        own = x[:, 0]
        if self.kernel == 1:
            return torch.as_tensor(self.rest(own))
        half = self.kernel // 2
        wide = [own[:, :1].expand(-1, half + 1), own, own[:, -1:].expand(-1, half)]
        sums = torch.cat(wide, 1).cumsum(1)  # three times as fast as pooling on a CPU
        trend = (sums[:, self.kernel :] - sums[:, : -self.kernel]) / self.kernel
        return torch.as_tensor(self.rest(own - trend) + self.trend(trend))


class Patched(nn.Module):
    """Cuts a window into patches, works on these, and forecasts from all of them together.

    PatchTST (arXiv:2211.14730), with any body. Where we differ: patches do not overlap, which
    halves their number. Reshaping cuts them 30 times as fast on a CPU as a convolution would.

    Args:
        patch: Steps of a patch.
        body: Keeps (width, patches).
        head: From all of them, (width x patches,), to (horizon,).
    """

    def __init__(
        self, channels: int, look: int, patch: int, width: int, body: nn.Module, head: nn.Module
    ) -> None:
        super().__init__()
        self.channels = channels
        self.look = look
        self.patch = patch
        self.width = width
        self.cut = nn.Linear(channels * patch, width)
        self.body = body
        self.head = head

    def forward(self, x: Tensor) -> Tensor:
        whole = functional.pad(x, (-self.look % self.patch, 0))
        parts = whole.reshape(-1, self.channels, patches(self.look, self.patch), self.patch)
        cut = self.cut(parts.transpose(1, 2).flatten(2))
        y: Tensor = self.head(self.body(cut.transpose(1, 2)).flatten(1))
        return y


def patches(look: int, patch: int) -> int:
    """Return how many patches a window is cut into; the first may begin before it."""
    return -(-look // patch)


class Mixer(nn.Module):
    """Dense layers over the patches and over the width, in turn, each with a way round it.

    TSMixer (arXiv:2303.06053), over patches (arXiv:2306.09364) where it mixes steps of time.
    """

    def __init__(self, width: int, length: int, layers: int, dropout: float) -> None:
        super().__init__()
        self.width = width
        self.length = length
        self.layers = layers
        self.dropout = dropout
        self.norms = nn.ModuleList([nn.LayerNorm(width) for _ in range(2 * layers)])
        self.along = nn.ModuleList([nn.Linear(length, length) for _ in range(layers)])
        self.wide = nn.ModuleList([nn.Linear(width, 2 * width) for _ in range(layers)])
        self.narrow = nn.ModuleList([nn.Linear(2 * width, width) for _ in range(layers)])

    def forward(self, x: Tensor) -> Tensor:
        y = x.transpose(1, 2)
        for i in range(self.layers):
            mixed = functional.gelu(self.along[i](self.norms[2 * i](y).transpose(1, 2)))
            y = y + functional.dropout(mixed, self.dropout, self.training).transpose(1, 2)
            inner = functional.gelu(self.wide[i](self.norms[2 * i + 1](y)))
            y = y + functional.dropout(self.narrow[i](inner), self.dropout, self.training)
        return y.transpose(1, 2)


class Ladder(nn.Module):
    """Dense blocks that see the window ever more finely, and say ever faster parts of what comes.

    N-HiTS (arXiv:2201.12886): each block pools what is left of the window, tells a few knots of it
    and of the forecast, and lines are drawn between them; what is told of the window is taken away
    for the next block. Where we differ: other channels are pooled and seen by each block.

    Args:
        rates: Steps that are pooled into one, and a knot of the forecast for as many, by block.
    """

    def __init__(
        self,
        channels: int,
        look: int,
        horizon: int,
        rates: tuple[int, ...],
        width: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.channels = channels
        self.look = look
        self.horizon = horizon
        self.rates = rates
        self.width = width
        self.dropout = dropout
        sizes = [(knots(look, rate), knots(horizon, rate)) for rate in rates]
        self.inner = nn.ModuleList([nn.Linear(channels * past, width) for past, _ in sizes])
        self.outer = nn.ModuleList([quiet(width, past + future) for past, future in sizes])

    def forward(self, x: Tensor) -> Tensor:
        left, beside = x[:, :1], x[:, 1:]
        total = torch.zeros_like(x[:, 0, :1])
        for inner, outer, rate in zip(self.inner, self.outer, self.rates, strict=True):
            seen = torch.cat([left, beside], 1)
            seen = functional.max_pool1d(seen, rate, ceil_mode=True) if rate > 1 else seen
            hidden = functional.dropout(inner(seen.flatten(1)).relu(), self.dropout, self.training)
            told = outer(hidden)
            past = knots(self.look, rate)
            left = left - stretched(told[:, :past], self.look)[:, None]
            total = total + stretched(told[:, past:], self.horizon)
        return total


def knots(steps: int, rate: int) -> int:
    """Return how many knots tell so many steps."""
    return max(1, -(-steps // rate))


def stretched(values: Tensor, steps: int) -> Tensor:
    """Return (rows, steps): lines between values that are evenly spread over them."""
    if values.shape[1] == steps:
        return values
    return functional.interpolate(values[:, None], size=steps, mode="linear")[:, 0]


class Sum(nn.Module):
    """Adds what several networks forecast."""

    def __init__(self, parts: nn.ModuleList) -> None:
        super().__init__()
        self.parts = parts

    def forward(self, x: Tensor) -> Tensor:
        return torch.stack([part(x) for part in self.parts]).sum(0)
