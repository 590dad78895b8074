"""Stages of inverted residuals, as in the MobileNet family, and their compound scaling."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from archwright.core.architecture import Architecture
from archwright.core.space import Choice, Node, Op, Range, Repeat, Seq, Value, op, seq
from archwright.errors import SpaceError

STAGES = ((16, 1), (24, 2), (40, 2), (80, 2), (112, 1), (192, 2))
"""Width and stride of each stage in MnasNet and EfficientNet."""

FACTORS = (0.5, 0.75, 1.0, 1.25)
"""A stage may be so much wider than in them; multiples of 8 channels."""

MOST_LAYERS = 4


def mobile(shape: tuple[int, ...]) -> Node:
    """Return stages of equal inverted residuals behind a stem, and the image's resolution.

    The block is MobileNetV2's (Sandler et al., 2018, arXiv:1801.04381); squeeze-and-excite and
    the kind of activation are MobileNetV3's choices (Howard et al., 2019, arXiv:1905.02244). As in
    MnasNet (Tan et al., 2019, arXiv:1807.11626) the layers of a stage are alike: a stage has a
    kernel, an expansion, squeeze-and-excite or not, an activation, a width and a depth. Ours
    differs: a stage that does not halve the image may be absent, there are only as many halvings
    as the image allows, and SiLU stands for hard swish.

    Args:
        shape: (channels, height, width).

    Raises:
        SpaceError: the data are not images.
    """
    if len(shape) != 3:
        raise SpaceError(f"the space 'mobile' takes images, not shape {shape}; use 'mlp'")
    side = min(shape[1:])
    return seq(
        normalise=op("normalise"),
        resize=op("resize", share=Choice((1.0, 0.75, 0.5)) if side >= 16 else 1.0),
        stem=op(
            "conv_block",
            kernel=3,
            width=Choice((8, 16, 24, 32)),
            stride=Choice((1, 2)) if side >= 16 else 1,
            activation="silu",
        ),
        stages=Seq(tuple(_stage(width, stride) for width, stride in stages(shape))),
        last=op("conv_block", kernel=1, width=Choice((64, 128, 256)), stride=1, activation="silu"),
        pooling=op("pooled", pooling="global"),
        dropout=op("dropout", rate=Choice((0.0, 0.1, 0.2))),
        head=op("output"),
    )


def stages(shape: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    """Return width and stride of the stages that an image of this shape allows, two at least."""
    halvings, found = max(1, min(shape[1:])).bit_length() - 1, list[tuple[int, int]]()
    for width, stride in STAGES:
        if stride == 2 and not halvings and len(found) >= 2:
            break
        found.append((width, stride if halvings else 1))
        halvings -= stride == 2 and halvings > 0
    return tuple(found)


def _stage(width: int, stride: int) -> Node:
    """Return a stage; one that does not halve the image may be left out."""
    block = op(
        "inverted",
        kernel=Choice((3, 5, 7)),
        expansion=Choice((1, 2, 3, 4, 6)),
        excite=Choice((False, True)),
        activation=Choice(("relu", "silu")),
    )
    blocks = op(
        "blocks",
        width=Choice(tuple(sorted({_round(factor * width) for factor in FACTORS}))),
        stride=stride,
        layers=Repeat(block, Range(1, MOST_LAYERS), tied=True),
    )
    return blocks if stride == 2 else Choice((blocks, op("identity")))


def portfolio(shape: tuple[int, ...]) -> list[Architecture]:
    """Return known-good starts; the first is the hand-made default network.

    It follows MobileNetV2 (one or two layers a stage, kernel 3, expansion 4); then one with
    MobileNetV3's extras, a deeper one, and a small one.
    """
    return [
        _start(shape, depth=1, kernel=3, expansion=4),
        _start(shape, depth=1, kernel=5, expansion=4, excite=True, activation="silu"),
        _start(shape, depth=2, kernel=3, expansion=3),
        _start(shape, depth=1, kernel=3, expansion=2, widest=False),
    ]


def _start(
    shape: tuple[int, ...],
    *,
    depth: int,
    kernel: int,
    expansion: int,
    excite: bool = False,
    activation: str = "relu",
    widest: bool = True,
) -> Architecture:
    answers: dict[str, Value] = {"stem/width": 16 if widest else 8}
    answers |= {"last/width": 256 if widest else 64, "dropout/rate": 0.1}
    if min(shape[1:]) >= 16:
        answers |= {"resize/share": 1.0, "stem/stride": 2}
    for i, (width, stride) in enumerate(stages(shape)):
        answers |= {f"stages/{i}": "blocks"} if stride == 1 else {}
        stage = f"stages/{i}/blocks" if stride == 1 else f"stages/{i}"
        each = f"{stage}/layers/each"
        answers[f"{stage}/width"] = _round(width if widest else width / 2)
        answers[f"{stage}/layers/depth"] = depth
        answers |= {f"{each}/kernel": kernel, f"{each}/expansion": expansion}
        answers |= {f"{each}/excite": excite, f"{each}/activation": activation}
    return Architecture.of(answers)


@dataclass(frozen=True)
class Compound:
    """How much deeper, wider and finer a network becomes with each step of compound scaling.

    The defaults are EfficientNet's (Tan and Le, 2019, arXiv:1905.11946): depth times width squared
    times resolution squared is about 2, so each step doubles the multiply-accumulates.
    """

    depth: float = 1.2
    width: float = 1.1
    resolution: float = 1.15


def compound(tree: Any, phi: float, rates: Compound | None = None) -> Any:
    """Return a decoded network of the space `mobile`, scaled by `phi` steps.

    What comes out may lie outside of the space: it is a tree to build, not an architecture. Depths
    are rounded up, widths to multiples of 8 as in EfficientNet's code, and the resolution to whole
    pixels where it is built.

    Args:
        tree: What `decode(space, arch)` gives.
        phi: 0 changes nothing but what rounding does; below 0 the network becomes smaller.

    Raises:
        SpaceError: there is nothing to scale in the tree.
    """
    rates = rates or Compound()
    scaled = _scaled(tree, rates, phi)
    if phi and scaled == tree:
        raise SpaceError("compound(): nothing here has a width, a depth or a resolution to scale")
    return scaled


def _scaled(tree: Any, rates: Compound, phi: float) -> Any:
    match tree:
        case Op(name, params):
            scaled = {key: _scaled(value, rates, phi) for key, value in params}
            if "width" in scaled:
                scaled["width"] = _round(tree["width"] * rates.width**phi)
            if name == "resize":
                scaled["share"] = round(tree["share"] * rates.resolution**phi, 3)
            if name == "blocks":
                scaled["layers"] = _deepened(tree["layers"], rates.depth**phi)
            return op(name, **scaled)
        case Seq(children, names):
            return Seq(tuple(_scaled(child, rates, phi) for child in children), names)
    return tree


def _deepened(layers: Seq, factor: float) -> Seq:
    """Return a stage with more layers like its last one."""
    count = math.ceil(round(len(layers.children) * factor, 6))
    more = layers.children[-1:] * max(0, count - len(layers.children))
    return Seq((*layers.children, *more)[:count])


def _round(width: float) -> int:
    """Return the nearest multiple of 8 that is at least 8, and not a tenth less than `width`."""
    rounded = max(8, int(width + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * width else rounded
