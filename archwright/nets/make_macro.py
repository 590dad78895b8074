"""Makers of the blocks of macro spaces: stems, inverted residuals, residual and dense blocks.

Each reads `width` (channels that come out) and, where it has one, `stride` from its operation.
"""

from __future__ import annotations

from torch import nn

from archwright.core.space import Op
from archwright.nets.ops_common import ACTIVATIONS, Residual
from archwright.nets.shortcut import shortcut
from archwright.nets.site import Make, Shape, Site


def _conv_block(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """A convolution, batch normalisation and an activation."""
    return nn.Sequential(
        *_convolved(shape[0], tree["width"], tree["kernel"], stride=tree["stride"]),
        ACTIVATIONS[tree["activation"]](),
    )


def _identity(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """What goes in, fitted to `width` and `stride` if there are any."""
    if not tree.params:
        return nn.Identity()
    return shortcut(shape[0], tree["width"], tree["stride"], norm=True)


def _inverted(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """An inverted residual (MobileNetV2, arXiv:1801.04381): widen, filter each channel, narrow.

    The block is residual where it changes no shape. An `expansion` of 1 widens nothing.
    """
    inside, width, stride = shape[0], tree["width"], tree["stride"]
    hidden, parts = inside * tree["expansion"], list[nn.Module]()
    if hidden != inside:
        parts += [*_convolved(inside, hidden, 1), nn.ReLU()]
    parts += [*_convolved(hidden, hidden, tree["kernel"], stride=stride, groups=hidden), nn.ReLU()]
    block = nn.Sequential(*parts, *_convolved(hidden, width, 1))
    return Residual(block, nn.Identity()) if (inside, stride) == (width, 1) else block


def _convolved(
    inside: int, outside: int, kernel: int, *, stride: int = 1, groups: int = 1
) -> list[nn.Module]:
    """A convolution that keeps the sides but for its stride, and batch normalisation."""
    where = {"stride": stride, "padding": kernel // 2, "groups": groups}
    return [nn.Conv2d(inside, outside, kernel, bias=False, **where), nn.BatchNorm2d(outside)]


MACRO: dict[str, Make] = {
    "conv_block": _conv_block,
    "identity": _identity,
    "mb3": _inverted,
    "mb6": _inverted,
}
