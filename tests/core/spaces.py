"""Spaces that the tests of encodings share: small ones of every kind of node, and the real ones."""

from __future__ import annotations

from random import Random

from archwright.core.architecture import Architecture, sample
from archwright.core.space import Choice, Dag, Node, Range, Repeat, Seq, op, seq
from archwright.spaces.cell201 import cell201
from archwright.spaces.chain import chain
from archwright.spaces.darts import darts
from archwright.spaces.hierarchical import hierarchical
from archwright.spaces.macro import macro
from archwright.spaces.mlp import mlp
from archwright.spaces.mobile import mobile
from archwright.spaces.nas101 import nas101
from archwright.spaces.nasnet import nasnet

SHAPE = (3, 32, 32)

EDGE = Choice((op("none"), op("conv", kernel=Choice((1, 3))), op("pool")))
TOY = seq(
    stem=op("conv", kernel=Choice((3, 5)), width=Range(8, 8)),
    cells=Repeat(Dag(((0, 1, EDGE), (Choice((0, 1)), 2, EDGE))), Range(0, 3)),
    tied=Repeat(Dag(((0, 1, EDGE), (0, 2, EDGE)), output="concat"), Choice((0, 2)), tied=True),
    either=Choice((op("plain"), op("deep", cell=Dag(((0, 1, EDGE),)), rate=Range(1, 9)))),
    units=Range(4, 64, log=True),
    free=Dag(
        tuple((Choice(("0-1", "0-2", "1-2")), -1, op("identity")) for _ in range(2)),
        vertices=(Choice((op("conv"), op("identity"))),),
    ),
    pairs=Dag(
        ((Choice(("0+1",)), 2, (EDGE, op("pool"))), (Choice(("0+1", "1+2")), 3, (EDGE, EDGE))),
        inputs=2,
        output="concat",
    ),
)
"""Every kind of node and edge, cells and holes that may be closed, tied copies."""

SPACES: dict[str, Node] = {
    "toy": TOY,
    "bare": Seq((Choice((1, 2, 3)), Choice(("a", True)))),
    "fixed": op("output"),
    "mlp": mlp((3,)),
    "chain": chain(SHAPE),
    "cell201": cell201(SHAPE),
    "macro": macro(SHAPE),
    "darts": darts(SHAPE),
    "nas101": nas101(SHAPE),
    "nasnet": nasnet(SHAPE),
    "hierarchical": hierarchical(SHAPE),
    "mobile": mobile(SHAPE),
}


def drawn(space: Node, count: int) -> list[Architecture]:
    """Return architectures drawn with fixed seeds."""
    return [sample(space, Random(seed)) for seed in range(count)]
