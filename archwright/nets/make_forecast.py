"""Makers of the blocks for forecasts: what stands between a window and the steps ahead."""

from __future__ import annotations

from torch import nn

from archwright.core.space import Op
from archwright.nets.ops_forecast import (
    Ladder,
    Linear,
    Mixer,
    Outlook,
    Patched,
    Sum,
    patches,
    quiet,
)
from archwright.nets.site import Make, Shape, Site

HIDDEN = 16
"""Units between the calendar of a step and what it adds."""


def _outlook(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """A body between windows, seen on their own scale, and the steps ahead."""
    look, horizon = min(tree["look"], shape[1]), site.signature.outputs
    ahead = site.signature.ahead
    body = site.part(tree["body"], (shape[0] - ahead, look), "body")
    calendar: nn.Module = nn.Identity()
    if ahead and tree["calendar"]:
        calendar = nn.Sequential(nn.Linear(ahead, HIDDEN), nn.ReLU(), quiet(HIDDEN, 1))
    return Outlook(look, tree["norm"], body, calendar, ahead, horizon)


def _patched(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """Patches, a body over them, and a linear model beside it if wanted."""
    channels, look = shape
    patch, width = min(tree["patch"], look), tree["width"]
    count = patches(look, patch)
    body = site.part(tree["body"], (width, count), "body")
    head = [nn.Dropout(tree["dropout"]), quiet(count * width, site.signature.outputs)]
    made = Patched(channels, look, patch, width, body, nn.Sequential(*head))
    return _beside(made, tree, shape, site)


def _ladder(tree: Op, shape: Shape, site: Site) -> nn.Module:
    """Blocks that see ever more finely."""
    channels, look = shape
    rates = tuple(min(rate, look) for rate in (16, 8, 4, 2, 1)[-tree["blocks"] :])
    how = (rates, tree["width"], tree["dropout"])
    return _beside(Ladder(channels, look, site.signature.outputs, *how), tree, shape, site)


def _beside(net: nn.Module, tree: Op, shape: Shape, site: Site) -> nn.Module:
    if not tree["linear"]:
        return net
    return Sum(nn.ModuleList([net, Linear(shape[1], 1, site.signature.outputs)]))


FORECAST: dict[str, Make] = {
    "outlook": _outlook,
    "linear_ahead": lambda tree, shape, site: Linear(
        shape[1], tree["kernel"], site.signature.outputs
    ),
    "patched": _patched,
    "ladder": _ladder,
    "mixer": lambda tree, shape, site: Mixer(shape[0], shape[1], tree["layers"], tree["dropout"]),
}
