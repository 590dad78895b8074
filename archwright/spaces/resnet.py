"""Residual networks in stages: which blocks, how many, how wide."""

from __future__ import annotations

from archwright.core.architecture import Architecture
from archwright.core.space import Choice, Node, Op, Range, Repeat, Seq, Value, op, seq
from archwright.errors import SpaceError

MOST_STAGES, MOST_BLOCKS = 4, 4
WIDTHS = (8, 16, 24, 32, 48, 64)
"""Of the first stage; the others are this times 2, 4 and 8, each a step narrower or wider."""


def resnet(shape: tuple[int, ...]) -> Node:
    """Return stages of basic or bottleneck blocks (He et al., 2015, arXiv:1512.03385).

    Each stage has a kind of block, a depth and a width of its own, where the paper has one kind
    throughout and doubles the width. The shortcuts are those of ResNet-D (arXiv:1812.01187).
    Blocks of a stage are alike.

    Args:
        shape: (channels, height, width); there are as many stages as the image can be halved.

    Raises:
        SpaceError: the data are not images.
    """
    if len(shape) != 3:
        raise SpaceError(f"the space 'resnet' takes images, not shape {shape}; use 'mlp'")
    side = min(shape[1:])
    return seq(
        normalise=op("normalise"),
        stem=op(
            "conv_block",
            kernel=Choice((3, 5, 7)),
            width=Choice(WIDTHS),
            stride=Choice((1, 2)) if side >= 16 else 1,
            activation="relu",
        ),
        stages=Seq(tuple(_stage(i, 1 if i == 0 or side == 1 else 2) for i in range(_count(shape)))),
        pooling=op("pooled", pooling="global"),
        dropout=op("dropout", rate=Choice((0.0, 0.1, 0.2))),
        head=op("output"),
    )


def _count(shape: tuple[int, ...]) -> int:
    return max(2, min(MOST_STAGES, min(shape[1:]).bit_length() - 1))


def _stage(i: int, stride: int) -> Op:
    block = Choice((op("basic"), op("bottleneck", shrink=Choice((2, 4)))))
    return op(
        "blocks",
        width=Choice(tuple(2**i * width for width in WIDTHS[: len(WIDTHS) - i])),
        stride=stride,
        layers=Repeat(block, Range(1, MOST_BLOCKS), tied=True),
    )


def portfolio(shape: tuple[int, ...]) -> list[Architecture]:
    """Return known-good starts; the first is the hand-made default network."""
    return [
        _start(shape, width=16, depth=1),
        _start(shape, width=24, depth=1),
        _start(shape, width=16, depth=2),
        _start(shape, width=24, depth=2, block="bottleneck"),
    ]


def _start(shape: tuple[int, ...], *, width: int, depth: int, block: str = "basic") -> Architecture:
    answers: dict[str, Value] = {"stem/kernel": 3, "stem/width": width, "dropout/rate": 0.1}
    if min(shape[1:]) >= 16:
        answers |= {"stem/kernel": 5, "stem/stride": 2}
    for i in range(_count(shape)):
        stage = f"stages/{i}"
        answers |= {f"{stage}/width": 2**i * width, f"{stage}/layers/depth": depth}
        answers[f"{stage}/layers/each"] = block
        if block == "bottleneck":
            answers[f"{stage}/layers/each/bottleneck/shrink"] = 2
    return Architecture.of(answers)
