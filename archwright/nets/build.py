"""From a hole-free tree to a torch module.

What it makes is nested `nn.Sequential`s of torch's own modules and of the classes in `ops_*`.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from torch import nn

from archwright.core.graph import live, outputs
from archwright.core.space import Dag, Op, Seq
from archwright.errors import SpaceError, nearest
from archwright.nets.closing import ending
from archwright.nets.make_audio import AUDIO
from archwright.nets.make_cells import CELLS, UNREACHED
from archwright.nets.make_forecast import FORECAST
from archwright.nets.make_macro import MACRO
from archwright.nets.make_mixed import MIXED
from archwright.nets.make_sequence import SEQUENCE
from archwright.nets.make_tabular import TABULAR
from archwright.nets.make_text import TEXT
from archwright.nets.ops_common import ACTIVATIONS, Cell, Residual
from archwright.nets.ops_image import Normalise
from archwright.nets.ops_tabular import Columns
from archwright.nets.own import OWN
from archwright.nets.shapes import trace
from archwright.nets.shortcut import shortcut
from archwright.nets.site import Make, Shape, Signature, Site


def build(tree: Any, signature: Signature) -> nn.Module:
    """Return the module for a hole-free tree; it takes (examples, *signature.shape) float32.

    Raises:
        SpaceError: an unknown operation, or shapes that cannot work; the message says where.
    """
    return _build(tree, signature.shape, signature, "space")


def _build(tree: Any, shape: Shape, signature: Signature, path: str) -> nn.Module:
    match tree:
        case Op(name):
            if name not in OPS:
                raise SpaceError(f"{path}: unknown operation {name!r}{nearest(name, OPS)}")
            try:
                return OPS[name](tree, shape, _site(signature, f"{path}/{name}"))
            except RuntimeError as error:
                raise SpaceError(f"{path}/{name}: does not fit a {shape} input: {error}") from error
        case Seq():
            modules: OrderedDict[str, nn.Module] = OrderedDict()
            for step, child in tree.steps():
                modules[step] = _build(child, shape, signature, f"{path}/{step}")
                shape = _shape_after(modules[step], shape, f"{path}/{step}")
            return nn.Sequential(modules)
        case Dag():
            return _cell(tree, (shape, signature, path))
    raise SpaceError(f"{path}: not a hole-free node: {tree!r}")


def is_fitted(tree: Any) -> bool:
    """Whether the network of a hole-free tree is fitted as it is made: nothing is left to train."""
    match tree:
        case Op(name):
            return name in FITTED
        case Seq():
            return any(is_fitted(child) for _, child in tree.steps())
    return False


def _site(signature: Signature, path: str) -> Site:
    return Site(signature, path, _build)


def _shape_after(module: nn.Module, shape: Shape, path: str) -> Shape:
    try:
        return trace(module, shape)[0]
    except RuntimeError as error:
        raise SpaceError(f"{path}: does not fit a {shape} input: {error}") from error


def _cell(dag: Dag, where: tuple[Shape, Signature, str]) -> nn.Module:
    """Return the module of a cell; of parts that reach no output nothing is made."""
    shape, signature, path = where
    edges: list[Any] = sorted(live(dag).edges, key=lambda edge: edge[1])
    states = [*range(dag.inputs), *sorted({target for _, target, _ in edges})]
    place = {state: i for i, state in enumerate(states)}  # the states that are made, in a row
    given = [state for state in outputs(dag) if state in place]
    if not given:
        raise SpaceError(f"{path}: {UNREACHED}")
    shapes: dict[int, Shape] = dict.fromkeys(range(dag.inputs), shape)
    modules, vertices = list[nn.Module](), list[nn.Module]()
    for state in states[dag.inputs :]:
        for source, _, child in (edge for edge in edges if edge[1] == state):
            step = f"{path}/{source}-{state}"
            modules.append(_build(child, shapes[source], signature, step))
            made = _shape_after(modules[-1], shapes[source], step)
            if shapes.setdefault(state, made) != made:
                raise SpaceError(f"{step}: gives {made}, where others gave {shapes[state]}")
        inner = state - dag.inputs
        if dag.vertices:
            node = dag.vertices[inner] if inner < len(dag.vertices) else Op("identity")
            vertices.append(_build(node, shapes[state], signature, f"{path}/vertex/{inner}"))
            shapes[state] = _shape_after(vertices[-1], shapes[state], f"{path}/vertex/{inner}")
    if len({shapes[state][1:] for state in given}) > 1:
        found = {state: shapes[state] for state in given}
        raise SpaceError(f"{path}: states of different sizes cannot be set side by side: {found}")
    sources, targets = (tuple(place[edge[k]] for edge in edges) for k in (0, 1))
    ends = tuple(place[state] for state in given)
    applied = nn.ModuleList(vertices) if vertices else None
    return Cell(nn.ModuleList(modules), sources, targets, dag.inputs, ends, applied)


def _columns(tree: Op, shape: Shape, site: Site) -> nn.Module:
    numeric = shape[0] - len(site.signature.categories)
    return Columns(numeric, site.signature.categories, tree["bins"], tree["embedding"])


def _stack(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """Dense layers that share normalisation, dropout and whether they are residual."""
    layers: list[nn.Module] = []
    width = shape[0]
    for layer in tree["layers"].children:
        units = layer["units"]
        body = [nn.Linear(width, units)]
        parts = [*body, *_norm(tree["norm"], units), ACTIVATIONS[layer["activation"]]()]
        if tree["dropout"]:
            parts.append(nn.Dropout(tree["dropout"]))
        block = nn.Sequential(*parts)
        layers.append(_residual(block, width, units) if tree["residual"] else block)
        width = units
    return nn.Sequential(*layers)


def _norm(name: str, width: int) -> list[nn.Module]:
    kinds: dict[str, list[type[nn.Module]]] = {
        "none": [],
        "batch": [nn.BatchNorm1d],
        "layer": [nn.LayerNorm],
    }
    return [kind(width) for kind in kinds[name]]


def _residual(block: nn.Module, width: int, units: int) -> nn.Module:
    shortcut = nn.Identity() if width == units else nn.Linear(width, units, bias=False)
    return Residual(block, shortcut)


def _stages(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """Convolutional layers in stages; a stage may halve the image in its first layer."""
    channels, stages = shape[0], []
    for stage in tree["stages"].children:
        parts: list[nn.Module] = []
        for i, layer in enumerate(stage["layers"].children):
            down = "none" if i else stage["down"]
            parts.append(_convolution(layer, (channels, stage["width"]), down, tree["norm"]))
            channels = stage["width"]
        stages.append(nn.Sequential(*parts))
    return nn.Sequential(*stages)


POOLS: dict[str, Any] = {"max_pool": nn.MaxPool2d, "avg_pool": nn.AvgPool2d}


def _convolution(layer: Op, channels: tuple[int, int], down: str, norm: str) -> nn.Module:
    """A convolution, normalisation and activation; pooling comes first, to leave them less work."""
    inside, outside = channels
    kernel, bias = layer["kernel"], norm == "none"
    where = {"stride": 2 if down == "stride" else 1, "padding": kernel // 2}
    if layer.name == "separable":
        parts: list[nn.Module] = [
            nn.Conv2d(inside, inside, kernel, groups=inside, bias=False, **where),
            nn.Conv2d(inside, outside, 1, bias=bias),
        ]
    else:
        parts = [nn.Conv2d(inside, outside, kernel, bias=bias, **where)]
    if down in POOLS:
        parts.append(POOLS[down](2, ceil_mode=True))
    if norm == "batch":
        parts.append(nn.BatchNorm2d(outside))
    parts.append(ACTIVATIONS[layer["activation"]]())
    block = nn.Sequential(*parts)
    if not layer["skip"]:
        return block
    return Residual(block, shortcut(inside, outside, 1 if down == "none" else 2))


def _output(tree: Op, shape: Shape, site: Site) -> nn.Module:
    count, ends = ending(site.signature)
    last = nn.Linear(shape[0], count)
    return nn.Sequential(last, *ends) if ends else last


def _pooled(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """From maps to a vector."""
    if tree["pooling"] == "global":
        return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
    return nn.Flatten()


FITTED = ("rocket", "grams", "informed")
"""Operations whose networks are fitted as they are made."""

OPS: dict[str, Make] = {
    "columns": _columns,
    "stack": _stack,
    "normalise": lambda tree, shape, site: Normalise(shape[0]),
    "stages": _stages,
    "pooled": _pooled,
    "output": _output,
    "linear": lambda tree, shape, site: nn.Linear(shape[0], tree["units"]),
    "convolution": lambda tree, shape, site: _convolution(
        tree, (shape[0], tree["width"]), "none", "none"
    ),
    "max_pool": lambda tree, shape, site: nn.MaxPool2d(3, stride=1, padding=1),
    **MACRO,
    **SEQUENCE,
    **TABULAR,
    **TEXT,
    **AUDIO,
    **FORECAST,
    **MIXED,
    **OWN,
    **CELLS,
}
