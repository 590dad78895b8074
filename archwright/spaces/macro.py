"""NAS-Bench-Macro: eight layers, each of which is skipped, small or large."""

from __future__ import annotations

from archwright.core.architecture import Architecture
from archwright.core.space import Choice, Node, Seq, op, seq
from archwright.errors import SpaceError

LAYERS = (2, 3, 3)
"""How many layers each stage has; the first of a stage halves the image and doubles the width."""

ANSWERS = ("identity", "mb3", "mb6")
"""What a layer may be, in the order of the benchmark's digits 0, 1, 2."""


def macro(shape: tuple[int, ...], *, width: int | None = None) -> Node:
    """Return the space of NAS-Bench-Macro (Su et al., 2021, arXiv:2103.11922): 3^8 networks.

    A layer is the identity, or an inverted residual of kernel 3 and expansion 3 (`mb3`) or kernel
    5 and expansion 6 (`mb6`). For images of 3 x 32 x 32 the parameters and multiply-accumulates
    are those of the benchmark. Ours differs in one thing: an identity that halves the image
    averages 2 x 2 pixels before its 1 x 1 convolution, where theirs takes one pixel of four.

    Args:
        shape: (channels, height, width); the image is halved only while its sides allow it.
        width: Channels behind the stem; 32 from 32 pixels on, as in the paper, 16 below.

    Raises:
        SpaceError: the data are not images.
    """
    if len(shape) != 3:
        raise SpaceError(f"the space 'macro' takes images, not shape {shape}; use 'mlp'")
    side = min(shape[1:])
    channels = width or (32 if side >= 32 else 16)
    stem, layers = channels, list[Node]()
    for count in LAYERS:
        channels, stride, side = 2 * channels, 2 if side > 1 else 1, (side + 1) // 2
        layers += [_layer(channels, stride if i == 0 else 0) for i in range(count)]
    return seq(
        normalise=op("normalise"),
        stem=op("conv_block", kernel=3, width=stem, stride=1, activation="relu"),
        layers=Seq(tuple(layers)),
        last=op("conv_block", kernel=1, width=5 * channels, stride=1, activation="relu"),
        pooling=op("pooled", pooling="global"),
        head=op("output"),
    )


def _layer(width: int, stride: int) -> Choice:
    """Return a layer's choice; a stride of 0 stands for one that changes no shape."""
    where = {"width": width, "stride": max(1, stride)}
    return Choice(
        (
            op("identity", **where) if stride else op("identity"),
            op("mb3", kernel=3, expansion=3, **where),
            op("mb6", kernel=5, expansion=6, **where),
        )
    )


def portfolio(shape: tuple[int, ...]) -> list[Architecture]:
    """Return known-good starts; the first is the hand-made default network.

    It follows MobileNetV2: small blocks throughout. The others are larger, smaller, and one that
    has large blocks where the image is halved.
    """
    return [of_digits(digits) for digits in ("11111111", "22222222", "10100100", "21211211")]


def of_digits(digits: str) -> Architecture:
    """Return the architecture that the benchmark writes as eight digits, such as 22212202.

    Raises:
        SpaceError: the text is not of eight digits from 0 to 2.
    """
    if len(digits) != sum(LAYERS) or set(digits) - set("012"):
        raise SpaceError(f"{digits!r}: an architecture of 'macro' is 8 digits from 0 to 2")
    return Architecture.of({f"layers/{i}": ANSWERS[int(d)] for i, d in enumerate(digits)})
