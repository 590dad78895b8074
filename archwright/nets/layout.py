"""Reads the layers of a plain network from its modules: what `inherit` goes by."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from torch import nn

from archwright.nets.ops_common import ACTIVATIONS, Ranks, Residual, Unscale
from archwright.nets.ops_image import Normalise
from archwright.nets.ops_tabular import Columns

LETTERS: dict[type[nn.Module], str] = {
    **dict.fromkeys(ACTIVATIONS.values(), "a"),
    **dict.fromkeys((nn.Linear, nn.Conv2d), "o"),
    **dict.fromkeys((nn.MaxPool2d, nn.AvgPool2d), "p"),
    **dict.fromkeys((nn.BatchNorm1d, nn.BatchNorm2d, nn.LayerNorm), "n"),
    nn.Dropout: "d",
}
BLOCK = re.compile("oo?p?n?ad?")
"""A layer: one or two operations (separable), pooling, normalisation, activation, dropout."""

WAY = re.compile("p?o?")
"""The way round a residual layer, unless it is an identity."""


@dataclass(frozen=True)
class Block:
    """One layer.

    Args:
        depthwise: The first half of a separable convolution, if it is one.
        op: What mixes the units.
        halving: The pooling's name, and the stride.
        residual: Whether there is a way round it.
        fitted: The operation on that way, if there is one.
    """

    depthwise: nn.Conv2d | None
    op: nn.Linear | nn.Conv2d
    halving: tuple[str, int]
    norm: nn.Module | None
    activation: nn.Module
    residual: bool
    fitted: nn.Linear | nn.Conv2d | None

    @property
    def width(self) -> int:
        return int(self.op.weight.shape[0])

    @property
    def kernel(self) -> int:
        return int((self.depthwise or self.op).weight.shape[-1]) if self.op.weight.ndim > 2 else 1


@dataclass(frozen=True)
class Layout:
    """A whole network: columns and dense layers, or an image's stages, pooling and dense layers.

    Args:
        first: What sets the examples right.
        stages: Layers by stage; one stage for a table.
        pooling: From maps to a vector; None for a table.
        dense: The layers behind the pooling.
        before: The modules before the pooling.
    """

    first: nn.Module
    stages: list[list[Block]]
    pooling: nn.Module | None
    dense: list[Block]
    head: nn.Linear
    before: list[nn.Module]

    @property
    def kind(self) -> type[nn.Module]:
        return type(self.first)


def layout(net: nn.Module) -> Layout | None:
    """Return the layers of a network, or None if it is not of this form."""
    parts = list(net) if type(net) is nn.Sequential else []
    head = _head(parts[-1]) if parts else None
    if head is None:
        return None
    if len(parts) == 3 and type(parts[0]) is Columns:
        stage = _layers(parts[1])
        return None if stage is None else Layout(parts[0], [stage], None, [], head, [])
    if len(parts) != 5 or type(parts[0]) is not Normalise or type(parts[1]) is not nn.Sequential:
        return None
    stages, dense = [_layers(stage) for stage in parts[1]], _layers(parts[3])
    known = [stage for stage in stages if stage is not None]
    if len(known) < len(stages) or dense is None or not _pools(parts[2]):
        return None
    return Layout(parts[0], known, parts[2], dense, head, parts[:2])


def _head(module: nn.Module) -> nn.Linear | None:
    parts = list(module) if type(module) is nn.Sequential else [module]
    plain = [type(part) for part in parts] in (
        [nn.Linear],
        [nn.Linear, Unscale],
        [nn.Linear, Ranks],
    )
    return parts[0] if plain and isinstance(parts[0], nn.Linear) else None


def _pools(module: nn.Module) -> bool:
    kinds = [type(part) for part in (module if type(module) is nn.Sequential else [module])]
    return kinds in ([nn.Flatten], [nn.AdaptiveAvgPool2d, nn.Flatten])


def _layers(module: nn.Module) -> list[Block] | None:
    found = [_block(part) for part in module] if type(module) is nn.Sequential else [None]
    known = [block for block in found if block is not None]
    return known if len(known) == len(found) else None


def _block(module: nn.Module) -> Block | None:
    residual = isinstance(module, Residual)
    body, way = (module.body, module.shortcut) if isinstance(module, Residual) else (module, None)
    if type(body) is not nn.Sequential or not BLOCK.fullmatch(_letters(body)):
        return None
    around = [] if way is None else list(way) if type(way) is nn.Sequential else [way]
    if [type(part) for part in around] != [nn.Identity] and not WAY.fullmatch(_letters(around)):
        return None
    ops = [part for part in body if isinstance(part, nn.Linear | nn.Conv2d)]
    pools = [type(part).__name__ for part in body if LETTERS[type(part)] == "p"]
    deep = ops[0] if len(ops) == 2 else None
    if not _mixes(ops[-1]) or (deep is not None and not _depthwise(deep, ops[-1])):
        return None
    stride = ops[0].stride[0] if isinstance(ops[0], nn.Conv2d) else 1
    fitted = next((p for p in around if isinstance(p, nn.Linear | nn.Conv2d)), None)
    if fitted is not None and (fitted.bias is not None or not _mixes(fitted)):
        return None
    norm = next((part for part in body if LETTERS[type(part)] == "n"), None)
    act = next(part for part in body if LETTERS[type(part)] == "a")
    first = deep if isinstance(deep, nn.Conv2d) else None
    return Block(first, ops[-1], ("".join(pools), int(stride)), norm, act, residual, fitted)


def _letters(parts: Iterable[nn.Module]) -> str:
    return "".join(LETTERS.get(type(part), "?") for part in parts)


def _mixes(op: nn.Linear | nn.Conv2d) -> bool:
    """Whether every unit sees every input, through a square kernel that is padded to its centre."""
    return isinstance(op, nn.Linear) or (op.groups == 1 and _centred(op))


def _depthwise(first: nn.Linear | nn.Conv2d, second: nn.Linear | nn.Conv2d) -> bool:
    if isinstance(first, nn.Linear) or isinstance(second, nn.Linear):
        return False
    single = first.groups == first.in_channels == first.out_channels and second.stride == (1, 1)
    return single and first.bias is None and _centred(first) and second.kernel_size == (1, 1)


def _centred(op: nn.Conv2d) -> bool:
    side = op.kernel_size[0]
    right = op.padding == (side // 2,) * 2 and op.kernel_size == (side, side)
    return right and side % 2 == 1 and op.dilation == (1, 1) and op.padding_mode == "zeros"
