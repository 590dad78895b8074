"""Makers of cell spaces: operations on a cell's edges and vertices, and stacks of cells.

An operation here keeps the channels of what goes in. Knows nothing of which cells are good.
"""

from __future__ import annotations

from torch import nn

from archwright.core.space import Op
from archwright.errors import SpaceError
from archwright.nets.ops_common import Residual
from archwright.nets.shapes import trace
from archwright.nets.shortcut import shortcut
from archwright.nets.site import Make, Shape, Site

UNREACHED = (
    "the output cannot depend on the input; put something other than 'none' on a way to the output"
)


def _none(tree: Op, shape: Shape, site: Site) -> nn.Module:
    raise SpaceError(f"{site.path}: {UNREACHED}")


def _relu_conv_bn(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """The convolutions of NAS-Bench-201, such as nor_conv_3x3."""
    return _pre_activated(shape[0], shape[0], kernel=int(tree.name[-1]))


def _pre_activated(inside: int, outside: int, *, kernel: int, stride: int = 1) -> nn.Module:
    """ReLU, convolution, batch normalisation: the order of NAS-Bench-201, NASNet and DARTS."""
    conv = nn.Conv2d(inside, outside, kernel, stride, kernel // 2, bias=False)
    return nn.Sequential(nn.ReLU(), conv, nn.BatchNorm2d(outside))


def _avg_pool(tree: Op, shape: Shape, site: Site) -> nn.Module:
    return nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False)


def _stem(channels: int, width: int, halvings: int) -> nn.Sequential:
    """A convolution, and one more for each time that the image is halved before the cells."""
    parts: list[nn.Module] = []
    for i in range(max(1, halvings)):
        stride = 2 if halvings else 1
        parts += [nn.ReLU()] if i else []
        parts += [nn.Conv2d(channels if i == 0 else width, width, 3, stride, 1, bias=False)]
        parts += [nn.BatchNorm2d(width)]
    return nn.Sequential(*parts)


def _cell_stack(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """Stages of one cell; a residual block that halves the image and doubles the width between."""
    width = tree["channels"]
    parts: list[nn.Module] = [_stem(shape[0], width, tree["halvings"])]
    shape = trace(parts[0], shape)[0]
    for stage in range(tree["stages"]):
        if stage:
            parts.append(_halving(width))
            width, shape = 2 * width, trace(parts[-1], shape)[0]
        parts += [site.part(tree["cell"], shape, "cell") for _ in range(tree["cells"])]
    return nn.Sequential(*parts, nn.BatchNorm2d(width), nn.ReLU())


def _halving(width: int) -> nn.Module:
    body = nn.Sequential(
        _pre_activated(width, 2 * width, kernel=3, stride=2),
        _pre_activated(2 * width, 2 * width, kernel=3),
    )
    return Residual(body, shortcut(width, 2 * width, 2))


CELLS: dict[str, Make] = {
    "none": _none,
    "skip_connect": lambda tree, shape, site: nn.Identity(),
    "nor_conv_1x1": _relu_conv_bn,
    "nor_conv_3x3": _relu_conv_bn,
    "avg_pool_3x3": _avg_pool,
    "cell_stack": _cell_stack,
}
