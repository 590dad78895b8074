"""The space of forecasts: how far to look back, on which scale, and with which family."""

from __future__ import annotations

from archwright.core.architecture import Architecture
from archwright.core.space import Choice, Node, Op, Range, Value, op, seq
from archwright.errors import SpaceError

WIDTHS = (16, 32, 64)
PATCHES = (8, 16, 24, 48)
SHARES = (1.0, 0.75, 0.5, 0.25, 0.125, 0.03, 0.01)
"""Of the longest window, that a network may look back: series without a season forget soon."""

FEWEST = 4


def forecast(shape: tuple[int, ...]) -> Node:
    """Return a choice of families, each behind a window and a scale of its own choice.

    DLinear and NLinear (arXiv:2205.13504), N-HiTS (arXiv:2201.12886), and, over patches, a
    transformer (PatchTST, arXiv:2211.14730), dense mixing (TSMixer, arXiv:2303.06053) and dilated
    convolutions (TCN, arXiv:1803.01271).

    Args:
        shape: (channels, longest window).

    Raises:
        SpaceError: the data are no windows.
    """
    if len(shape) != 2:
        raise SpaceError(f"the space 'forecast' takes (channels, length), not shape {shape}")
    front = op(
        "outlook",
        look=Choice(looks(shape[1])),
        norm=Choice(("last", "mean", "std", "none")),
        calendar=Choice((False, True)) if shape[0] > 1 else False,
        body=Choice(_bodies()),
    )
    return seq(network=front)


def looks(longest: int) -> tuple[int, ...]:
    """Return how far networks may look back, the furthest first."""
    found = [round(share * longest) for share in SHARES]
    return tuple(dict.fromkeys(max(min(FEWEST, longest), look) for look in found))


def _bodies() -> tuple[Op, ...]:
    dropouts, beside = Choice((0.0, 0.2, 0.5)), Choice((False, True))
    inner = (
        op("transformer", heads=4, layers=Range(1, 3), dropout=0.2),
        op("mixer", layers=Range(1, 3), dropout=0.2),
        op("tcn", width=Choice(WIDTHS), blocks=Range(1, 4), kernel=3),
    )
    how = {"dropout": dropouts, "linear": beside}
    return (
        op("linear_ahead", kernel=Choice((1, 25))),
        op("ladder", blocks=Range(1, 5), width=Choice((16, 32, 64, 128)), **how),
        op("patched", patch=Choice(PATCHES), width=Choice(WIDTHS), body=Choice(inner), **how),
    )


def portfolio(shape: tuple[int, ...]) -> list[Architecture]:
    """Return known-good starts; the first is the hand-made default network, a linear model.

    It is DLinear's decomposition behind a window as long as there is.
    """
    far = looks(shape[1])
    half = far[min(2, len(far) - 1)]
    return [
        _start(shape, far[0], "none", "linear_ahead", {"kernel": 25}),
        _start(shape, far[0], "last", "linear_ahead", {"kernel": 1}),
        _start(shape, far[0], "mean", "ladder", {"blocks": 2, "width": 32, **_how(0.5)}),
        _start(shape, far[0], "std", "patched", {**_patches("transformer"), "body/layers": 2}),
        _start(shape, far[0], "std", "patched", {**_patches("mixer"), "body/layers": 2}),
        _start(shape, far[-1], "last", "linear_ahead", {"kernel": 1}),
        _start(shape, half, "last", "linear_ahead", {"kernel": 1}),
        _start(shape, half, "mean", "ladder", {"blocks": 2, "width": 32, **_how(0.5)}),
    ]


def _how(dropout: float) -> dict[str, Value]:
    return {"dropout": dropout, "linear": True}


def _patches(body: str) -> dict[str, Value]:
    return {"patch": 16, "width": 16, "body": body, **_how(0.2)}


def _start(
    shape: tuple[int, ...], look: int, norm: str, family: str, answers: dict[str, Value]
) -> Architecture:
    whole: dict[str, Value] = {"look": look, "norm": norm, "body": family}
    whole |= {"calendar": False} if shape[0] > 1 else {}
    inner = answers.get("body")
    for path, value in answers.items():
        placed = path.replace("body/", f"body/{inner}/") if path.startswith("body/") else path
        whole[f"body/{family}/{placed}"] = value
    return Architecture.of({f"network/{path}": value for path, value in whole.items()})
