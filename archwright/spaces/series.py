"""Networks for series: convolutional, dilated and recurrent bodies, and MiniRocket with ridge."""

from __future__ import annotations

from archwright.core.architecture import Architecture
from archwright.core.space import Choice, Node, Op, Range, Repeat, Value, op, seq
from archwright.errors import SpaceError

WIDTHS = (16, 32, 64, 128)
LONG = 64
"""Steps that are left, at least, where several are averaged into one."""

PLACES = 512
"""MiniRocket looks at so many places of a long series, at least: at 256 it loses a point or two."""


def series(shape: tuple[int, ...]) -> Node:
    """Return a choice of families, each with its own widths, depths and kernels.

    FCN and ResNet (arXiv:1611.06455), InceptionTime (arXiv:1909.04939), LITE (arXiv:2409.02869),
    TCN (arXiv:1803.01271), GRU (arXiv:1406.1078), and MiniRocket features (arXiv:2012.08791) with
    ridge regression, which are fitted and not trained.

    Args:
        shape: (channels, length).

    Raises:
        SpaceError: the data are not series.
    """
    if len(shape) != 2:
        raise SpaceError(f"the space 'series' takes (channels, length), not shape {shape}")
    trained = op(
        "series",
        own=Choice((False, True)),
        down=Choice(_downs(shape[1])),
        body=Choice(_bodies()),
        pooling=Choice(("mean", "max", "both")),
        dropout=Choice((0.0, 0.2, 0.5)),
    )
    fitted = op(
        "rocket",
        own=Choice((False, True)),
        features=Choice((1000, 2500, 5000, 10_000)),
        changes=Choice((False, True)),
        places=PLACES,
    )
    return seq(network=Choice((trained, fitted)))


def _bodies() -> tuple[Op, ...]:
    """Return the families of what is trained."""
    layer = op("layer", width=Choice(WIDTHS), kernel=Choice((3, 5, 9, 17)))
    kernels = Choice((9, 17, 41))
    return (
        op("fcn", layers=Repeat(layer, Range(1, 4))),
        op("resnet1d", width=Choice(WIDTHS), blocks=Range(1, 4), kernel=Choice((5, 9, 17))),
        op("inception", width=Choice((8, 16, 32)), modules=Range(1, 6), kernel=kernels),
        op(
            "lite",
            width=Choice((16, 32, 64)),
            kernel=kernels,
            crafted=Choice((True, False)),
            layers=Range(1, 4),
        ),
        op("tcn", width=Choice((16, 32, 64)), blocks=Range(2, 7), kernel=Choice((3, 5, 9))),
        op("gru", width=Choice((32, 64, 128)), layers=Range(1, 2)),
    )


def _downs(length: int) -> tuple[int, ...]:
    """Return how many steps may be averaged into one: few series need each of thousands."""
    return tuple(down for down in (1, 2, 4, 8, 16) if down == 1 or length / down >= LONG)


def portfolio(shape: tuple[int, ...]) -> list[Architecture]:
    """Return known-good starts; the first is the hand-made default network, if time allows it.

    Half as wide as InceptionTime and of half its depth: on training rows of four small sets it was
    as good, for a quarter of the cost.
    """
    down = next(d for d in reversed(_downs(shape[1])) if d == 1 or shape[1] / d >= 4 * LONG)
    fcn: dict[str, Value] = {"fcn/layers/depth": 3}
    for i, (width, kernel) in enumerate(((64, 9), (64, 5), (64, 3))):
        fcn |= {f"fcn/layers/{i}/width": width, f"fcn/layers/{i}/kernel": kernel}
    inception: dict[str, Value] = {"inception/width": 16, "inception/modules": 3}
    lite: dict[str, Value] = {"lite/width": 32, "lite/kernel": 41, "lite/crafted": True}
    resnet: dict[str, Value] = {"resnet1d/width": 32, "resnet1d/blocks": 3, "resnet1d/kernel": 9}
    return [
        _trained("inception", {**inception, "inception/kernel": 41}, down),
        _rocket(features=10_000, changes=False),
        _rocket(features=10_000, changes=True),
        _trained("fcn", fcn, down),
        _trained("lite", {**lite, "lite/layers": 2}, down),
        _trained("resnet1d", resnet, down),
        _trained("gru", {"gru/width": 64, "gru/layers": 1}, down),
    ]


def _trained(family: str, answers: dict[str, Value], down: int) -> Architecture:
    whole: dict[str, Value] = {
        "own": False,
        "down": down,
        "body": family,
        "pooling": "mean",
        "dropout": 0.2,
    }
    whole |= {f"body/{path}": value for path, value in answers.items()}
    placed = {f"network/series/{path}": value for path, value in whole.items()}
    return Architecture.of({"network": "series", **placed})


def _rocket(features: int, changes: bool) -> Architecture:
    whole = {"own": False, "features": features, "changes": changes}
    placed = {f"network/rocket/{path}": value for path, value in whole.items()}
    return Architecture.of({"network": "rocket", **placed})
