"""Networks for texts: bags of embeddings, convolutional, recurrent and attentive bodies."""

from __future__ import annotations

from archwright.core.architecture import Architecture
from archwright.core.space import Choice, Node, Op, Range, Repeat, Value, op, seq
from archwright.errors import SpaceError
from archwright.nets.preprocess_text import ROWS
from archwright.spaces import mlp


def text(shape: tuple[int, ...]) -> Node:
    """Return a choice of what is read (words, pieces of words, characters) and of families.

    Bags of embeddings with hashed runs of parts (fastText, arXiv:1607.01759), TextCNN
    (arXiv:1408.5882), GRU (arXiv:1406.1078), and self-attention (arXiv:1706.03762). Pieces are
    those of byte-pair encoding (arXiv:1508.07909). Beside them stand linear models of runs of
    words and characters, which are fitted and not trained. With a pretrained encoder there are
    such linear models that look at its vectors too, and dense layers behind it.

    Args:
        shape: (9, length), see `nets.preprocess_text`; more rows where there is an encoder.

    Raises:
        SpaceError: the data are not texts.
    """
    if len(shape) != 2 or shape[0] < ROWS:
        raise SpaceError(f"the space 'text' takes texts, ({ROWS}, length), not shape {shape}")
    known = _pretrained() if shape[0] > ROWS else ()
    return seq(network=Choice((trained(), op("grams", **_runs()), *known)))


def _runs() -> dict[str, Choice]:
    """Return the choices of a linear model."""
    return {
        "words": Choice((1, 2, 3)),
        "characters": Choice((0, 3, 4, 5, 6)),
        "buckets": Choice((4096, 16_384, 65_536)),
        "strength": Choice((0.03, 0.1, 0.3, 1.0, 3.0)),
    }


def _pretrained() -> tuple[Op, ...]:
    """Return the networks that look at the vectors of a pretrained encoder."""
    dense = op("dense", units=Range(32, 512, log=True), activation=Choice(mlp.ACTIVATIONS))
    stack = op(
        "stack",
        norm=Choice(("none", "batch")),
        dropout=Choice((0.0, 0.2, 0.5)),
        residual=False,
        layers=Repeat(dense, Range(0, 2)),
    )
    return (
        op("informed", **_runs(), share=Choice((0.5, 1.0, 2.0, 4.0))),
        op("encoded", dense=stack, last_dropout=Choice((0.0, 0.2, 0.5))),
    )


def trained() -> Op:
    """Return the networks that are trained."""
    return op(
        "text",
        reads=Choice(("word", "piece", "character")),
        width=Choice((16, 32, 64, 128)),
        grams=Choice((1, 2, 3, 4)),
        buckets=Choice((4096, 16_384)),
        forget=Choice((0.0, 0.1, 0.2, 0.3)),
        dropout=Choice((0.0, 0.2, 0.5)),
        body=Choice(_bodies()),
        pooling=Choice(("mean", "max", "both")),
        last_dropout=Choice((0.0, 0.2, 0.5)),
    )


def _bodies() -> tuple[Op, ...]:
    return (
        op("bag"),
        op("textcnn", filters=Choice((32, 64, 128)), kernels=Range(1, 3)),
        op("gru", width=Choice((32, 64, 128)), layers=Range(1, 2)),
        op(
            "transformer",
            heads=Choice((2, 4)),
            layers=Range(1, 2),
            dropout=Choice((0.1, 0.3)),
        ),
    )


def portfolio(shape: tuple[int, ...]) -> list[Architecture]:
    """Return known-good starts; the first is the hand-made default network."""
    cnn: dict[str, Value] = {"textcnn/filters": 64, "textcnn/kernels": 2}
    gru: dict[str, Value] = {"gru/width": 64, "gru/layers": 1}
    attention: dict[str, Value] = {"transformer/heads": 4, "transformer/layers": 1}
    known = [_informed(), _encoded()] if shape[0] > ROWS else []
    return [
        _start("word", "bag", grams=2, pooling="both"),
        *known,
        _fitted(words=2, characters=5, strength=0.3),
        _fitted(words=2, characters=0, strength=1.0),
        _start("word", "textcnn", cnn, pooling="max"),
        _start("piece", "bag", grams=2, pooling="both"),
        _start("word", "gru", gru, pooling="both"),
        _start("word", "transformer", {**attention, "transformer/dropout": 0.1}, pooling="mean"),
    ]


def _start(
    reads: str,
    body: str,
    answers: dict[str, Value] | None = None,
    *,
    grams: int = 1,
    pooling: str,
) -> Architecture:
    whole: dict[str, Value] = {"reads": reads, "width": 64, "grams": grams, "buckets": 16_384}
    whole |= {"forget": 0.2, "dropout": 0.2, "body": body, "pooling": pooling, "last_dropout": 0.5}
    whole |= {f"body/{path}": value for path, value in (answers or {}).items()}
    placed = {f"network/text/{path}": value for path, value in whole.items()}
    return Architecture.of({"network": "text", **placed})


def _fitted(words: int, characters: int, strength: float) -> Architecture:
    whole: dict[str, Value] = {"words": words, "characters": characters, "buckets": 65_536}
    whole |= {"strength": strength}
    placed = {f"network/grams/{path}": value for path, value in whole.items()}
    return Architecture.of({"network": "grams", **placed})


def _informed() -> Architecture:
    whole: dict[str, Value] = {"words": 2, "characters": 5, "buckets": 65_536}
    whole |= {"strength": 0.3, "share": 2.0}
    placed = {f"network/informed/{path}": value for path, value in whole.items()}
    return Architecture.of({"network": "informed", **placed})


def _encoded() -> Architecture:
    whole: dict[str, Value] = {"dense/norm": "none", "dense/dropout": 0.2, "last_dropout": 0.2}
    whole |= {
        "dense/layers/depth": 1,
        "dense/layers/0/units": 256,
        "dense/layers/0/activation": "relu",
    }
    placed = {f"network/encoded/{path}": value for path, value in whole.items()}
    return Architecture.of({"network": "encoded", **placed})
