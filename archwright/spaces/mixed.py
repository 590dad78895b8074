"""Networks for several inputs at once: an encoder for each, and a choice of how they are joined."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archwright.core.architecture import Architecture
from archwright.core.space import Choice, Node, Range, Repeat, Value, op, seq
from archwright.errors import SpaceError
from archwright.nets.preprocess_text import ROWS
from archwright.spaces import audio, chain, mlp, text

Form = tuple[Any, ...]


def mixed(form: Form) -> Node:
    """Return an encoder space for each input, a choice of fusion, and 0-2 dense layers behind it.

    An encoder is any network of the space for that kind of data: `mlp`, `text` (those networks
    that are trained), `chain` or `audio`. They are joined side by side, by gates (arXiv:1702.01992)
    or by attention of each to the others (arXiv:1706.03762); inputs may be left out in training
    (arXiv:1501.00102).

    Args:
        form: The shape of each input, such as ((7,), (9, 32), (3, 32, 32), (1, 8000)).

    Raises:
        SpaceError: the data are not several inputs.
    """
    if not form or not all(isinstance(shape, tuple) for shape in form):
        raise SpaceError(f"the space 'mixed' takes several inputs at once, not the shape {form}")
    kinds = names(form)
    encoders = {name: _encoder(name, shape) for name, shape in zip(kinds, form, strict=True)}
    crossed = op(
        "crossed",
        heads=Choice((2, 4)),
        layers=Range(1, 2),
        dropout=Choice((0.0, 0.1, 0.3)),
    )
    dense = op("dense", units=Range(16, 256, log=True), activation=Choice(mlp.ACTIVATIONS))
    return seq(
        inputs=op(
            "several",
            width=Choice((16, 32, 64, 128)),
            forget=Choice((0.0, 0.1, 0.2, 0.3)),
            encoders=seq(**encoders),
        ),
        fusion=Choice((op("concatenated"), op("gated"), crossed)),
        dense=op(
            "stack",
            norm="none",
            dropout=Choice((0.0, 0.1, 0.2, 0.3, 0.5)),
            residual=False,
            layers=Repeat(dense, Range(0, 2)),
        ),
        head=op("output"),
    )


def names(form: Form) -> list[str]:
    """Return what the encoder of each input is called: its kind, and a number."""
    kinds = [_kind(shape) for shape in form]
    return [f"{kind}{kinds[: i + 1].count(kind)}" for i, kind in enumerate(kinds)]


def _kind(shape: tuple[int, ...]) -> str:
    match shape:
        case (_,):
            return "table"
        case (rows, _) if rows == ROWS:
            return "text"
        case (1, _):
            return "audio"
        case (_, _, _):
            return "image"
    raise SpaceError(f"the space 'mixed' has no encoder for an input of shape {shape}")


def _encoder(name: str, shape: tuple[int, ...]) -> Node:
    """Return the space of an input's encoders."""
    match name.rstrip("0123456789"):
        case "table":
            return mlp.mlp(shape)
        case "text":
            return seq(network=Choice((text.trained(),)))
        case "audio":
            return audio.audio(shape)
    return chain.chain(shape)


def portfolio(form: Form) -> list[Architecture]:
    """Return known-good starts; the first is the hand-made default network."""
    attention: dict[str, Value] = {"crossed/heads": 4, "crossed/layers": 1, "crossed/dropout": 0.1}
    return [
        _start(form, 0, "concatenated"),
        _start(form, 0, "gated"),
        _start(form, 1, "concatenated"),
        _start(form, 0, "crossed", attention),
    ]


def _start(
    form: Form, number: int, fusion: str, answers: dict[str, Value] | None = None
) -> Architecture:
    """Return a network whose encoders are those starts of their own spaces, as far as there are."""
    whole: dict[str, Value] = {"inputs/width": 64, "inputs/forget": 0.1, "fusion": fusion}
    whole |= {"dense/dropout": 0.2, "dense/layers/depth": 0}
    whole |= {f"fusion/{path}": value for path, value in (answers or {}).items()}
    for name, shape in zip(names(form), form, strict=True):
        starts = _starts(name, shape)
        chosen = starts[min(number, len(starts) - 1)].answers
        whole |= {f"inputs/encoders/{name}/{path}": value for path, value in chosen.items()}
    return Architecture.of(whole)


def _starts(name: str, shape: tuple[int, ...]) -> Sequence[Architecture]:
    match name.rstrip("0123456789"):
        case "table":
            return mlp.portfolio(shape)
        case "text":
            return [arch for arch in text.portfolio(shape) if arch.answers["network"] == "text"]
        case "audio":
            return audio.portfolio(shape)
    return chain.portfolio(shape)
