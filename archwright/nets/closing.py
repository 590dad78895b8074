"""The end of a network: dropout, if there is any, and dense output."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from archwright.core.space import Op
from archwright.nets.shapes import trace
from archwright.nets.site import Shape, Site


def closed(parts: Sequence[nn.Module], dropout: float, shape: Shape, site: Site) -> nn.Module:
    """Return the parts in turn, which make plain numbers of an example, and the output.

    Args:
        shape: Of what goes into the first part.
    """
    made = [*parts, *([nn.Dropout(dropout)] if dropout else [])]
    inside = trace(nn.Sequential(*made), shape)[0]
    return nn.Sequential(*made, site.part(Op("output"), inside, "output"))
