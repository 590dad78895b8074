"""The vectors that a pretrained encoder makes of texts: worked out once for all networks of a run.

They stand in further rows of an example, where the encoder of a network finds them; in `model.py`
there are none, and it works them out.
"""

from __future__ import annotations

import hashlib
import time

import torch
from torch import Tensor
from torch.nn import functional

from archwright.nets.ops_encoder import Encoder
from archwright.nets.pretrained import encoder
from archwright.nets.site import Pretrained

TOGETHER = 64
"""Texts that are read at once."""

_known: dict[str, Tensor] = {}
"""The vectors of the last texts: a run asks for them when it begins, and at its end."""


def seconds(x: Tensor, given: Pretrained) -> float:
    """Return how long the vectors of some texts take.

    Args:
        x: Texts as numbers, (texts, rows, length).
    """
    network = encoder(given, x.shape[2])
    numbers = _numbers(network, x)
    _vectors(network, numbers[:4])  # warms up
    started = time.perf_counter()
    _vectors(network, numbers)
    return time.perf_counter() - started


def beside(x: Tensor, given: Pretrained) -> Tensor:
    """Return texts with their vectors, (texts, more rows, length) float32.

    Args:
        x: Texts as numbers, (texts, rows, length).
    """
    network = encoder(given, x.shape[2])
    numbers = _numbers(network, x)
    said = f"{given.folder} {tuple(numbers.shape)}".encode()
    key = hashlib.sha256(said + numbers.to(torch.int32).numpy().tobytes()).hexdigest()
    if key not in _known:
        made = _vectors(network, numbers)
        _known.clear()
        _known[key] = made
    length = x.shape[2]
    filled = functional.pad(_known[key], (0, -network.width % length))
    return torch.cat([x.float(), filled.view(len(x), -1, length)], 1)


def _numbers(network: Encoder, x: Tensor) -> Tensor:
    return x[:, network.first : network.last].flatten(1)[:, : network.tokens].long()


@torch.no_grad()
def _vectors(network: Encoder, numbers: Tensor) -> Tensor:
    """Return the vectors of texts, (texts, width); those of like length are read together."""
    made = torch.empty(len(numbers), network.width)
    lengths = (numbers > 0).sum(1)
    for some in lengths.argsort().split(TOGETHER):
        made[some] = network.pooled(numbers[some, : int(lengths[some].max())])
    return made
