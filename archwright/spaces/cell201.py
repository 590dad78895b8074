"""NAS-Bench-201: one cell of four states, stacked; 15,625 cells, all of them trained by others."""

from __future__ import annotations

from archwright.core.architecture import Architecture
from archwright.core.space import Choice, Dag, Node, op
from archwright.spaces.frame import need_images, stacked

EDGES = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))
"""Source and target of each edge, in the order of the benchmark's tables."""

OPS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")


def cell201(shape: tuple[int, ...]) -> Node:
    """Return the space of NAS-Bench-201 (Dong and Yang, 2020, arXiv:2001.00326): 5^6 networks.

    An edge is nothing, the identity, a ReLU-convolution-normalisation of kernel 1 or 3, or average
    pooling. The image is halved and the width doubled between stages. Stacked small, one cell a
    stage, for a search on a CPU: `scale(space, cells=5, channels=16)` for images of 3 x 32 x 32
    gives the benchmark's networks, parameter by parameter. Ours differ in what no output depends
    on: the benchmark counts such edges, here they are not made.

    Args:
        shape: (channels, height, width); there are fewer stages where the image cannot be halved,
            and images of 64 pixels and more are halved before the first cell.

    Raises:
        SpaceError: the data are not images.
    """
    need_images("cell201", shape)
    edge = Choice(tuple(map(op, OPS)))
    return stacked(
        "cell_stack",
        shape,
        channels=16,
        cell=Dag(tuple((source, target, edge) for source, target in EDGES)),
    )


def portfolio(shape: tuple[int, ...]) -> list[Architecture]:
    """Return known-good starts; the first is the hand-made default network.

    It is the residual block that the paper compares with; the others are a bottleneck and
    convolutions throughout.
    """
    conv, small, skip, none = "nor_conv_3x3", "nor_conv_1x1", "skip_connect", "none"
    return [
        of_ops(conv, none, conv, skip, none, skip),
        of_ops(small, none, conv, skip, none, small),
        of_ops(conv, conv, conv, conv, conv, conv),
    ]


def of_ops(*ops: str) -> Architecture:
    """Return the architecture of six operations, in the order of `EDGES`."""
    return Architecture.of({f"cells/cell/{i}": each for i, each in enumerate(ops)})
