"""The winning network as nested boxes, from the dotted names of its layers.

A module with a child named `shortcut` is a residual block: what goes in is added to what comes out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from archwright.report.record import Layer
from archwright.report.words import TIMES, shape

MOST = 250
"""Layers drawn; what is deeper is counted."""

KINDS = {
    "Normalise": "normalise",
    "Columns": "encode columns",
    "Fields": "encode columns",
    "Tokens": "a vector for each column",
    "Pieces": "embed numbers by pieces",
    "Waves": "embed numbers by waves",
    "Members": "several members",
    "Adapted": "dense, adapted to members",
    "Heads": "an output for each member",
    "Together": "mean of the members",
    "Conv2d": "convolution",
    "BatchNorm1d": "batch norm",
    "BatchNorm2d": "batch norm",
    "LayerNorm": "layer norm",
    "MaxPool2d": "max pooling",
    "AvgPool2d": "average pooling",
    "AdaptiveAvgPool2d": "global average",
    "Flatten": "flatten",
    "Linear": "dense",
    "Dropout": "dropout",
    "Embedding": "embeddings",
    "Grams": "runs of words and characters",
    "Informed": "runs of words and characters, and a pretrained encoder",
    "Encoder": "pretrained encoder",
    "Unscale": "to the target's unit",
    "Ranks": "to classes in order",
}
"""Plain names of modules; others go by the name of their class."""

SHORTCUTS = {"Conv2d": "convolution", "Linear": "dense layer"}

Part = tuple[tuple[str, ...], Layer]


@dataclass(frozen=True)
class Box:
    """A layer, or a group of boxes; `shortcut` says in words how a residual block goes round."""

    kind: Literal["layer", "group", "residual"]
    title: str
    detail: str = ""
    shape: str = ""
    params: int = 0
    share: float = 0.0
    inside: tuple[Box, ...] = ()
    shortcut: str = ""


def boxes(layers: Sequence[Layer]) -> list[Box]:
    """Return the network from input to output, top-level parts first."""
    total = sum(layer.params for layer in layers) or 1
    parts = [(tuple(layer.name.split(".")), layer) for layer in layers[:MOST]]
    return list(_group(parts, 0, total))


def brief(detail: str) -> str:
    """Return what matters of a module's own description: kernel, stride, groups, dropout."""
    found = []
    if kernel := re.search(r"kernel_size=(?:\((\d+), (\d+)\)|(\d+))", detail):
        first, second = kernel[1] or kernel[3], kernel[2] or kernel[3]
        found.append(f"{first}{TIMES}{second}")
    stride = re.search(r"stride=\(?(\d+)", detail)
    if stride and stride[1] != "1":
        found.append(f"stride {stride[1]}")
    if re.search(r"groups=\d+", detail):
        found.append("depthwise")
    if rate := re.search(r"\bp=([\d.]+)", detail):
        found.append(rate[1])
    return ", ".join(found)


def _group(parts: Sequence[Part], depth: int, total: int) -> tuple[Box, ...]:
    found: list[Box] = []
    for step, group in groupby(parts, key=lambda part: part[0][depth]):
        members = list(group)
        if len(members) == 1 and len(members[0][0]) == depth + 1:
            found += _layer(members[0][1], total)
            continue
        title = _title(step, depth, members[0][0][depth - 1] if depth else "")
        found += _nested(title, members, depth + 1, total)
    return tuple(found)


def _nested(title: str, parts: Sequence[Part], depth: int, total: int) -> list[Box]:
    """Return the box around `parts`; none around nothing, or around a single group."""
    round_about = [part for part in parts if part[0][depth] == "shortcut"]
    straight = [part for part in parts if part[0][depth] != "shortcut"]
    last = parts[-1][1].shape
    params = sum(layer.params for _, layer in parts)
    if round_about:
        inside = _group(straight, depth, total)
        inside = inside[0].inside if len(inside) == 1 and inside[0].inside else inside
        way = _shortcut([layer for _, layer in round_about])
        return [Box("residual", title, "", shape(last), params, params / total, inside, way)]
    inside = _group(straight, depth, total)
    if not inside:
        return []
    if len(inside) == 1 and depth > 1 and inside[0].kind != "layer":
        return [replace(inside[0], title=title or inside[0].title)]
    return [Box("group", title, "", shape(last), params, params / total, inside)]


def _layer(layer: Layer, total: int) -> list[Box]:
    if layer.kind in ("Identity", "Sequential"):  # nothing, or an empty list of layers
        return []
    about = (brief(layer.detail), shape(layer.shape), layer.params, layer.params / total)
    return [Box("layer", KINDS.get(layer.kind, layer.kind), *about)]


def _shortcut(layers: Sequence[Layer]) -> str:
    fitted = [layer for layer in layers if layer.params]
    if not fitted:
        return "adds its input"
    kinds = " and ".join(f"a {SHORTCUTS.get(layer.kind, layer.kind)}" for layer in fitted)
    params = sum(layer.params for layer in fitted)
    return f"adds its input, fitted by {kinds} ({params:,} parameters)"


def _title(step: str, depth: int, parent: str) -> str:
    if not step.isdigit():
        return step if depth == 0 else ""
    kind = "network" if parent == "networks" else "block"  # of an ensemble
    return f"{kind} {int(step) + 1}" if depth == 1 else ""
