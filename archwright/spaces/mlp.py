"""Dense networks for tables."""

from __future__ import annotations

from archwright.core.architecture import Architecture
from archwright.core.space import Choice, Node, Range, Repeat, Value, op, seq
from archwright.errors import SpaceError

ACTIVATIONS = ("relu", "sigmoid", "tanh", "gelu", "silu")


def mlp(shape: tuple[int, ...]) -> Node:
    """Return 1-5 dense layers of 10-512 units behind an encoding of the columns.

    Args:
        shape: (columns,); the space is the same for every width.

    Raises:
        SpaceError: the data are not rows of a table.
    """
    if len(shape) != 1:
        raise SpaceError(f"the space 'mlp' takes tables, not shape {shape}; use 'chain'")
    layer = op("dense", units=Range(10, 512, log=True), activation=Choice(ACTIVATIONS))
    return seq(
        columns=op("columns", bins=Choice((0, 8, 16, 32)), embedding=Choice((4, 8, 16))),
        body=op(
            "stack",
            norm=Choice(("none", "batch", "layer")),
            dropout=Choice((0.0, 0.1, 0.2, 0.3, 0.5)),
            residual=Choice((False, True)),
            layers=Repeat(layer, Range(1, 5)),
        ),
        head=op("output"),
    )


def portfolio(shape: tuple[int, ...]) -> list[Architecture]:
    """Return known-good starts; the first is the hand-made default network."""
    return [
        _start((128, 128), "relu", bins=16, norm="batch", dropout=0.1),
        _start((32,), "gelu", bins=0, norm="none", dropout=0.3),
        _start((256, 256), "silu", bins=32, norm="none", dropout=0.3),
        _start((256, 128), "gelu", bins=0, norm="layer", dropout=0.1),
        _start((64, 64, 64), "silu", bins=8, norm="batch", dropout=0.1, residual=True),
    ]


def _start(
    units: tuple[int, ...],
    activation: str,
    *,
    bins: int,
    norm: str,
    dropout: float,
    residual: bool = False,
) -> Architecture:
    answers: dict[str, Value] = {"columns/bins": bins, "columns/embedding": 8}
    answers |= {"body/norm": norm, "body/dropout": dropout, "body/residual": residual}
    answers["body/layers/depth"] = len(units)
    for i, width in enumerate(units):
        answers[f"body/layers/{i}/units"] = width
        answers[f"body/layers/{i}/activation"] = activation
    return Architecture.of(answers)
