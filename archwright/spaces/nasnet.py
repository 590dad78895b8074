"""NASNet: a normal and a reduction cell of five blocks, each of which adds up two operations."""

from __future__ import annotations

from collections.abc import Sequence

from archwright.core.architecture import Architecture
from archwright.core.space import Choice, Dag, Node, Value, op
from archwright.spaces.frame import need_images, stacked

OPS = (
    *("skip_connect", "conv_3x1_1x3", "conv_7x1_1x7", "dil_conv_3x3", "avg_pool_3x3"),
    *("max_pool_3x3", "max_pool_5x5", "max_pool_7x7", "conv_1x1", "conv_3x3"),
    *("sep_conv_3x3", "sep_conv_5x5", "sep_conv_7x7"),
)
INPUTS, BLOCKS = 2, 5

Genotype = Sequence[tuple[str, int]]
"""Operation and source, two for each block."""


def nasnet(shape: tuple[int, ...]) -> Node:
    """Return the space of NASNet (Zoph et al., 2018, arXiv:1707.07012): some 5 x 10^33 networks.

    A block takes two earlier states, or one twice, with an operation on each. A cell sees the last
    two cells and gives those of its blocks side by side that feed no other. Stacked small, one
    normal cell a stage; the paper's networks for CIFAR-10 are `scale(space, cells=6, channels=32)`
    and larger. Ours always adds the two up, where the paper may also set them side by side, its
    dilated convolution is separable, as in DARTS, and there is no second output to train with.

    Args:
        shape: (channels, height, width); small images are reduced less often.

    Raises:
        SpaceError: the data are not images.
    """
    need_images("nasnet", shape)
    return stacked(
        "two_cell_stack",
        shape,
        channels=8,
        normal=_cell(),
        reduction=_cell(),
    )


def _cell() -> Dag:
    edge = Choice(tuple(map(op, OPS)))
    states = [INPUTS + k // 2 for k in range(2 * BLOCKS)]
    edges = tuple((Choice(tuple(range(state))), state, edge) for state in states)
    return Dag(edges, inputs=INPUTS, output="loose")


def portfolio(shape: tuple[int, ...]) -> list[Architecture]:
    """Return known-good starts: NASNet-A, and AmoebaNet-A (Real et al., 2019, arXiv:1802.01548)."""
    skip, mean, pool = "skip_connect", "avg_pool_3x3", "max_pool_3x3"
    three, five, seven, thin = "sep_conv_3x3", "sep_conv_5x5", "sep_conv_7x7", "conv_7x1_1x7"
    nasnet_normal = (
        *((five, 1), (three, 0), (five, 0), (three, 0), (mean, 1), (skip, 0)),
        *((mean, 0), (mean, 0), (three, 1), (skip, 1)),
    )
    nasnet_reduction = (
        *((five, 1), (seven, 0), (pool, 1), (seven, 0), (mean, 1), (five, 0)),
        *((skip, 3), (mean, 2), (three, 2), (pool, 1)),
    )
    amoeba_normal = (
        *((mean, 0), (pool, 1), (three, 0), (five, 2), (three, 0), (mean, 3)),
        *((three, 1), (skip, 1), (skip, 0), (mean, 1)),
    )
    amoeba_reduction = (
        *((mean, 0), (three, 1), (pool, 0), (seven, 2), (seven, 0), (mean, 1)),
        *((pool, 0), (pool, 1), (thin, 0), (three, 5)),
    )
    return [of_cells(nasnet_normal, nasnet_reduction), of_cells(amoeba_normal, amoeba_reduction)]


def of_cells(normal: Genotype, reduction: Genotype) -> Architecture:
    """Return the architecture of two cells, each written as (operation, source) pairs."""
    answers: dict[str, Value] = {}
    for cell, genotype in (("normal", normal), ("reduction", reduction)):
        for i, (name, source) in enumerate(genotype):
            answers |= {f"cells/{cell}/{i}/from": source, f"cells/{cell}/{i}": name}
    return Architecture.of(answers)
