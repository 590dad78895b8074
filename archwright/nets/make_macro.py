"""Makers of the blocks of macro spaces: stems, inverted residuals, residual and dense blocks.

Each reads `width` (channels that come out) and, where it has one, `stride` from its operation.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from torch import nn

from archwright.core.space import Dag, Op
from archwright.nets.ops_common import ACTIVATIONS, Residual
from archwright.nets.ops_macro import Gate, Joined
from archwright.nets.shapes import trace
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


def _resize(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """The image at a share of its height and width."""
    if tree["share"] == 1:
        return nn.Identity()
    sides = tuple(max(1, round(tree["share"] * side)) for side in shape[1:])
    return nn.Upsample(size=sides, mode="bilinear")  # of torch, and reduces as well


def _blocks(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """Blocks of one width in turn; the first of them has the stride."""
    made: list[nn.Module] = []
    for i, layer in enumerate(tree["layers"].children):
        where = (("width", tree["width"]), ("stride", 1 if i else tree["stride"]))
        made.append(site.part(Op(layer.name, (*layer.params, *where)), shape, f"layers/{i}"))
        shape = trace(made[-1], shape)[0]
    return nn.Sequential(*made)


def _inverted(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """An inverted residual (MobileNetV2, arXiv:1801.04381): widen, filter each channel, narrow.

    The block is residual where it changes no shape. An `expansion` of 1 widens nothing. With
    `excite`, squeeze-and-excite stands behind the filters, a quarter as wide (MobileNetV3,
    arXiv:1905.02244).
    """
    given = dict(tree.params)
    inside, width, stride = shape[0], tree["width"], tree["stride"]
    act = ACTIVATIONS[given.get("activation", "relu")]
    hidden, parts = inside * tree["expansion"], list[nn.Module]()
    if hidden != inside:
        parts += [*_convolved(inside, hidden, 1), act()]
    parts += [*_convolved(hidden, hidden, tree["kernel"], stride=stride, groups=hidden), act()]
    if given.get("excite"):
        parts.append(_excite(hidden))
    block = nn.Sequential(*parts, *_convolved(hidden, width, 1))
    return Residual(block, nn.Identity()) if (inside, stride) == (width, 1) else block


def _excite(width: int) -> nn.Module:
    squeezed = max(4, width // 4)
    return Gate(
        nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(width, squeezed, 1),
            nn.ReLU(),
            nn.Conv2d(squeezed, width, 1),
            nn.Sigmoid(),
        )
    )


def _basic(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """Two 3 x 3 convolutions with a shortcut around them (arXiv:1512.03385)."""
    width, stride = tree["width"], tree["stride"]
    body = [*_convolved(shape[0], width, 3, stride=stride), nn.ReLU(), *_convolved(width, width, 3)]
    return _residual(body, shape[0], width, stride)


def _bottleneck(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """A 3 x 3 convolution of fewer channels between 1 x 1 ones (arXiv:1512.03385)."""
    width, stride = tree["width"], tree["stride"]
    narrow = max(1, width // tree["shrink"])
    body = [
        *(*_convolved(shape[0], narrow, 1), nn.ReLU()),
        *(*_convolved(narrow, narrow, 3, stride=stride), nn.ReLU()),
        *_convolved(narrow, width, 1),
    ]
    return _residual(body, shape[0], width, stride)


def _residual(body: Iterable[nn.Module], inside: int, width: int, stride: int) -> nn.Module:
    around = shortcut(inside, width, stride, norm=True)
    return nn.Sequential(Residual(nn.Sequential(*body), around), nn.ReLU())


def _dense_blocks(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """Dense blocks (arXiv:1608.06993), and a transition that narrows and halves between them."""
    channels, sides, made = shape[0], shape[1:], list[nn.Module]()
    for i, block in enumerate(tree["blocks"].children):
        if i:
            narrow = max(1, int(channels * tree["keep"]))
            made.append(_transition(channels, narrow, halve=min(sides) > 1))
            channels, sides = narrow, tuple((side + 1) // 2 for side in sides)
        layers = block["layers"]
        made.append(
            nn.Sequential(
                *(_dense(channels + k * tree["growth"], block, tree) for k in range(layers))
            )
        )
        channels += layers * tree["growth"]
    return nn.Sequential(*made, nn.BatchNorm2d(channels), nn.ReLU())


def _dense(inside: int, block: Op, tree: Op) -> nn.Module:
    """A layer that adds `growth` channels to those there are."""
    growth, parts = tree["growth"], [nn.BatchNorm2d(inside), nn.ReLU()]
    if tree["bottleneck"]:
        parts += [*_convolved(inside, 4 * growth, 1), nn.ReLU()]
        inside = 4 * growth
    kernel = block["kernel"]
    parts.append(nn.Conv2d(inside, growth, kernel, padding=kernel // 2, bias=False))
    if tree["dropout"]:
        parts.append(nn.Dropout(tree["dropout"]))
    return Joined(nn.Sequential(*parts))


def _transition(inside: int, outside: int, *, halve: bool) -> nn.Module:
    parts = [nn.BatchNorm2d(inside), nn.ReLU(), nn.Conv2d(inside, outside, 1, bias=False)]
    return nn.Sequential(*parts, *([nn.AvgPool2d(2, ceil_mode=True)] if halve else []))


def _hierarchy(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """A cell whose edges are motifs (arXiv:1711.00436); each use of a motif has its own weights."""
    motifs = tree["motifs"].children

    def spelt(node: Any) -> Any:
        _, sign, number = node.name.partition("motif_")
        return motifs[int(number)] if sign else node

    cell: Dag = tree["cell"]
    edges = tuple((source, target, spelt(node)) for source, target, node in cell.edges)
    return site.part(replace(cell, edges=edges), shape, "cell")


def _primitive(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """A convolution that keeps the channels, with batch normalisation and ReLU."""
    width = shape[0]
    if tree.name == "conv_1x1":
        return nn.Sequential(*_convolved(width, width, 1), nn.ReLU())
    filters = [*_convolved(width, width, 3, groups=width), nn.ReLU()]
    if tree.name == "depthwise_3x3":
        return nn.Sequential(*filters)
    return nn.Sequential(*filters, *_convolved(width, width, 1), nn.ReLU())


def _convolved(
    inside: int, outside: int, kernel: int, *, stride: int = 1, groups: int = 1
) -> list[nn.Module]:
    """A convolution that keeps the sides but for its stride, and batch normalisation."""
    conv = nn.Conv2d(inside, outside, kernel, stride, kernel // 2, groups=groups, bias=False)
    return [conv, nn.BatchNorm2d(outside)]


MACRO: dict[str, Make] = {
    "conv_block": _conv_block,
    "identity": _identity,
    "resize": _resize,
    "blocks": _blocks,
    "inverted": _inverted,
    "mb3": _inverted,
    "mb6": _inverted,
    "basic": _basic,
    "bottleneck": _bottleneck,
    "dense_blocks": _dense_blocks,
    "dropout": lambda tree, shape, site: nn.Dropout(tree["rate"]),
    "hierarchy": _hierarchy,
    "conv_1x1": _primitive,
    "depthwise_3x3": _primitive,
    "separable_3x3": _primitive,
}
