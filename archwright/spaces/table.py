"""Networks for tables: embedded numbers, dense and residual bodies, members, self-attention."""

from __future__ import annotations

from archwright.core.architecture import Architecture
from archwright.core.space import Choice, Node, Op, Range, Value, op, seq
from archwright.errors import SpaceError

EMBEDDED, ATTENDED = 500, 64
"""Numbers of more columns than this are not embedded one by one; and of so many columns each may
look at every other one, which costs their square."""

WIDTHS = (32, 64, 128, 192, 256, 384)


def table(shape: tuple[int, ...]) -> Node:
    """Return a choice of dense networks, of one or several members, and of self-attention.

    Numbers are embedded by pieces of their range or by waves (arXiv:2203.05556), or stay as they
    are. Bodies are plain or residual (arXiv:2106.11959). Several members share most of their
    weights and are averaged (TabM, arXiv:2410.24210, which has 32 where we have up to 16). Some
    numbers may be swapped between rows in training, which stands against overfitting.
    Self-attention is between the columns (FT-Transformer, arXiv:2106.11959).

    Args:
        shape: (columns,). Wide tables have no embedded numbers, and no self-attention.

    Raises:
        SpaceError: the data are not rows of a table.
    """
    if len(shape) != 1:
        raise SpaceError(f"the space 'table' takes tables, not shape {shape}; use 'chain'")
    dense = op(
        "table",
        numbers=Choice(_numbers(shape[0])),
        embedding=Choice((4, 8, 16, 32)),
        members=Choice((1, 2, 4, 8, 16)),
        swap=Choice((0.0, 0.05, 0.1, 0.2)),
        body=Choice(_bodies()),
    )
    attentive = op(
        "tokens",
        width=Choice((16, 32, 64)),
        bins=Choice((8, 16, 32)),
        heads=Choice((2, 4)),
        layers=Range(1, 3),
        dropout=Choice((0.0, 0.1, 0.2)),
    )
    return seq(network=Choice((dense, attentive) if shape[0] <= ATTENDED else (dense,)))


def _numbers(columns: int) -> tuple[Op, ...]:
    """Return the ways in which numbers may be embedded."""
    if columns > EMBEDDED:
        return (op("plain"),)
    widths = Choice((4, 8, 16))
    pieces = op(
        "pieces", bins=Choice((8, 16, 32, 48, 96, 192)), width=widths, aimed=Choice((False, True))
    )
    waves = op(
        "waves",
        frequencies=Choice((8, 16, 32)),
        scale=Choice((0.1, 0.3, 1.0, 3.0)),
        width=widths,
    )
    return (op("plain"), pieces, waves)


def _bodies() -> tuple[Op, ...]:
    dropout = Choice((0.0, 0.1, 0.25, 0.5))
    shared = Choice((True, False))
    return (
        op(
            "mlp",
            width=Choice(WIDTHS),
            layers=Range(1, 4),
            norm=Choice((False, True)),
            activation=Choice(("relu", "gelu", "silu")),
            dropout=dropout,
            shared=shared,
        ),
        op("resnet_mlp", width=Choice(WIDTHS), blocks=Range(1, 4), dropout=dropout, shared=shared),
    )


def portfolio(shape: tuple[int, ...]) -> list[Architecture]:
    """Return known-good starts; the first is the hand-made default network."""
    plain: dict[str, Value] = {"numbers": "plain"}
    wide = shape[0] > EMBEDDED
    aimed = plain if wide else _pieces(96, aimed=True)
    waves = plain if wide else _waves(1.0)
    slow = plain if wide else _waves(0.1)
    pieces = plain if wide else _pieces(16)
    body = _mlp(192, layers=3, dropout=0.25, shared=False)
    starts = [
        _start(aimed, body, members=4),
        _start(aimed, body, members=4, swap=0.1),
        _start(plain, _mlp(128, layers=2, dropout=0.5, shared=False), members=8),
        _start(waves, body, members=4),
        _start(waves, _mlp(128, layers=2), members=4),
        _start(plain, _mlp(256, layers=3)),
        _start(slow, _mlp(128, layers=2, dropout=0.5, shared=False), members=4),
        _start(plain, _mlp(32, layers=1, dropout=0.25)),
        _start(pieces, _mlp(128, layers=2), members=8),
        _start(waves, _resnet(64)),
    ]
    if shape[0] <= ATTENDED:
        tokens: dict[str, Value] = {"width": 32, "bins": 16, "heads": 4, "layers": 2}
        starts.append(_placed("tokens", {**tokens, "dropout": 0.1}))
    return list(dict.fromkeys(starts))  # wide tables have fewer, see `wide`


def _start(
    numbers: dict[str, Value], body: dict[str, Value], *, members: int = 1, swap: float = 0.0
) -> Architecture:
    more: dict[str, Value] = {"embedding": 8, "members": members, "swap": swap}
    return _placed("table", {**numbers, **body, **more})


def _placed(family: str, answers: dict[str, Value]) -> Architecture:
    placed = {f"network/{family}/{path}": value for path, value in answers.items()}
    return Architecture.of({"network": family, **placed})


def _waves(scale: float) -> dict[str, Value]:
    how: dict[str, Value] = {"frequencies": 16, "scale": scale, "width": 8}
    return {"numbers": "waves"} | {f"numbers/waves/{path}": value for path, value in how.items()}


def _pieces(bins: int, *, aimed: bool = False) -> dict[str, Value]:
    how: dict[str, Value] = {"bins": bins, "width": 8, "aimed": aimed}
    return {"numbers": "pieces"} | {f"numbers/pieces/{path}": value for path, value in how.items()}


def _mlp(width: int, *, layers: int, dropout: float = 0.1, shared: bool = True) -> dict[str, Value]:
    how: dict[str, Value] = {"width": width, "layers": layers, "dropout": dropout}
    how |= {"norm": False, "activation": "relu", "shared": shared}
    return {"body": "mlp"} | {f"body/mlp/{path}": value for path, value in how.items()}


def _resnet(width: int) -> dict[str, Value]:
    how: dict[str, Value] = {"width": width, "blocks": 2, "dropout": 0.25, "shared": True}
    placed = {f"body/resnet_mlp/{path}": value for path, value in how.items()}
    return {"body": "resnet_mlp"} | placed
