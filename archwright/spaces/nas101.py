"""NAS-Bench-101: one cell of at most seven vertices and nine edges, with operations on vertices."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from archwright.core.architecture import Architecture
from archwright.core.space import Choice, Dag, Node, Value, op
from archwright.errors import SpaceError
from archwright.spaces.frame import need_images, stacked

OPS = ("conv3x3", "conv1x1", "maxpool3x3")
VERTICES, EDGES = 7, 9
END = VERTICES - 1


def nas101(shape: tuple[int, ...]) -> Node:
    """Return the space of NAS-Bench-101 (Ying et al., 2019, arXiv:1902.09635).

    Nine edges are picked among the 21 between seven vertices; an edge picked twice is one edge.
    Of the (21^9 x 3^5) answers most stand for the same networks: 423,624 differ. Vertices that lie
    on no way from the input to the output are not made, and a cell without such a way is refused.
    Stacked small, one cell a stage: `scale(space, cells=3, channels=128)` for images of 3 x 32 x 32
    gives the benchmark's networks.

    Args:
        shape: (channels, height, width); there are fewer stages where the image cannot be halved.

    Raises:
        SpaceError: the data are not images.
    """
    need_images("nas101", shape)
    pair = Choice(tuple(f"{i}-{j}" for i, j in combinations(range(VERTICES), 2)))
    edges = [(pair, -1, op("identity")) for _ in range(EDGES)]
    end = (0, END, op("none"))  # the last vertex is the output also where nothing leads to it
    vertex = Choice(tuple(map(op, OPS)))
    return stacked(
        "nas101_stack",
        shape,
        channels=16,
        cell=Dag((*edges, end), vertices=(vertex,) * (VERTICES - 2)),
    )


def portfolio(shape: tuple[int, ...]) -> list[Architecture]:
    """Return known-good starts; the first is the hand-made default network.

    It is a residual block, as the paper compares with; the second has three branches and a way
    round, like an Inception-ResNet block (arXiv:1602.07261).
    """
    conv, small, pool = OPS
    return [
        of_edges(((0, 1), (1, 2), (2, END), (0, END)), (conv, conv)),
        of_edges(
            ((0, 1), (1, 2), (2, 6), (0, 3), (3, 6), (0, 4), (4, 5), (5, 6), (0, 6)),
            (small, conv, conv, pool, small),
        ),
    ]


def of_edges(edges: Sequence[tuple[int, int]], ops: Sequence[str]) -> Architecture:
    """Return the architecture of a cell.

    Args:
        edges: Pairs of vertices: 0 is the input, 6 the output.
        ops: Of the vertices from 1 on; those that are not named, and not used, are convolutions.

    Raises:
        SpaceError: there are no edges, or more than nine.
    """
    if not 1 <= len(edges) <= EDGES:
        raise SpaceError(f"a cell of 'nas101' has 1 to {EDGES} edges, not {len(edges)}")
    answers: dict[str, Value] = {}
    for i in range(EDGES):  # the last edge is named again until there are nine
        source, target = edges[min(i, len(edges) - 1)]
        answers[f"cells/cell/{i}/from"] = f"{source}-{target}"
    named = [*ops, *[OPS[0]] * VERTICES][: VERTICES - 2]
    return Architecture.of(answers | {f"cells/cell/vertex/{k}": o for k, o in enumerate(named)})
