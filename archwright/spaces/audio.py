"""Networks for sound: convolutional and recurrent readers of spectrograms, and of samples."""

from __future__ import annotations

from archwright.core.architecture import Architecture
from archwright.core.space import Choice, Node, Op, Range, Repeat, Value, op, seq
from archwright.errors import SpaceError
from archwright.spaces import chain

BANDS, HOPS = (24, 32, 40, 64), (8, 10, 16)
"""Bands of a spectrogram, and milliseconds from frame to frame."""


def audio(shape: tuple[int, ...]) -> Node:
    """Return a choice of what is heard (bands over time, or samples) and of families.

    Plain and separable convolutions (DS-CNN, arXiv:1711.07128), BC-ResNet (arXiv:2106.04140) and
    GRU (arXiv:1406.1078) over log-mel spectrograms; M5 (arXiv:1610.00087) over samples. How fine
    the spectrogram is, and how clips are changed in training, are choices too.

    Args:
        shape: (1, samples).

    Raises:
        SpaceError: the data are not clips.
    """
    if len(shape) != 2 or shape[0] != 1:
        raise SpaceError(f"the space 'audio' takes clips, (1, samples), not shape {shape}")
    heard = {
        "own": Choice((False, True)),
        "shift": Choice((0.0, 0.05, 0.1)),
    }
    closing = {"pooling": Choice(("mean", "max", "both")), "dropout": Choice((0.0, 0.2, 0.5))}
    spectral = op(
        "audio",
        bands=Choice(BANDS),
        hop=Choice(HOPS),
        mask=Choice((0.0, 0.1, 0.25)),
        body=Choice(_readers()),
        **heard,
        **closing,
    )
    m5 = op("m5", width=Choice((16, 32, 64)), first=Choice((40, 80, 160)), layers=Range(2, 4))
    return seq(network=Choice((spectral, op("waveform", body=m5, **heard, **closing))))


def _readers() -> tuple[Op, ...]:
    """Return the families that read spectrograms."""
    stages = Repeat(chain.stage(halved=True), Range(1, 3))
    gru = op("gru", width=Choice((32, 64, 128)), layers=Range(1, 2))
    return (
        op("stages", norm="batch", stages=stages),
        op("bcresnet", width=Choice((8, 16, 24, 32)), blocks=Range(1, 2), dropout=0.1),
        op("over_time", reader=gru),
    )


def portfolio(shape: tuple[int, ...]) -> list[Architecture]:
    """Return known-good starts; the first is the hand-made default network."""
    plain: dict[str, Value] = {"stages/stages/depth": 3}
    for i, width in enumerate((16, 32, 64)):
        stage = f"stages/stages/{i}"
        plain |= {f"{stage}/width": width, f"{stage}/down": "max_pool", f"{stage}/layers/depth": 1}
        layer = f"{stage}/layers/0"
        plain |= {layer: "convolution", f"{layer}/convolution/kernel": 3}
        plain |= {f"{layer}/convolution/activation": "relu", f"{layer}/convolution/skip": False}
    return [
        _spectral("stages", plain),
        _spectral("bcresnet", {"bcresnet/width": 8, "bcresnet/blocks": 1}),
        _spectral("over_time", {"over_time/reader/width": 64, "over_time/reader/layers": 1}),
        _of_samples(width=32, first=80, layers=4),
    ]


def _spectral(body: str, answers: dict[str, Value]) -> Architecture:
    whole: dict[str, Value] = {"bands": 40, "hop": 10, "own": True, "shift": 0.05, "mask": 0.1}
    whole |= {"body": body, "pooling": "mean", "dropout": 0.2}
    whole |= {f"body/{path}": value for path, value in answers.items()}
    placed = {f"network/audio/{path}": value for path, value in whole.items()}
    return Architecture.of({"network": "audio", **placed})


def _of_samples(width: int, first: int, layers: int) -> Architecture:
    whole: dict[str, Value] = {"own": True, "shift": 0.05, "pooling": "mean", "dropout": 0.2}
    whole |= {"body/width": width, "body/first": first, "body/layers": layers}
    placed = {f"network/waveform/{path}": value for path, value in whole.items()}
    return Architecture.of({"network": "waveform", **placed})
