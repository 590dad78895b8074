"""Shapes and multiply-accumulates by arithmetic: what a module gives and costs, without running it.

A hundred times faster than running on the meta device, which is what an unknown module falls back
to; refusing candidates before they are trained has to cost next to nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from archwright.nets.ops_audio import Broadcast, LogMel, Overall, Wave
from archwright.nets.ops_cells import CellChain, FactorisedReduction, Truncated
from archwright.nets.ops_common import Averaged, Cell, Ranks, Residual, Unscale
from archwright.nets.ops_encoder import Encoder, Informed
from archwright.nets.ops_forecast import (
    Ladder,
    Linear,
    Mixer,
    Outlook,
    Patched,
    Sum,
    knots,
    patches,
)
from archwright.nets.ops_image import Normalise, Views
from archwright.nets.ops_macro import Gate, Joined
from archwright.nets.ops_mixed import Encoders, Gated
from archwright.nets.ops_sequence import Crafted, Parallel, Recurrent, Ridge, Rocket, Series
from archwright.nets.ops_tabular import (
    Adapted,
    Columns,
    Fields,
    Heads,
    Members,
    Pieces,
    Together,
    Tokens,
    Waves,
)
from archwright.nets.ops_text import Attention, Grams, Text
from archwright.nets.preprocess_text import ROWS

Shape = tuple[int, ...]
SAME = (
    *(nn.BatchNorm1d, nn.BatchNorm2d, nn.LayerNorm, nn.Dropout, nn.Identity),
    *(nn.ReLU, nn.Sigmoid, nn.Tanh, nn.GELU, nn.SiLU, nn.Dropout2d, Normalise, Unscale, Wave),
)


def trace(module: nn.Module, shape: Shape) -> tuple[Shape, int]:
    """Return the shape of one output example and the multiply-accumulates it costs.

    Raises:
        RuntimeError: the shapes cannot work.
    """
    if not type(module).__module__.startswith(("torch.", "archwright.")):
        return _on_meta(module, shape)  # a user's subclass may do otherwise than its base
    match module:
        case nn.Sequential():
            return _in_turn(list(module), shape)
        case nn.Linear():
            _need(shape[-1] == module.in_features, module, shape)
            macs = math.prod(shape) * module.out_features
            return (*shape[:-1], module.out_features), macs
        case nn.Conv1d() | nn.Conv2d() if isinstance(module.padding, tuple):
            axes = len(module.kernel_size)
            _need(len(shape) == 1 + axes and shape[0] == module.in_channels, module, shape)
            spread = zip(module.kernel_size, module.dilation, strict=True)
            reach = tuple(d * (k - 1) + 1 for k, d in spread)
            sides = _slide(shape[1:], reach, module.stride, module.padding)
            _need(min(sides) > 0, module, shape)
            taps = math.prod(module.kernel_size) * module.in_channels // module.groups
            return (module.out_channels, *sides), math.prod(sides) * module.out_channels * taps
        case nn.MaxPool1d() | nn.MaxPool2d() | nn.AvgPool2d():
            up = -1 if module.ceil_mode else 1
            sides = _slide(shape[1:], module.kernel_size, module.stride, module.padding, up)
            _need(min(sides) > 0, module, shape)
            return (shape[0], *sides), 0
    return _block(module, shape)


def _block(module: nn.Module, shape: Shape) -> tuple[Shape, int]:
    """Return what our own blocks make and cost, and modules that multiply nothing."""
    if family := FAMILIES.get(type(module).__module__):
        return family(module, shape)
    match module:
        case Residual():
            made, body = trace(module.body, shape)
            fitted, shortcut = trace(module.shortcut, shape)
            _need(made == fitted, module, shape)
            return made, body + shortcut
        case Views():
            made, macs = trace(module.body, shape)
            return made, macs * (1 + len(module.flips))
        case Ranks():
            return (module.classes,), 0
        case Averaged():
            each = [trace(network, shape) for network in module.networks]
            return each[0][0], sum(macs for _, macs in each)
        case Gate() | Joined():
            made, macs = trace(module.body, shape)
            joined = (shape[0] + made[0], *made[1:]) if isinstance(module, Joined) else shape
            return joined, macs
        case Cell():
            return _cell(module, shape)
        case CellChain():
            return _cell_chain(module, shape)
        case FactorisedReduction():
            _need(len(shape) == 3 and shape[0] == module.inside, module, shape)
            sides = tuple((side + 1) // 2 for side in shape[1:])
            return (module.outside, *sides), math.prod(sides) * module.inside * module.outside
    free = _free(module, shape)
    return (free, 0) if free else _on_meta(module, shape)


def _sequence(module: nn.Module, shape: Shape) -> tuple[Shape, int]:
    """Return what a block for series makes and costs."""
    match module:
        case Series():
            made, macs = trace(module.body, (shape[0], -(-shape[1] // module.down)))
            return _pooled(made[0], module.pooling), macs
        case Parallel():
            both = [trace(branch, shape) for branch in module.branches]
            return (sum(made[0] for made, _ in both), shape[1]), sum(macs for _, macs in both)
        case Crafted():
            return (len(module.weight), shape[1]), module.weight.numel() * shape[1]
        case Recurrent():
            width, inside = module.width, shape[0] + (module.layers - 1) * module.width
            return (width, shape[1]), 3 * width * (inside + module.layers * width) * shape[1]
        case Rocket():
            places = -(-shape[1] // module.stride)
            macs = len(module.bias) * module.weight.numel() * places
            return (module.bias.numel(),), macs
        case Ridge():
            _need(shape == (module.features,), module, shape)
            return (module.outputs,), module.weight.numel()
    return _on_meta(module, shape)


def _tabular(module: nn.Module, shape: Shape) -> tuple[Shape, int]:
    """Return what a block for tables makes and costs; embeddings are looked up."""
    match module:
        case Columns():
            numbers = module.numeric * (1 + module.bins)
            return (numbers + len(module.categories) * module.embedding,), 0
        case Pieces():
            return (module.numeric, module.width), module.numeric * module.bins * module.width
        case Waves():
            macs = module.numeric * 2 * module.frequencies * module.width
            return (module.numeric, module.width), macs
        case Fields() | Tokens():
            return _columns(module, shape)
        case Members():
            _need(shape == (module.features,), module, shape)
            return (module.members, module.features), 0
        case Adapted():
            _need(shape == (module.members, module.inside), module, shape)
            return (module.members, module.outside), module.members * module.shared.weight.numel()
        case Heads():
            _need(shape == (module.members, module.inside), module, shape)
            return (module.outputs,), module.weight.numel()
        case Together():
            return shape, 0
    return _on_meta(module, shape)


def _columns(module: Fields | Tokens, shape: Shape) -> tuple[Shape, int]:
    _need(shape == (module.numeric + len(module.categories),), module, shape)
    made, macs = trace(module.numbers, (module.numeric,)) if module.numeric else ((0, 0), 0)
    if isinstance(module, Tokens):
        return (module.width, shape[0]), macs
    embedded = math.prod(made) if len(made) > 1 else 0
    return (module.numeric + embedded + sum(module.widths),), macs


def _text(module: nn.Module, shape: Shape) -> tuple[Shape, int]:
    """Return what a block for texts makes and costs; embeddings are looked up."""
    match module:
        case Informed():
            vector, macs = trace(module.encoder, shape)
            runs = module.count(shape[1]) * module.outputs
            return (module.outputs,), macs + runs + vector[0] * module.outputs
        case Grams():
            _need(len(shape) == 2 and shape[0] >= ROWS, module, shape)
            return (module.outputs,), module.count(shape[1]) * module.outputs
        case Encoder():
            _need(len(shape) == 2 and shape[0] >= module.last, module, shape)
            if shape[0] > module.last:
                return (module.width,), 0
            dense = module.tokens * (4 * module.width**2 + 2 * module.width * module.inner)
            pairs = 2 * module.tokens**2 * module.width
            return (module.width,), module.layers * (dense + pairs)
        case Attention():
            _need(shape == (module.width, module.length), module, shape)
            dense, pairs = 8 * module.length * module.width**2, 2 * module.length**2 * module.width
            return shape, module.layers * (dense + pairs)
        case Text():
            _need(len(shape) == 2 and shape[0] >= module.last, module, shape)
            made, macs = trace(module.body, (module.width, (module.last - module.first) * shape[1]))
            return _pooled(made[0], module.pooling), macs
    return _on_meta(module, shape)


def _forecast(module: nn.Module, shape: Shape) -> tuple[Shape, int]:
    """Return what a block for forecasts makes and costs."""
    match module:
        case Outlook():
            _need(len(shape) == 2 and shape[1] >= module.look, module, shape)
            made, macs = trace(module.body, (shape[0] - module.ahead, module.look))
            return made, macs + trace(module.calendar, (module.horizon, module.ahead))[1]
        case Linear():
            _need(shape[1] == module.look, module, shape)
            macs = module.look * module.horizon * (2 if module.kernel > 1 else 1)
            return (module.horizon,), macs
        case Patched():
            _need(shape == (module.channels, module.look), module, shape)
            count = patches(module.look, module.patch)
            cut = module.channels * module.patch * module.width * count
            between, body = trace(module.body, (module.width, count))
            made, head = trace(module.head, (math.prod(between),))
            return made, cut + body + head
        case Mixer():
            _need(shape == (module.width, module.length), module, shape)
            each = module.length * module.width * (module.length + 4 * module.width)
            return shape, module.layers * each
        case Ladder():
            _need(shape == (module.channels, module.look), module, shape)
            sizes = [(knots(module.look, r), knots(module.horizon, r)) for r in module.rates]
            told = sum(module.channels * past + past + future for past, future in sizes)
            return (module.horizon,), module.width * told
        case Sum():
            each_made = [trace(part, shape) for part in module.parts]
            return each_made[0][0], sum(macs for _, macs in each_made)
    return _on_meta(module, shape)


def _audio(module: nn.Module, shape: Shape) -> tuple[Shape, int]:
    """Return what a block for sound makes and costs."""
    match module:
        case Overall():
            return _pooled(shape[0], module.pooling), 0
        case LogMel():
            _need(len(shape) == 2 and shape[0] == 1, module, shape)
            frames = (shape[1] + 2 * (module.window // 2) - module.window) // module.hop + 1
            bins = module.window // 2 + 1
            return (1, module.bands, frames), frames * bins * (2 * module.window + module.bands)
        case Broadcast():
            wide, first = trace(module.wide, shape)
            made, second = trace(module.frequency, wide)
            return made, first + second + trace(module.time, (made[0], 1, made[2]))[1]
    return _on_meta(module, shape)


def _mixed(module: nn.Module, shape: Shape) -> tuple[Shape, int]:
    """Return what a block for several inputs makes and costs."""
    match module:
        case Encoders():
            _need(shape == (sum(map(math.prod, module.shapes)),), module, shape)
            both = zip(module.encoders, module.shapes, strict=True)
            made = [trace(encoder, part) for encoder, part in both]
            _need({each for each, _ in made} == {(module.width,)}, module, shape)
            return (module.width, len(made)), sum(macs for _, macs in made)
        case Gated():
            _need(shape == (module.width, module.inputs), module, shape)
            return (module.width,), (module.inputs + module.inputs**2) * module.width**2
    return _on_meta(module, shape)


def _pooled(channels: int, pooling: str) -> Shape:
    """Return the shape of what is pooled over all places by `mean`, `max` or `both`."""
    return (channels * (2 if pooling == "both" else 1),)


FAMILIES: dict[str, Callable[[nn.Module, Shape], tuple[Shape, int]]] = {
    Series.__module__: _sequence,
    Columns.__module__: _tabular,
    Text.__module__: _text,
    Encoder.__module__: _text,
    LogMel.__module__: _audio,
    Outlook.__module__: _forecast,
    Encoders.__module__: _mixed,
}
"""Where blocks stand that other functions know."""


def _free(module: nn.Module, shape: Shape) -> Shape:
    """Return the shape after a module that is known to multiply nothing; () after others."""
    match module:
        case nn.AdaptiveAvgPool2d(output_size=1 | (1, 1)):
            return (shape[0], 1, 1)
        case nn.Flatten(start_dim=1, end_dim=-1):
            return (math.prod(shape),)
        case nn.Upsample(size=tuple(sides)):
            return (shape[0], *sides)
        case Truncated():
            return (min(shape[0], module.channels), *shape[1:])
        case _ if isinstance(module, SAME):
            return shape
    return ()


def _in_turn(modules: list[nn.Module], shape: Shape) -> tuple[Shape, int]:
    total = 0
    for module in modules:
        shape, macs = trace(module, shape)
        total += macs
    return shape, total


def _cell(cell: Cell, shape: Shape) -> tuple[Shape, int]:
    shapes, total = dict.fromkeys(range(cell.inputs), shape), 0
    for state in range(cell.inputs, 1 + max(cell.targets)):
        for edge, source, end in zip(cell.edges, cell.sources, cell.targets, strict=True):
            if end == state:
                made, macs = trace(edge, shapes[source])
                _need(shapes.setdefault(state, made) == made, cell, shape)
                total += macs
        if cell.vertices is not None:
            shapes[state], macs = trace(cell.vertices[state - cell.inputs], shapes[state])
            total += macs
    given = [shapes[state] for state in cell.outputs]
    _need(len({made[1:] for made in given}) == 1, cell, shape)
    return (sum(made[0] for made in given), *given[0][1:]), total


def _cell_chain(chain: CellChain, shape: Shape) -> tuple[Shape, int]:
    """Each cell takes what the last two made, fitted to one shape."""
    last, total = trace(chain.stem, shape)
    before, cells = last, list[Any](chain.cells)
    for cell in cells:
        first, before_macs = trace(cell.before, before)
        second, last_macs = trace(cell.last, last)
        _need(first == second, cell, last)
        made, macs = trace(cell.cell, first)
        before, last, total = last, made, total + before_macs + last_macs + macs
    return last, total


def _slide(sides: Shape, kernel: Any, stride: Any, padding: Any, up: int = 1) -> Shape:
    """Return the sides after a sliding window; `up` of -1 rounds up instead of down."""
    pairs = [
        each if isinstance(each, tuple) else (each,) * len(sides)
        for each in (kernel, stride, padding)
    ]
    moves = zip(sides, *pairs, strict=True)
    return tuple(up * (up * (side + 2 * p - k) // s) + 1 for side, k, s, p in moves)


def _need(fits: bool, module: nn.Module, shape: Shape) -> None:
    if not fits:
        raise RuntimeError(f"{type(module).__name__} cannot take {shape}")


@torch.no_grad()
def _on_meta(module: nn.Module, shape: Shape) -> tuple[Shape, int]:
    state = {**dict(module.named_parameters()), **dict(module.named_buffers())}
    meta = {name: tensor.to("meta") for name, tensor in state.items()}
    rows = torch.empty(2, *shape, device="meta")
    with FlopCounterMode(display=False) as counter:
        out = torch.func.functional_call(module, meta, (rows,))
    return tuple(out.shape[1:]), counter.get_total_flops() // (2 * len(rows))
