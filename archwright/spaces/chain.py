"""Plain chains of layers for images: convolutions, pooling, then dense layers."""

from __future__ import annotations

from archwright.core.architecture import Architecture
from archwright.core.space import Choice, Node, Op, Range, Repeat, Value, op, seq
from archwright.errors import SpaceError

WIDTHS = (8, 16, 24, 32, 48, 64, 96, 128)
ACTIVATIONS = ("relu", "tanh", "linear", "gelu")
MOST_STAGES = 5


def chain(shape: tuple[int, ...]) -> Node:
    """Return stages of 1-3 layers, the first of which may halve the image, and 0-2 dense layers.

    There are only as many stages as the image can be halved, so every shape works.

    Args:
        shape: (channels, height, width).

    Raises:
        SpaceError: the data are not images.
    """
    if len(shape) != 3:
        raise SpaceError(f"the space 'chain' takes images, not shape {shape}; use 'mlp'")
    dense = op("dense", units=Range(16, 256, log=True), activation=Choice(ACTIVATIONS))
    return seq(
        normalise=op("normalise"),
        body=op(
            "stages",
            norm=Choice(("batch", "none")),
            stages=Repeat(stage(min(shape[1:]) > 1), stages(shape)),
        ),
        pooling=op("pooled", pooling=Choice(("global", "flatten"))),
        dense=op(
            "stack",
            norm="none",
            dropout=Choice((0.0, 0.1, 0.2, 0.3, 0.5)),
            residual=False,
            layers=Repeat(dense, Range(0, 2)),
        ),
        head=op("output"),
    )


def stage(halved: bool) -> Op:
    """Return a stage of layers, which may halve the image or may not."""
    return op(
        "stage",
        width=Choice(WIDTHS),
        down=Choice(("none", "stride", "max_pool", "avg_pool") if halved else ("none",)),
        layers=Repeat(Choice((_layer("convolution"), _layer("separable"))), Range(1, 3)),
    )


def stages(shape: tuple[int, ...]) -> Range:
    """Return how many stages an image of this shape allows."""
    halvings = min(shape[1:]).bit_length() - 1
    return Range(1, max(1, min(MOST_STAGES, halvings)))


def portfolio(shape: tuple[int, ...]) -> list[Architecture]:
    """Return known-good starts; the first is the hand-made default network, if time allows it.

    From 16 pixels on, the first layer halves the image: most of a chain's time goes there.
    """
    side, deep = min(shape[1:]), min(3, stages(shape).high)
    first = "stride" if side >= 16 else "max_pool" if side > 1 else "none"
    downs = (first, *["max_pool"] * (deep - 1))
    kernel = 5 if side >= 16 else 3
    narrow, wide, widest = (24, 48, 64)[:deep], (32, 64, 96)[:deep], (32, 64, 128)[:deep]
    flat: dict[str, Value] = {"pooling/pooling": "flatten", "dense/dropout": 0.2}
    mean: dict[str, Value] = {"pooling/pooling": "global", "dense/dropout": 0.1}
    return [
        start(widest, (2, 2, 2), downs, kernel, mean),
        start(narrow, (1, 1, 1), downs, kernel, flat),
        start(wide, (1, 2, 1), downs, kernel, mean),
        start(narrow, (2, 2, 1), downs, 3, flat),
    ]


def _layer(name: str) -> Op:
    return op(
        name,
        kernel=Choice((3, 5)),
        activation=Choice(ACTIVATIONS),
        skip=Choice((False, True)),
    )


def start(
    widths: tuple[int, ...],
    layers: tuple[int, ...],
    downs: tuple[str, ...],
    first_kernel: int,
    rest: dict[str, Value],
) -> Architecture:
    """Return a chain of convolutions with batch normalisation, and no dense layer but the last.

    Args:
        widths, layers, downs: One a stage.
        rest: The answers for pooling and dropout.
    """
    answers: dict[str, Value] = {"body/norm": "batch", "body/stages/depth": len(widths)}
    for i, width in enumerate(widths):
        stage = f"body/stages/{i}"
        answers |= {f"{stage}/width": width, f"{stage}/down": downs[i]}
        answers[f"{stage}/layers/depth"] = layers[i]
        for k in range(layers[i]):
            layer = f"{stage}/layers/{k}"
            answers[layer] = "convolution"
            answers[f"{layer}/convolution/kernel"] = first_kernel if i == k == 0 else 3
            answers[f"{layer}/convolution/activation"] = "relu"
            answers[f"{layer}/convolution/skip"] = k > 0
    return Architecture.of({**answers, **rest, "dense/layers/depth": 0})
