"""The space of densely connected networks."""

from __future__ import annotations

import pytest

from archwright.core.architecture import Architecture, decode
from archwright.errors import SpaceError
from archwright.nets.build import build
from archwright.nets.shapes import trace
from archwright.nets.site import Signature
from archwright.spaces.densenet import densenet, portfolio

SHAPE = (1, 8, 8)


def channels(**changed: object) -> int:
    """Channels behind the dense blocks of the default network, with some answers changed."""
    arch = portfolio(SHAPE)[0]
    arch = Architecture.of(arch.answers | {f"body/{k}": v for k, v in changed.items()})
    net = build(decode(densenet(SHAPE), arch), Signature(SHAPE, 3))
    return trace(net.body, trace(net.stem, SHAPE)[0])[0][0]


def test_each_layer_adds_the_growth_rate_and_each_transition_compresses() -> None:
    first = 24 + 4 * 12
    second = first // 2 + 4 * 12
    assert channels() == second // 2 + 4 * 12
    assert channels(keep=1.0) == 24 + 3 * 4 * 12
    assert channels(keep=1.0, growth=4) == 24 + 3 * 4 * 4


def test_bottlenecks_change_no_width() -> None:
    assert channels(bottleneck=True) == channels()


def test_tables_are_refused() -> None:
    with pytest.raises(SpaceError, match="takes images"):
        densenet((4,))
