"""Building blocks for sound; the rules of `ops_common` hold here too.

A clip comes as samples, (1, samples), whole numbers of 16 bits; past its end it is silent.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

QUIET = 1e-3
"""What power counts at least, of samples with deviation 1 in training."""


def loud(x: Tensor, scale: Tensor, own: bool) -> Tensor:
    """Return clips with about deviation 1: all by one `scale`, or each by its own.

    The silence behind a clip, which is exactly 0, says nothing of how loud it is.
    """
    if own:
        heard = (x != 0).to(x.dtype).sum(2, keepdim=True).clamp_min(1)
        return x / (x.square().sum(2, keepdim=True) / heard).sqrt().clamp_min(1.0)
    return x / scale


def moved(x: Tensor, most: float) -> Tensor:
    """Return clips (rows, 1, samples), each begun earlier or later by up to a share of its length.

    What is moved in is silence.
    """
    length = x.shape[2]
    reach = int(most * length)
    starts = torch.randint(0, 2 * reach + 1, (len(x), 1), device=x.device)
    at = starts + torch.arange(length, device=x.device)
    return functional.pad(x, (reach, reach))[:, 0].gather(1, at).unsqueeze(1)


def masked(x: Tensor, most: float) -> Tensor:
    """Return spectrograms (rows, 1, bands, frames) with a band and a time left out each.

    SpecAugment (arXiv:1904.08779) without its warping of time; what is left out is 0, the mean.

    Args:
        most: The share of bands, and of frames, that is left out at most.
    """
    for axis in (2, 3):
        size = x.shape[axis]
        wide = torch.rand(len(x), 1, device=x.device) * most * size
        first = torch.rand(len(x), 1, device=x.device) * (size - wide)
        at = torch.arange(size, device=x.device)
        kept = ((at < first) | (at >= first + wide)).to(x.dtype)
        x = x * (kept[:, None, :, None] if axis == 2 else kept[:, None, None, :])
    return x


class LogMel(nn.Module):
    """The logarithm of the power of bands that are as wide as the ear's (mel scale), over time.

    Each band is brought to mean 0 and deviation 1, as measured on training clips.

    Args:
        rate: Samples a second.
        bands: How many.
        hop, window: Samples from frame to frame, and of a frame.
        own: Bring each clip to the same loudness first.
        shift: By which share of their length clips are moved in training, at most.
        mask: Which share of bands and of frames is left out in training, at most.
    """

    scale: Tensor
    mean: Tensor
    std: Tensor
    waves: Tensor
    filters: Tensor

    def __init__(
        self, rate: int, bands: int, hop: int, window: int, own: bool, shift: float, mask: float
    ) -> None:
        super().__init__()
        self.rate = rate
        self.bands = bands
        self.hop = hop
        self.window = window
        self.own = own
        self.shift = shift
        self.mask = mask
        self.register_buffer("scale", torch.ones(()))
        self.register_buffer("mean", torch.zeros(bands, 1))
        self.register_buffer("std", torch.ones(bands, 1))
        bins = window // 2 + 1
        at = torch.arange(window) * torch.arange(bins).unsqueeze(1) * (2 * math.pi / window)
        waves = torch.cat([at.cos(), at.sin()]) * torch.hann_window(window) / window**0.5
        self.register_buffer("waves", waves.unsqueeze(1), persistent=False)
        highest = 2595 * math.log10(1 + rate / 1400)
        edges = 700 * (10 ** (torch.linspace(0, highest, bands + 2) / 2595) - 1)
        low, middle, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
        frequency = torch.arange(bins) * (rate / window)
        rising, falling = (frequency - low) / (middle - low), (high - frequency) / (high - middle)
        filters = torch.minimum(rising, falling).clamp_min(0)
        self.register_buffer("filters", filters.unsqueeze(2), persistent=False)

    def spectrogram(self, x: Tensor) -> Tensor:
        """Return the bands before they are standardised, (rows, bands, frames)."""
        x = loud(x, self.scale, self.own)
        made = functional.conv1d(x, self.waves, stride=self.hop, padding=self.window // 2)
        real, imaginary = made.chunk(2, 1)
        power = real.square() + imaginary.square()
        return functional.conv1d(power, self.filters).clamp_min(QUIET).log()

    def forward(self, x: Tensor) -> Tensor:
        if self.training and self.shift:
            x = moved(x, self.shift)
        y = ((self.spectrogram(x) - self.mean) / self.std).unsqueeze(1)
        return masked(y, self.mask) if self.training and self.mask else y


class Wave(nn.Module):
    """The samples themselves, at the loudness of training clips; `own` and `shift` as `LogMel`."""

    scale: Tensor

    def __init__(self, own: bool, shift: float) -> None:
        super().__init__()
        self.own = own
        self.shift = shift
        self.register_buffer("scale", torch.ones(()))

    def forward(self, x: Tensor) -> Tensor:
        if self.training and self.shift:
            x = moved(x, self.shift)
        return loud(x, self.scale, self.own)


class Broadcast(nn.Module):
    """A block of BC-ResNet (arXiv:2106.04140): two dimensions for bands, one for time.

    Where we differ: plain batch normalisation stands for that of sub-bands.

    Args:
        inside, outside: Channels; where they differ, nothing is added around the block.
        stride: Of the bands.
        dilation: Of the frames that the convolution in time sees.
    """

    def __init__(
        self, inside: int, outside: int, stride: int, dilation: int, dropout: float
    ) -> None:
        super().__init__()
        self.inside = inside
        self.outside = outside
        self.stride = stride
        self.dilation = dilation
        self.dropout = dropout
        widening = [nn.Conv2d(inside, outside, 1, bias=False), nn.BatchNorm2d(outside), nn.ReLU()]
        self.wide = nn.Sequential(*(widening if inside != outside else []))
        self.frequency = nn.Sequential(
            nn.Conv2d(outside, outside, (3, 1), (stride, 1), (1, 0), groups=outside, bias=False),
            nn.BatchNorm2d(outside),
        )
        around, apart = (0, dilation), (1, dilation)
        self.time = nn.Sequential(
            nn.Conv2d(outside, outside, (1, 3), 1, around, apart, outside, bias=False),
            nn.BatchNorm2d(outside),
            nn.SiLU(),
            nn.Conv2d(outside, outside, 1, bias=False),
            nn.Dropout2d(dropout),
        )

    def forward(self, x: Tensor) -> Tensor:
        y = self.frequency(self.wide(x))
        both = y + self.time(y.mean(2, keepdim=True))
        return torch.relu(x + both if self.inside == self.outside and self.stride == 1 else both)


class Overall(nn.Module):
    """One number a channel, from all bands and frames: their `mean`, `max`, or `both`."""

    def __init__(self, pooling: str) -> None:
        super().__init__()
        self.pooling = pooling

    def forward(self, x: Tensor) -> Tensor:
        y = x.flatten(2)
        parts = []
        if self.pooling != "max":
            parts.append(y.mean(2))
        if self.pooling != "mean":
            parts.append(y.amax(2))
        return torch.cat(parts, 1)
