"""Densely connected networks: how many blocks and layers, how fast they grow."""

from __future__ import annotations

from archwright.core.architecture import Architecture
from archwright.core.space import Choice, Node, Range, Repeat, Value, op, seq
from archwright.errors import SpaceError

MOST_BLOCKS, MOST_LAYERS = 4, 8


def densenet(shape: tuple[int, ...]) -> Node:
    """Return dense blocks with transitions between them (Huang et al., 2017, arXiv:1608.06993).

    The growth rate, the transition's compression, and bottlenecks (the paper's B) are chosen for
    the whole network; each block has a depth and a kernel of its own, where the paper has 3.

    Args:
        shape: (channels, height, width); there are as many blocks as the image can be halved.

    Raises:
        SpaceError: the data are not images.
    """
    if len(shape) != 3:
        raise SpaceError(f"the space 'densenet' takes images, not shape {shape}; use 'mlp'")
    block = op(
        "dense_block",
        kernel=Choice((3, 5)),
        layers=Range(1, MOST_LAYERS),
    )
    return seq(
        normalise=op("normalise"),
        stem=op(
            "conv_block",
            kernel=Choice((3, 5, 7)),
            width=Choice((8, 16, 24, 32, 48)),
            stride=Choice((1, 2)) if min(shape[1:]) >= 16 else 1,
            activation="relu",
        ),
        body=op(
            "dense_blocks",
            growth=Choice((4, 8, 12, 16, 24)),
            keep=Choice((0.5, 0.75, 1.0)),
            bottleneck=Choice((False, True)),
            dropout=Choice((0.0, 0.1, 0.2)),
            blocks=Repeat(block, Range(1, most_blocks(shape))),
        ),
        pooling=op("pooled", pooling="global"),
        head=op("output"),
    )


def most_blocks(shape: tuple[int, ...]) -> int:
    """Return how many dense blocks an image of this shape allows."""
    return max(1, min(MOST_BLOCKS, min(shape[1:]).bit_length() - 1))


def portfolio(shape: tuple[int, ...]) -> list[Architecture]:
    """Return known-good starts; the first is the hand-made default network."""
    return [
        _start(shape, growth=12, layers=4),
        _start(shape, growth=16, layers=4, bottleneck=True),
        _start(shape, growth=8, layers=3),
        _start(shape, growth=12, layers=6, bottleneck=True),
    ]


def _start(
    shape: tuple[int, ...], *, growth: int, layers: int, bottleneck: bool = False
) -> Architecture:
    blocks = min(3, most_blocks(shape))
    answers: dict[str, Value] = {"stem/kernel": 3, "stem/width": 24}
    if min(shape[1:]) >= 16:
        answers |= {"stem/kernel": 5, "stem/stride": 2}
    answers |= {"body/growth": growth, "body/keep": 0.5, "body/bottleneck": bottleneck}
    answers |= {"body/dropout": 0.0, "body/blocks/depth": blocks}
    for i in range(blocks):
        answers |= {f"body/blocks/{i}/kernel": 3, f"body/blocks/{i}/layers": layers}
    return Architecture.of(answers)
