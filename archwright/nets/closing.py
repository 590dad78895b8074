"""The end of a network: dropout, if there is any, dense output, and what makes answers of it."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from archwright.core.space import Op
from archwright.nets.ops_common import Ranks, Unscale
from archwright.nets.shapes import trace
from archwright.nets.site import Shape, Signature, Site


def closed(parts: Sequence[nn.Module], dropout: float, shape: Shape, site: Site) -> nn.Module:
    """Return the parts in turn, which make plain numbers of an example, and the output.

    Args:
        shape: Of what goes into the first part.
    """
    made = [*parts, *([nn.Dropout(dropout)] if dropout else [])]
    inside = trace(nn.Sequential(*made), shape)[0]
    return nn.Sequential(*made, site.part(Op("output"), inside, "output"))


def ending(signature: Signature) -> tuple[int, list[nn.Module]]:
    """Return how many numbers a last dense layer is to give, and what makes the answer of them."""
    match signature.kind:
        case "ordinal":
            return 1, [Ranks(signature.outputs)]
        case "regression" | "multitask":
            return signature.outputs, [Unscale(signature.outputs)]
    return signature.outputs, []
