"""Gives a network the weights of another one that it was made from.

Wider and deeper by Net2Net (Chen, Goodfellow and Shlens, 2016, arXiv:1511.05641), other changes by
network morphism (Wei et al., 2016, arXiv:1603.01670). Where the first adds noise so that copies of
a unit do not stay alike, here the weights behind the copies are shared out unequally: the function
stays as it is. Only the module tree is looked at, by the grammar of `nets.layout`; networks of any
other form get what has the same name and shape.

Added batch normalisation is an identity in eval mode alone: as training goes on it normalises.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

import torch
from torch import Tensor, nn

from archwright.nets.layout import Block, Layout, layout
from archwright.nets.ops_tabular import Columns
from archwright.nets.shapes import trace
from archwright.nets.site import Shape

AWAKE = 1e-6
"""What an added ReLU gives instead of 0, where it would have no gradient."""

NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)


@dataclass(frozen=True)
class Inherited:
    """What came over.

    Args:
        share: Of the child's parameters, those that were set by the parent's, or in added layers
            that give the parent's units on.
        exact: Whether the child computes what the parent does, in eval mode.
    """

    share: float
    exact: bool


@dataclass(frozen=True)
class Flow:
    """How the parent's units are read from the child's: unit p is the sum of weight x unit over
    those whose index is p.

    Args:
        index: (child's units,), the parent's unit; -1 for one that the parent does not have.
        weight: (child's units,), adds up to 1 for each of the parent's.
        alike: Whether units with the same index are copies, so that any weights would do.
        positive: Whether no unit is below zero.
    """

    index: Tensor
    weight: Tensor
    alike: bool = True
    positive: bool = False

    def shares(self, rows: int) -> Tensor:
        """Return weights, (rows, child's units), other ones in each row where there are copies."""
        weight = self.weight.expand(rows, -1)
        known = self.index >= 0
        place = self.index.clamp_min(0)
        if not self.alike or not known.all() or not (place.bincount() > 1).any():
            return weight * known
        drawn = weight * (0.5 + torch.rand(rows, len(place), device=weight.device))
        most = int(place.max()) + 1
        old, new = (weight.new_zeros(rows, most).index_add_(1, place, w) for w in (weight, drawn))
        return drawn * (old / new)[:, place]


def copies(child: int, parent: int, where: torch.device | None = None) -> Flow:
    """Return the flow of a layer of so many units, made by going round the parent's."""
    index = torch.arange(child, device=where) % parent
    return Flow(index, 1.0 / index.bincount()[index])


@torch.no_grad()
def inherit(child: nn.Module, parent: nn.Module, shape: Shape) -> Inherited:
    """Set the child's weights from the parent's, as far as they go; what is left is as it was.

    The function is kept by more units, channels, layers, bins or embedded numbers, larger kernels,
    dropout, added batch normalisation, a residual way that can be zero, flattening instead of
    pooling, and a full convolution instead of a separable one. An added layer is an identity if it
    is linear, ReLU behind ReLU, or residual, and is not too narrow. Fewer of something, another
    activation or another way to halve the image lose the function, and get what fits; so does
    layer normalisation of more units, unless they are a multiple.

    Args:
        child: A network as `build` makes it, with the buffers of `prepare`; changed in place.
        parent: A trained network on the same device, prepared with the same examples.
        shape: Of one example.
    """
    ours, theirs = layout(child), layout(parent)
    if ours is None or theirs is None or ours.kind != theirs.kind:
        return _by_name(child, parent)
    walk = Walk()
    walk.net(ours, theirs, shape)
    total = sum(p.numel() for p in child.parameters())
    share = sum(p.numel() for p in child.parameters() if id(p) in walk.set) / max(1, total)
    return Inherited(share, walk.exact)


def _by_name(child: nn.Module, parent: nn.Module) -> Inherited:
    """Copy what has the same name and shape."""
    known, mine = parent.state_dict(), child.state_dict()
    same = [name for name in mine if name in known and known[name].shape == mine[name].shape]
    for name in same:
        mine[name].copy_(known[name])
    sizes = {name: p.numel() for name, p in child.named_parameters()}
    share = sum(sizes.get(name, 0) for name in same) / max(1, sum(sizes.values()))
    return Inherited(share, len(same) == len(mine) == len(known) and repr(child) == repr(parent))


@dataclass
class Walk:
    """Goes through both networks, layer by layer.

    Args:
        exact: Whether the function was kept so far.
        set: The ids of the parameters that were set.
    """

    exact: bool = True
    set: set[int] = field(default_factory=set)

    def net(self, child: Layout, parent: Layout, shape: Shape) -> None:
        where = child.head.weight.device
        if isinstance(child.first, Columns) and isinstance(parent.first, Columns):
            flow = self.columns(child.first, parent.first)
        else:
            flow = copies(shape[0], shape[0], where)
        flow = self.stages(child.stages, parent.stages, flow)
        if child.pooling is not None and parent.pooling is not None:
            flow = self.pooled(child, parent, flow, shape)
            flow = self.layers(child.dense, parent.dense, flow)
        outputs = copies(child.head.out_features, parent.head.out_features, where)
        self.weight(child.head.weight, parent.head.weight, outputs.index, flow)
        self.put(child.head.bias, parent.head.bias, outputs.index)

    def columns(self, child: Columns, parent: Columns) -> Flow:
        """Return how the parent's features are read from the child's; set the embedding."""
        count, numeric, where = len(child.categories), child.numeric, child.table.weight.device
        index, weight = list(range(numeric)), [1.0] * numeric
        if numeric and child.bins:
            for column in range(numeric):
                found, shares = self._pieces(child, parent, column)
                index += found
                weight += shares
        elif numeric and parent.bins:
            self.exact = False
        self.set.add(id(child.table.weight))
        if count:
            width = min(child.embedding, parent.embedding)
            self.exact &= width == parent.embedding
            child.table.weight[:, :width] = parent.table.weight[:, :width]
            start = numeric * (1 + parent.bins)
            for column in range(count):
                base = start + column * parent.embedding
                index += [base + i if i < width else -1 for i in range(child.embedding)]
            weight += [1.0] * (count * child.embedding)
        read = torch.tensor(index, device=where)
        return Flow(read, torch.tensor(weight, device=where), alike=False)

    def _pieces(
        self, child: Columns, parent: Columns, column: int
    ) -> tuple[list[int], list[float]]:
        """Return of which of the parent's pieces each of the child's is a part, and how much."""
        if not parent.bins:
            return [-1] * child.bins, [0.0] * child.bins
        if child.bins % parent.bins:
            self.exact = False
            return [-1] * child.bins, [0.0] * child.bins
        times, index, weight = child.bins // parent.bins, list[int](), list[float]()
        for piece in range(parent.bins):
            edges = child.edges[column, piece * times : (piece + 1) * times + 1].double()
            whole = float(edges[-1] - edges[0])
            # Below this width `Columns` itself makes a step of a piece.
            parts = edges.diff() / whole if whole > 1e-6 else torch.full((times,), 1.0 / times)
            index += [parent.numeric + column * parent.bins + piece] * times
            weight += parts.tolist()
        return index, weight

    def stages(
        self, child: Iterable[list[Block]], parent: Iterable[list[Block]], flow: Flow
    ) -> Flow:
        for ours, theirs in zip_longest(child, parent):
            flow = self.layers(ours or [], theirs or [], flow)
        return flow

    def pooled(self, child: Layout, parent: Layout, flow: Flow, shape: Shape) -> Flow:
        """Return the flow behind the pooling: one unit a channel, or one a channel and pixel."""
        ours, theirs = _pixels(child, shape), _pixels(parent, shape)
        if ours[0] != theirs[0]:
            self.exact = False
        if ours[1] == theirs[1]:
            many = ours[1]
            spread = (
                flow.index[:, None] * many + torch.arange(many, device=flow.index.device)
            ).flatten()
            return Flow(spread, flow.weight.repeat_interleave(many), flow.alike, flow.positive)
        self.exact &= theirs[1] == 1
        index = flow.index.repeat_interleave(ours[1]) * theirs[1]
        weight = flow.weight.repeat_interleave(ours[1]) / ours[1]
        return Flow(index, weight, alike=False, positive=flow.positive)

    def layers(self, child: list[Block], parent: list[Block], flow: Flow) -> Flow:
        for ours, theirs in zip_longest(child, parent):
            if theirs is None:
                flow = self.added(ours, flow)
            elif ours is None:
                self.exact = False
                flow = copies(len(flow.index), theirs.width, flow.index.device)
            else:
                flow = self.block(ours, theirs, flow)
        return flow

    def block(self, child: Block, parent: Block, flow: Flow) -> Flow:
        """Set a layer from the parent's."""
        out = copies(child.width, parent.width, flow.index.device)
        same = child.width >= parent.width and child.halving == parent.halving
        self.exact &= same and type(child.activation) is type(parent.activation)
        scale, shift = self.norm(child, parent, out.index)
        if child.depthwise is not None and parent.depthwise is not None:
            pad = _fitted(parent.depthwise.weight[flow.index], child.depthwise.weight)
            self.exact &= child.kernel >= parent.kernel
            self.put(child.depthwise.weight, pad)
            self.weight(child.op.weight, parent.op.weight * _up(scale, parent.op), out.index, flow)
        elif child.depthwise is not None:
            self.exact = False
        else:
            whole: Tensor = parent.op.weight
            if parent.depthwise is not None:
                whole = whole * parent.depthwise.weight[:, 0]
            self.exact &= child.kernel >= parent.kernel
            self.weight(child.op.weight, whole * _up(scale, parent.op), out.index, flow)
        if child.op.bias is not None:
            self.put(child.op.bias, shift, out.index)
        positive = isinstance(parent.activation, nn.ReLU | nn.Sigmoid)
        if child.residual or parent.residual:
            positive &= self.shortcut(child, parent, flow, out)
        return Flow(out.index, out.weight, positive=positive)

    def norm(self, child: Block, parent: Block, out: Tensor) -> tuple[Tensor, Tensor]:
        """Set the normalisation; return what the weights are multiplied with, and the bias."""
        ours: Any = child.norm
        theirs: Any = parent.norm
        weight = parent.op.weight
        scale = weight.new_ones(parent.width)
        bias = weight.new_zeros(parent.width) if parent.op.bias is None else parent.op.bias
        if type(ours) is type(theirs):
            if isinstance(ours, NORMS):
                for name in ("running_mean", "running_var"):
                    getattr(ours, name).copy_(getattr(theirs, name)[out])
            if ours is not None:
                for name in ("weight", "bias"):
                    self.put(getattr(ours, name), getattr(theirs, name), out)
            if isinstance(ours, nn.LayerNorm):
                self.exact &= child.width % parent.width == 0
        elif isinstance(ours, NORMS) and theirs is None:
            self.neutral(ours)
            if child.op.bias is None:
                ours.bias.copy_(bias[out])
        elif ours is None and isinstance(theirs, NORMS):
            known: Any = theirs
            scale = known.weight / (known.running_var + known.eps).sqrt()
            bias = scale * (bias - known.running_mean) + known.bias
        else:
            self.exact = False
        return scale, bias

    def neutral(self, norm: Any) -> None:
        """Make batch normalisation an identity in eval mode."""
        norm.reset_running_stats()
        self.put(norm.weight, torch.full_like(norm.weight, (1 + norm.eps) ** 0.5))
        self.put(norm.bias, torch.zeros_like(norm.bias))

    def shortcut(self, child: Block, parent: Block, flow: Flow, out: Flow) -> bool:
        """Set the way round a layer; return whether what comes that way is not below zero."""
        ours = child.fitted
        if not parent.residual:
            if ours is None:
                self.exact = False
            else:
                self.put(ours.weight, torch.zeros_like(ours.weight))
            return ours is not None
        if ours is None:
            kept = child.residual and parent.fitted is None and flow.alike
            self.exact &= kept and torch.equal(flow.index, out.index)
        elif parent.fitted is not None:
            self.weight(ours.weight, parent.fitted.weight, out.index, flow)
        else:
            eye = torch.eye(parent.width, device=flow.index.device)
            self.weight(ours.weight, eye.view(*eye.shape, *ours.weight.shape[2:]), out.index, flow)
        return parent.fitted is None and flow.positive

    def added(self, child: Block, flow: Flow) -> Flow:
        """Make a layer that the parent does not have an identity, as far as that goes."""
        wide = len(flow.index)
        out = copies(child.width, wide, flow.index.device)
        self.exact &= child.width >= wide and child.halving == ("", 1)
        eye = torch.eye(wide, device=flow.index.device)[out.index]
        index, weight = flow.index[out.index], flow.weight[out.index] * out.weight
        if child.residual:
            self.silent(child)
            if child.fitted is not None:
                eye = eye.view(*eye.shape, *child.fitted.weight.shape[2:])
                self.put(child.fitted.weight, eye)
            return Flow(index, weight, flow.alike, flow.positive)
        if child.depthwise is not None:
            centre = torch.ones_like(child.depthwise.weight[..., :1, :1])
            self.put(child.depthwise.weight, _fitted(centre, child.depthwise.weight))
        eye = eye.view(*eye.shape, *[1] * (child.op.weight.ndim - 2))
        self.put(child.op.weight, _fitted(eye, child.op.weight))
        if child.op.bias is not None:
            self.put(child.op.bias, torch.zeros_like(child.op.bias))
        if isinstance(child.norm, NORMS):
            self.neutral(child.norm)
        linear = isinstance(child.activation, nn.Identity)
        rectified = isinstance(child.activation, nn.ReLU)
        self.exact &= not isinstance(child.norm, nn.LayerNorm)
        self.exact &= linear or (rectified and flow.positive)
        return Flow(index, weight, flow.alike, flow.positive or rectified)

    def silent(self, child: Block) -> None:
        """Have the body of a residual layer give nothing, but learn."""
        self.exact &= not isinstance(child.activation, nn.Sigmoid)
        self.set |= {id(op.weight) for op in (child.depthwise, child.op) if op is not None}
        last: Any = child.op if child.norm is None else child.norm
        least = AWAKE if isinstance(child.activation, nn.ReLU) else 0.0
        self.put(last.weight, torch.zeros_like(last.weight))
        self.put(last.bias, torch.full_like(last.bias, least))

    def weight(self, child: Tensor, parent: Tensor, out: Tensor, flow: Flow) -> None:
        """Set weights, (units, inputs, *kernel), so that the inputs are read as `flow` says."""
        read = flow.index.clamp(0, parent.shape[1] - 1)
        shares = _behind(flow.shares(len(out)), parent.ndim)
        self.put(child, _fitted(parent[out][:, read] * shares, child))

    def put(self, child: Tensor, values: Tensor, out: Tensor | None = None) -> None:
        child.copy_(values if out is None else values[out])
        self.set.add(id(child))


def _pixels(net: Layout, shape: Shape) -> tuple[Shape, int]:
    """Return the size of the maps before the pooling, and how many units it makes of one."""
    maps = shape
    for module in net.before:
        maps = trace(module, maps)[0]
    return maps[1:], trace(net.pooling, maps)[0][0] // maps[0]  # type: ignore[arg-type]


def _fitted(kernel: Tensor, like: Tensor) -> Tensor:
    """Return kernels padded by zeros to the size of `like`, or cut to it, around the centre."""
    if kernel.ndim < 4:
        return kernel
    by = (like.shape[-1] - kernel.shape[-1]) // 2
    return nn.functional.pad(kernel, (by, by, by, by))


def _behind(matrix: Tensor, ndim: int) -> Tensor:
    return matrix.view(*matrix.shape, *[1] * (ndim - 2))


def _up(scale: Tensor, op: nn.Linear | nn.Conv2d) -> Tensor:
    return scale.view(-1, *[1] * (op.weight.ndim - 1))
