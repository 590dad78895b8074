"""Makers of the blocks for sound: spectrograms, what reads them, and what reads samples."""

from __future__ import annotations

from torch import nn

from archwright.core.space import Op
from archwright.nets.closing import closed
from archwright.nets.ops_audio import Broadcast, LogMel, Overall, Wave
from archwright.nets.shapes import trace
from archwright.nets.site import Make, Shape, Site

RATE = 16_000
"""Samples a second, where no clip has been heard yet."""

WINDOW = 2.5
"""How much longer a frame is than the step to the next."""

LAYERS, DILATIONS, STRIDES = (1, 1, 2, 2), (1, 2, 4, 8), (1, 2, 2, 1)
"""Of the four groups of blocks in BC-ResNet: how many, and how they look at time and bands."""


def _audio(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """A body between a spectrogram and dense output."""
    rate = site.signature.rate or RATE
    hop = max(1, rate * tree["hop"] // 1000)
    how = (tree["own"], tree["shift"], tree["mask"])
    front = LogMel(rate, tree["bands"], hop, int(WINDOW * hop), *how)
    return _behind(front, tree, shape, site)


def _waveform(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """A body between the samples and dense output."""
    return _behind(Wave(tree["own"], tree["shift"]), tree, shape, site)


def _behind(front: nn.Module, tree: Op, shape: Shape, site: Site) -> nn.Module:
    """Return what makes a clip readable, then the body, pooling and the output."""
    body = site.part(tree["body"], trace(front, shape)[0], "body")
    return closed([front, body, Overall(tree["pooling"])], tree["dropout"], shape, site)


def _over_time(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """What reads a spectrogram as a series, each band a channel of it."""
    series = (shape[0] * shape[1], shape[2])
    return nn.Sequential(nn.Flatten(1, 2), site.part(tree["reader"], series, "reader"))


def _bcresnet(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """BC-ResNet (arXiv:2106.04140), as wide and as deep as is wished."""
    width, dropout = tree["width"], tree["dropout"]
    stem = 2 * width
    parts: list[nn.Module] = [
        nn.Conv2d(shape[0], stem, 5, (2, 1), 2, bias=False),
        *(nn.BatchNorm2d(stem), nn.ReLU()),
    ]
    inside = stem
    for group, (count, dilation, stride) in enumerate(zip(LAYERS, DILATIONS, STRIDES, strict=True)):
        outside = width * (2 + group) // 2
        for i in range(count * tree["blocks"]):
            parts.append(Broadcast(inside, outside, 1 if i else stride, dilation, dropout))
            inside = outside
    parts += [nn.Conv2d(inside, inside, 5, padding=2, groups=inside, bias=False)]
    parts += [nn.Conv2d(inside, 4 * width, 1, bias=False), nn.BatchNorm2d(4 * width), nn.ReLU()]
    return nn.Sequential(*parts)


def _m5(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """Convolutions of samples, ever wider, each pooled by four (M5, arXiv:1610.00087).

    Pooling ends where fewer than four steps are left.
    """
    width, first = tree["width"], tree["first"]
    stride = first // 20
    parts: list[nn.Module] = [
        nn.Conv1d(shape[0], width, first, stride, first // 2, bias=False),
        *(nn.BatchNorm1d(width), nn.ReLU()),
    ]
    length, channels = trace(nn.Sequential(*parts), shape)[0][1], width
    for i in range(tree["layers"]):
        if length >= 4:
            parts.append(nn.MaxPool1d(4))
            length //= 4
        outside = width * 2**i
        parts += [nn.Conv1d(channels, outside, 3, padding=1, bias=False)]
        parts += [nn.BatchNorm1d(outside), nn.ReLU()]
        channels = outside
    return nn.Sequential(*parts)


AUDIO: dict[str, Make] = {
    "audio": _audio,
    "waveform": _waveform,
    "over_time": _over_time,
    "bcresnet": _bcresnet,
    "m5": _m5,
}
