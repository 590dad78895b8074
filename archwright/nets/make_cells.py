"""Makers of cell spaces: operations on a cell's edges and vertices, and stacks of cells.

An operation keeps the channels of what goes in; those of NASNet and DARTS halve the image where
they have a `stride` of 2. Knows nothing of which cells are good.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from torch import nn

from archwright.core.graph import live, outputs
from archwright.core.space import Dag, Op, Seq
from archwright.errors import SpaceError
from archwright.nets.ops_cells import CellChain, FactorisedReduction, Truncated, TwoInputs
from archwright.nets.ops_common import Cell, Residual
from archwright.nets.shapes import trace
from archwright.nets.shortcut import shortcut
from archwright.nets.site import Make, Shape, Site

UNREACHED = (
    "the output cannot depend on the input; put something other than 'none' on a way to the output"
)


def _none(tree: Op, shape: Shape, site: Site) -> nn.Module:
    raise SpaceError(f"{site.path}: {UNREACHED}")


def _skip(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """What goes in, or every pixel of it in half as many places."""
    if _stride(tree) == 1:
        return nn.Identity()
    return FactorisedReduction(shape[0], shape[0])


def _max_pool(tree: Op, shape: Shape, site: Site) -> nn.Module:
    kernel = _kernel(tree)
    return nn.MaxPool2d(kernel, _stride(tree), kernel // 2)


def _avg_pool(tree: Op, shape: Shape, site: Site) -> nn.Module:
    kernel = _kernel(tree)
    return nn.AvgPool2d(kernel, _stride(tree), kernel // 2, count_include_pad=False)


def _conv(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """ReLU, convolution and normalisation, such as nor_conv_3x3."""
    if (_kernel(tree), _stride(tree)) == (1, 2):  # see `shortcut`
        return nn.Sequential(nn.AvgPool2d(2, ceil_mode=True), _pre_activated(shape[0], shape[0], 1))
    return _pre_activated(shape[0], shape[0], _kernel(tree), _stride(tree))


def _pre_activated(inside: int, outside: int, kernel: int, stride: int = 1) -> nn.Module:
    """ReLU, convolution, batch normalisation: the order of NAS-Bench-201, NASNet and DARTS."""
    conv = nn.Conv2d(inside, outside, kernel, stride, kernel // 2, bias=False)
    return nn.Sequential(nn.ReLU(), conv, nn.BatchNorm2d(outside))


def _lines(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """A convolution along rows, then one along columns, such as conv_7x1_1x7."""
    width, kernel, stride = shape[0], _kernel(tree), _stride(tree)
    rows = nn.Conv2d(width, width, (1, kernel), (1, stride), (0, kernel // 2), bias=False)
    columns = nn.Conv2d(width, width, (kernel, 1), (stride, 1), (kernel // 2, 0), bias=False)
    return nn.Sequential(nn.ReLU(), rows, columns, nn.BatchNorm2d(width))


def _separable_twice(tree: Op, shape: Shape, site: Site) -> nn.Module:
    width, kernel = shape[0], _kernel(tree)
    first = _separable(width, kernel, stride=_stride(tree))
    return nn.Sequential(*first, *_separable(width, kernel))


def _dilated(tree: Op, shape: Shape, site: Site) -> nn.Module:
    return nn.Sequential(*_separable(shape[0], _kernel(tree), stride=_stride(tree), dilation=2))


def _separable(width: int, kernel: int, *, stride: int = 1, dilation: int = 1) -> list[nn.Module]:
    padding = dilation * (kernel // 2)
    depth = nn.Conv2d(width, width, kernel, stride, padding, dilation, groups=width, bias=False)
    point = nn.Conv2d(width, width, 1, bias=False)
    return [nn.ReLU(), depth, point, nn.BatchNorm2d(width)]


def _kernel(tree: Op) -> int:
    """Return 3 for `sep_conv_3x3` and 7 for `conv_7x1_1x7`."""
    return max(int(digit) for digit in tree.name if digit.isdigit())


def _stride(tree: Op) -> int:
    return int(dict(tree.params).get("stride", 1))


def _stem(channels: int, width: int, halvings: int) -> nn.Sequential:
    """A convolution, and one more for each further time that the image is halved before cells."""
    stride = 2 if halvings else 1
    parts = [nn.Conv2d(channels, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width)]
    more = [_pre_activated(width, width, 3, 2) for _ in range(1, halvings)]
    return nn.Sequential(*parts, *more)


def _cell_stack(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """Stages of one cell; a residual block that halves the image and doubles the width between."""
    width = tree["channels"]
    parts: list[nn.Module] = [_stem(shape[0], width, tree["halvings"])]
    shape = trace(parts[0], shape)[0]
    for stage in range(tree["stages"]):
        if stage:
            parts.append(_halving(width))
            width, shape = 2 * width, trace(parts[-1], shape)[0]
        parts += [site.part(tree["cell"], shape, "cell") for _ in range(tree["cells"])]
    return nn.Sequential(*parts, nn.BatchNorm2d(width), nn.ReLU())


def _halving(width: int) -> nn.Module:
    wide = 2 * width
    body = nn.Sequential(_pre_activated(width, wide, 3, 2), _pre_activated(wide, wide, 3))
    return Residual(body, shortcut(width, wide, 2))


def _two_cell_stack(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """Stages of a normal cell with a reduction cell between them; each sees the last two cells."""
    width = tree["channels"]
    stem = _stem(shape[0], 3 * width, tree["halvings"])
    cells = list[nn.Module]()
    shapes = [trace(stem, shape)[0]] * 2

    def add(name: str, dag: Dag) -> None:
        before, last = (_fitted(each, shapes[1], width) for each in shapes)
        fitted = (width, *shapes[1][1:])
        cell = site.part(dag, fitted, name)
        cells.append(TwoInputs(before, last, cell))
        shapes[:] = shapes[1], trace(cell, fitted)[0]

    for stage in range(tree["stages"]):
        if stage:
            width *= 2
            add("reduction", _strided(tree["reduction"]))
        for _ in range(tree["cells"]):
            add("normal", tree["normal"])
    return CellChain(stem, nn.ModuleList(cells))


def _fitted(shape: Shape, like: Shape, width: int) -> nn.Module:
    """Fit the output of an earlier cell to the sides of the last one, and to a width."""
    if shape[1:] == like[1:]:
        return _pre_activated(shape[0], width, 1)
    return FactorisedReduction(shape[0], width)


def _strided(dag: Dag) -> Dag:
    """Return the cell whose operations on the inputs halve the image."""
    edges: tuple[Any, ...] = dag.edges
    halved = ((s, t, _halved(child) if s < dag.inputs else child) for s, t, child in edges)
    return replace(dag, edges=tuple(halved))


def _halved(node: Any) -> Any:
    match node:
        case Op(name, params) if name != "none":
            return Op(name, (*(pair for pair in params if pair[0] != "stride"), ("stride", 2)))
        case Seq((first, *rest), names):
            return Seq((_halved(first), *rest), names)
    return node


def _nas101_stack(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """Stages of one cell; between them the image is halved by pooling and the width doubled."""
    width = tree["channels"]
    halvings = range(max(1, tree["halvings"]))
    stride = 2 if tree["halvings"] else 1
    parts = [_post_activated(width if i else shape[0], width, 3, stride) for i in halvings]
    for stage in range(tree["stages"]):
        parts += [nn.MaxPool2d(2, ceil_mode=True)] if stage else []
        for _ in range(tree["cells"]):
            inside = trace(nn.Sequential(*parts), shape)[0]
            parts.append(_nas101_cell(tree["cell"], inside, (width << stage, site)))
    return nn.Sequential(*parts)


def _nas101_cell(dag: Dag, shape: Shape, made: tuple[int, Site]) -> nn.Module:
    """Return a cell of NAS-Bench-101: what feeds the output is set side by side.

    What goes in is projected wherever it is used; to the output the projection is added.
    """
    width, site = made
    (end,) = outputs(dag)
    alive: tuple[Any, ...] = live(dag).edges
    edges = sorted({(s, t) for s, t, _ in alive}, key=lambda edge: edge[::-1])
    if not edges:
        raise SpaceError(f"{site.path}/cell: {UNREACHED}")
    channels = _nas101_channels(edges, end, width)
    if min(channels.values(), default=1) < 1:
        raise SpaceError(f"{site.path}/cell: {width} channels are too few to be split; scale it")
    place = {state: i for i, state in enumerate([0, *channels])}
    inner = [edge for edge in edges if edge[1] != end]
    modules = [
        _nas101_edge(shape[0] if source == 0 else channels[source], channels[target], source == 0)
        for source, target in inner
    ]
    vertices = [
        site.part(dag.vertices[state - 1], (count, *shape[1:]), f"cell/vertex/{state - 1}")
        for state, count in channels.items()
    ]
    project = _post_activated(shape[0], width, 1) if (0, end) in edges else None
    if not channels:
        return project or nn.Identity()
    sources, targets = (tuple(place[edge[k]] for edge in inner) for k in (0, 1))
    ends = tuple(place[source] for source, target in edges if target == end and source)
    cell = Cell(nn.ModuleList(modules), sources, targets, 1, ends, nn.ModuleList(vertices))
    return Residual(cell, project) if project else cell


def _nas101_channels(edges: list[tuple[int, int]], end: int, width: int) -> dict[int, int]:
    """Return the channels of each inner state, by the rule of the paper's program.

    The states that feed the output share its width, the first ones take what is left over; any
    other is as wide as the widest state that it feeds.
    """
    feeding = sorted(source for source, target in edges if target == end and source)
    channels = {
        state: width // len(feeding) + (i < width % len(feeding)) for i, state in enumerate(feeding)
    }
    inner = sorted({target for _, target in edges if target != end}, reverse=True)
    for state in inner:
        if state not in channels:
            channels[state] = max(channels[t] for s, t in edges if s == state)
    return {state: channels[state] for state in sorted(inner)}


def _nas101_edge(inside: int, outside: int, projected: bool) -> nn.Module:
    if projected:
        return _post_activated(inside, outside, 1)
    return Truncated(outside) if outside < inside else nn.Identity()


def _post_activated(inside: int, outside: int, kernel: int, stride: int = 1) -> nn.Module:
    """Convolution, batch normalisation, ReLU: the order of NAS-Bench-101."""
    conv = nn.Conv2d(inside, outside, kernel, stride, kernel // 2, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outside), nn.ReLU())


def _post_conv(tree: Op, shape: Shape, site: Site) -> nn.Module:
    return _post_activated(shape[0], shape[0], _kernel(tree))


CELLS: dict[str, Make] = {
    "none": _none,
    "skip_connect": _skip,
    "nor_conv_1x1": _conv,
    "nor_conv_3x3": _conv,
    "avg_pool_3x3": _avg_pool,
    "max_pool_3x3": _max_pool,
    "max_pool_5x5": _max_pool,
    "max_pool_7x7": _max_pool,
    "conv_1x1": _conv,
    "conv_3x3": _conv,
    "conv_3x1_1x3": _lines,
    "conv_7x1_1x7": _lines,
    "sep_conv_3x3": _separable_twice,
    "sep_conv_5x5": _separable_twice,
    "sep_conv_7x7": _separable_twice,
    "dil_conv_3x3": _dilated,
    "dil_conv_5x5": _dilated,
    "conv1x1": _post_conv,
    "conv3x3": _post_conv,
    "maxpool3x3": _max_pool,
    "cell_stack": _cell_stack,
    "two_cell_stack": _two_cell_stack,
    "nas101_stack": _nas101_stack,
}
