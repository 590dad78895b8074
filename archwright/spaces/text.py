"""Networks for texts: bags of embeddings, convolutional, recurrent and attentive bodies."""

from __future__ import annotations

from archwright.core.architecture import Architecture
from archwright.core.space import Choice, Node, Op, Range, Value, op, seq
from archwright.errors import SpaceError
from archwright.nets.preprocess_text import ROWS


def text(shape: tuple[int, ...]) -> Node:
    """Return a choice of what is read (words, pieces of words, characters) and of families.

    Bags of embeddings with hashed runs of parts (fastText, arXiv:1607.01759), TextCNN
    (arXiv:1408.5882), GRU (arXiv:1406.1078), and self-attention (arXiv:1706.03762). Pieces are
    those of byte-pair encoding (arXiv:1508.07909). Beside them stand linear models of runs of
    words and characters, which are fitted and not trained.

    Args:
        shape: (9, length), see `nets.preprocess_text`.

    Raises:
        SpaceError: the data are not texts.
    """
    if len(shape) != 2 or shape[0] != ROWS:
        raise SpaceError(f"the space 'text' takes texts, ({ROWS}, length), not shape {shape}")
    fitted = op(
        "grams",
        words=Choice((1, 2, 3)),
        characters=Choice((0, 3, 4, 5, 6)),
        buckets=Choice((4096, 16_384, 65_536)),
        strength=Choice((0.03, 0.1, 0.3, 1.0, 3.0)),
    )
    return seq(network=Choice((trained(), fitted)))


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
    return [
        _start("word", "bag", grams=2, pooling="both"),
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
