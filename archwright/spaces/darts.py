"""DARTS: a normal and a reduction cell of four states, each of which takes two others."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from archwright.core.architecture import Architecture
from archwright.core.space import Choice, Dag, Node, Value, op
from archwright.spaces.frame import need_images, stacked

OPS = (
    *("max_pool_3x3", "avg_pool_3x3", "skip_connect", "sep_conv_3x3", "sep_conv_5x5"),
    *("dil_conv_3x3", "dil_conv_5x5"),
)
INPUTS, STATES = 2, 4

Genotype = Sequence[tuple[str, int]]
"""Operation and source, two for each state, as the authors write cells down."""


def darts(shape: tuple[int, ...]) -> Node:
    """Return the space of DARTS (Liu et al., 2019, arXiv:1806.09055): 10^18 networks.

    Each state adds up two operations on two different earlier states; a cell gives its four states
    side by side, and sees the last two cells. Reduction cells stand at a third and two thirds.
    Stacked small, one normal cell a stage: `scale(space, cells=6, channels=36)` gives the paper's
    20 cells. Ours has neither the second output nor the dropping of paths that the paper trains
    with, and edges that are nothing, which the paper's search knows, are left out, as in its
    results.

    Args:
        shape: (channels, height, width); small images are reduced less often.

    Raises:
        SpaceError: the data are not images.
    """
    need_images("darts", shape)
    return stacked(
        "two_cell_stack",
        shape,
        channels=8,
        normal=_cell(),
        reduction=_cell(),
    )


def _cell() -> Dag:
    edge = Choice(tuple(map(op, OPS)))
    pairs = (combinations(range(state), 2) for state in range(INPUTS, INPUTS + STATES))
    sources = [Choice(tuple(f"{i}+{j}" for i, j in each)) for each in pairs]
    edges = tuple((choice, INPUTS + k, (edge, edge)) for k, choice in enumerate(sources))
    return Dag(edges, inputs=INPUTS, output="concat")


def portfolio(shape: tuple[int, ...]) -> list[Architecture]:
    """Return known-good starts: the two cells that the paper found, the first order's first."""
    sep, skip, dil = "sep_conv_3x3", "skip_connect", "dil_conv_3x3"
    pool, mean = "max_pool_3x3", "avg_pool_3x3"
    first = (
        *((sep, 1), (sep, 0), (skip, 0), (sep, 1), (skip, 0), (sep, 1)),
        *((sep, 0), (skip, 2)),
    )
    first_reduction = (
        *((pool, 0), (pool, 1), (skip, 2), (pool, 0), (pool, 0), (skip, 2)),
        *((skip, 2), (mean, 0)),
    )
    second = (
        *((sep, 0), (sep, 1), (sep, 0), (sep, 1), (sep, 1), (skip, 0)),
        *((skip, 0), (dil, 2)),
    )
    second_reduction = (
        *((pool, 0), (pool, 1), (skip, 2), (pool, 1), (pool, 0), (skip, 2)),
        *((skip, 2), (pool, 1)),
    )
    return [of_cells(first, first_reduction), of_cells(second, second_reduction)]


def of_cells(normal: Genotype, reduction: Genotype) -> Architecture:
    """Return the architecture of two cells in the authors' notation."""
    return Architecture.of({**_answers("normal", normal), **_answers("reduction", reduction)})


def _answers(cell: str, genotype: Genotype) -> dict[str, Value]:
    answers: dict[str, Value] = {}
    for state in range(STATES):
        (i, first), (j, second) = sorted((s, op) for op, s in genotype[2 * state : 2 * state + 2])
        edge = f"cells/{cell}/{state}"
        answers |= {f"{edge}/from": f"{i}+{j}", f"{edge}/0": first, f"{edge}/1": second}
    return answers
