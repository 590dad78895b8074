"""Makers of the blocks for several inputs: their encoders, and what joins these."""

from __future__ import annotations

from dataclasses import replace

from torch import nn

from archwright.core.space import Op
from archwright.errors import SpaceError
from archwright.nets.ops_mixed import Encoders, Gated
from archwright.nets.ops_text import Attention
from archwright.nets.site import Make, Shape, Site


def _several(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """Cuts an example into its inputs. An encoder is a whole network that gives `width` numbers."""
    parts, nodes = site.signature.parts, tree["encoders"].steps()
    if len(parts) != len(nodes):
        raise SpaceError(f"{site.path}: {len(nodes)} encoders for {len(parts)} inputs")
    encoders = nn.ModuleList()
    for part, (step, node) in zip(parts, nodes, strict=True):
        inside = replace(site, signature=replace(part, outputs=tree["width"]))
        encoders.append(inside.part(node, part.shape, f"encoders/{step}"))
    return Encoders(tuple(part.shape for part in parts), tree["width"], tree["forget"], encoders)


def _crossed(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """Each input looks at the others; which input it is, is learnt as places in a text are."""
    width, inputs = shape
    block = Attention(width, inputs, tree["heads"], tree["layers"], tree["dropout"])
    return nn.Sequential(block, nn.Flatten())


MIXED: dict[str, Make] = {
    "several": _several,
    "concatenated": lambda tree, shape, site: nn.Flatten(),
    "gated": lambda tree, shape, site: Gated(shape[1], shape[0]),
    "crossed": _crossed,
}
