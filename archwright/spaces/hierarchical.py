"""Motifs of motifs: small graphs of primitive operations, and a cell whose edges choose them."""

from __future__ import annotations

from itertools import combinations

from archwright.core.architecture import Architecture
from archwright.core.space import Choice, Dag, Node, Op, Seq, Value, op
from archwright.errors import SpaceError
from archwright.spaces.frame import stacked

PRIMITIVES = (
    *("identity", "conv_1x1", "depthwise_3x3", "separable_3x3"),
    *("max_pool", "avg_pool_3x3"),
)


def hierarchical(shape: tuple[int, ...], *, motifs: int = 3, states: int = 4) -> Node:
    """Return the space of hierarchical representations (Liu et al., 2018, arXiv:1711.00436).

    On the first level are primitive operations, on the second `motifs` small graphs whose edges
    are primitives or nothing, on the third a cell whose edges are motifs, the identity or nothing.
    So a motif that was found is used in several places, each with weights of its own. The cell is
    stacked as those of the other cell spaces are, see `scale`.

    Ours differs: what meets in a state is added, not set side by side; each state is fed by the
    one before it, so that no motif is cut off; small numbers by default (the paper has six motifs
    of four states and a cell of five).

    Args:
        shape: (channels, height, width).
        motifs: How many different motifs there are.
        states: Of each motif, and of the cell.

    Raises:
        SpaceError: the data are not images, or there is no motif or no edge.
    """
    if len(shape) != 3:
        raise SpaceError(f"the space 'hierarchical' takes images, not shape {shape}; use 'mlp'")
    if motifs < 1 or states < 2:
        raise SpaceError(f"{motifs} motifs of {states} states: give at least 1 of 2")
    inner = tuple(map(op, PRIMITIVES))
    outer = (op("identity"), *(op(f"motif_{i}") for i in range(motifs)))
    library = op(
        "hierarchy",
        motifs=Seq(tuple(_graph(inner, states) for _ in range(motifs))),
        cell=_graph(outer, states),
    )
    return stacked("cell_stack", shape, channels=16, cell=library)


def _graph(options: tuple[Op, ...], states: int) -> Dag:
    """Return a graph of all edges; those that skip a state may be nothing."""
    always, often = Choice(options), Choice((op("none"), *options))
    pairs = combinations(range(states), 2)
    return Dag(tuple((i, k, always if k == i + 1 else often) for i, k in pairs))


def portfolio(shape: tuple[int, ...]) -> list[Architecture]:
    """Return known-good starts; the first is the hand-made default network.

    A motif of its own primitives in a chain with a shortcut around it, used throughout; then all
    motifs in turn, and the same without shortcuts.
    """
    return [
        _start((0, 0, 0), "identity"),
        _start((0, 1, 2), "identity"),
        _start((0, 1, 0), "none"),
    ]


def _start(used: tuple[int, int, int], around: str) -> Architecture:
    """Return a cell that uses these motifs in a chain."""
    chains = (
        ("separable_3x3", "identity", "separable_3x3"),
        ("conv_1x1", "depthwise_3x3", "conv_1x1"),
        ("max_pool", "separable_3x3", "conv_1x1"),
    )
    answers: dict[str, Value] = {}
    for m, chain in enumerate(chains):
        answers |= _chained(f"cells/cell/motifs/{m}", chain, "identity")
    answers |= _chained("cells/cell/cell", tuple(f"motif_{m}" for m in used), around)
    return Architecture.of(answers)


def _chained(path: str, chain: tuple[str, ...], around: str) -> dict[str, Value]:
    """Return the answers of a graph that is a chain, with `around` from its start to its end."""
    answers: dict[str, Value] = {}
    for i, (source, target) in enumerate(combinations(range(len(chain) + 1), 2)):
        following, whole = target == source + 1, target - source == len(chain)
        answers[f"{path}/{i}"] = chain[source] if following else around if whole else "none"
    return answers
