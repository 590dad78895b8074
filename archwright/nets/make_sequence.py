"""Makers of the blocks for series: what stands between a series and the pooling over time.

All of them keep the length, by padding, so that a series may be shorter than a kernel.
"""

from __future__ import annotations

from typing import Any

from torch import nn

from archwright.core.space import Op
from archwright.nets.closing import closed
from archwright.nets.ops_common import ACTIVATIONS, Residual
from archwright.nets.ops_sequence import Crafted, Parallel, Recurrent, Ridge, Rocket, Series
from archwright.nets.site import Make, Shape, Site

MOST_DILATIONS = 32
"""Of MiniRocket's kernels (arXiv:2012.08791)."""


def _series(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """A body between standardised series and dense output."""
    channels, length = shape
    inner = (channels, -(-length // tree["down"]))
    body = site.part(tree["body"], inner, "body")
    front = Series(channels, tree["own"], tree["down"], body, tree["pooling"])
    return closed([front], tree["dropout"], shape, site)


def _rocket(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """MiniRocket and ridge regression."""
    views = 2 if tree["changes"] else 1
    steps = dilations(shape[1], max(1, tree["features"] // (84 * views)))
    biases = max(1, round(tree["features"] / (84 * views * len(steps))))
    stride = max(1, shape[1] // tree["places"])
    rocket = Rocket(shape[0], tree["own"], steps, biases, stride, tree["changes"])
    return nn.Sequential(rocket, Ridge(84 * views * len(steps) * biases, site.signature.outputs))


def dilations(length: int, most: int) -> tuple[int, ...]:
    """Return up to `most` steps between taps, evenly spread over orders of magnitude."""
    longest = max(1.0, (length - 1) / 8)
    count = min(most, MOST_DILATIONS)
    found = {int(longest ** (i / max(1, count - 1))) for i in range(count)}
    return tuple(sorted(found))


def _fcn(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """Convolutions in a row (arXiv:1611.06455)."""
    parts, channels = list[nn.Module](), shape[0]
    for layer in tree["layers"].children:
        parts += convolved(channels, layer["width"], layer["kernel"])
        parts.append(ACTIVATIONS["relu"]())
        channels = layer["width"]
    return nn.Sequential(*parts)


def _resnet(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """Residual blocks of three convolutions with ever shorter kernels (arXiv:1611.06455)."""
    parts, channels, width = list[nn.Module](), shape[0], tree["width"]
    for _ in range(tree["blocks"]):
        kernel = tree["kernel"]
        body = [
            *(*convolved(channels, width, kernel), nn.ReLU()),
            *(*convolved(width, width, odd(kernel // 2)), nn.ReLU()),
            *convolved(width, width, 3),
        ]
        parts += [Residual(nn.Sequential(*body), _around(channels, width)), nn.ReLU()]
        channels = width
    return nn.Sequential(*parts)


def _inception(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """Inception modules, residual in threes (arXiv:1909.04939); kernels are odd here."""
    parts, channels, width = list[nn.Module](), shape[0], tree["width"]
    left = tree["modules"]
    while left:
        group, inside = list[nn.Module](), channels
        for _ in range(min(3, left)):
            group += [_module(channels, width, tree["kernel"]), nn.BatchNorm1d(4 * width)]
            group.append(nn.ReLU())
            channels, left = 4 * width, left - 1
        body = nn.Sequential(*group[:-1])
        parts += [Residual(body, _around(inside, channels)), nn.ReLU()]
    return nn.Sequential(*parts)


def _module(channels: int, width: int, kernel: int) -> nn.Module:
    """Three lengths of kernels behind a bottleneck, and pooling, side by side."""
    narrow = nn.Conv1d(channels, width, 1, bias=False) if channels > width else nn.Identity()
    inside = min(channels, width)
    kernels = (kernel, odd(kernel // 2), odd(kernel // 4))
    branches = [_plain(inside, width, each) for each in kernels]
    pooled = [nn.MaxPool1d(3, stride=1, padding=1), nn.Conv1d(channels, width, 1, bias=False)]
    wide = nn.Sequential(narrow, Parallel(nn.ModuleList(branches)))
    return Parallel(nn.ModuleList([wide, nn.Sequential(*pooled)]))


def _lite(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """Kernels of three lengths beside filters made by hand, then separable ones, ever wider apart.

    LITE (arXiv:2409.02869), with the number of separable layers left open.
    """
    width, kernel = tree["width"], tree["kernel"]
    kernels = (kernel, odd(kernel // 2), odd(kernel // 4))
    first: list[nn.Module] = [_plain(shape[0], width, each) for each in kernels]
    if tree["crafted"]:
        first.append(Crafted(shape[0]))
    channels = 3 * width + (15 if tree["crafted"] else 0)
    parts = [Parallel(nn.ModuleList(first)), nn.BatchNorm1d(channels), nn.ReLU()]
    for i in range(tree["layers"]):
        step = 2 ** (i + 1)
        parts += [
            _plain(channels, channels, odd(kernel // 2), dilation=step, groups=channels),
            nn.Conv1d(channels, width, 1, bias=False),
            *(nn.BatchNorm1d(width), nn.ReLU()),
        ]
        channels = width
    return nn.Sequential(*parts)


def _tcn(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """Residual blocks of dilated convolutions (TCN, arXiv:1803.01271).

    Where we differ: batch normalisation for weight normalisation, and both directions of time are
    looked at, since the whole series is there.
    """
    parts, channels, width = list[nn.Module](), shape[0], tree["width"]
    for i in range(tree["blocks"]):
        body = [
            *(*convolved(channels, width, tree["kernel"], dilation=2**i), nn.ReLU()),
            *convolved(width, width, tree["kernel"], dilation=2**i),
        ]
        parts += [Residual(nn.Sequential(*body), _around(channels, width)), nn.ReLU()]
        channels = width
    return nn.Sequential(*parts)


def odd(kernel: int) -> int:
    """Return the nearest odd length of a kernel that is not shorter, 3 at least."""
    return max(3, kernel + 1 - kernel % 2)


def convolved(inside: int, outside: int, kernel: int, *, dilation: int = 1) -> list[nn.Module]:
    """Return a convolution that keeps the length, and batch normalisation."""
    return [_plain(inside, outside, kernel, dilation=dilation), nn.BatchNorm1d(outside)]


def _plain(inside: int, outside: int, kernel: int, **how: Any) -> nn.Module:
    padding = kernel // 2 * how.get("dilation", 1)
    return nn.Conv1d(inside, outside, kernel, padding=padding, bias=False, **how)


def _around(inside: int, outside: int) -> nn.Module:
    if inside == outside:
        return nn.Identity()
    return nn.Sequential(nn.Conv1d(inside, outside, 1, bias=False), nn.BatchNorm1d(outside))


SEQUENCE: dict[str, Make] = {
    "series": _series,
    "rocket": _rocket,
    "fcn": _fcn,
    "resnet1d": _resnet,
    "inception": _inception,
    "lite": _lite,
    "tcn": _tcn,
    "gru": lambda tree, shape, site: Recurrent(shape[0], tree["width"], tree["layers"]),
}
