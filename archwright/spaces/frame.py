"""What cell spaces share: how often they halve an image, and what is around their cells."""

from __future__ import annotations

from typing import Any

from archwright.core.space import Node, op, seq
from archwright.errors import SpaceError

Shape = tuple[int, ...]

MOST_STAGES = 3


def stages(shape: Shape) -> int:
    """Return how many stages of cells an image of this shape allows: three from 4 pixels on."""
    return min(MOST_STAGES, min(shape[1:]).bit_length())


def halvings(shape: Shape) -> int:
    """Return how often an image is halved before the first cell: twice from 128 pixels on."""
    return min(2, max(0, min(shape[1:]).bit_length() - 6))


def need_images(space: str, shape: Shape) -> None:
    """Refuse data that are no images.

    Raises:
        SpaceError: they are not.
    """
    if len(shape) != 3:
        raise SpaceError(f"the space {space!r} takes images, not shape {shape}; use 'mlp'")


def stacked(kind: str, shape: Shape, channels: int, **cells: Any) -> Node:
    """Return a network of cells, one a stage, between normalised images and the output.

    Args:
        kind: The operation that stacks them.
        channels: Of the first stage.
        cells: What it is given as cells, and whatever else it needs.
    """
    size = {"stages": stages(shape), "cells": 1, "channels": channels, "halvings": halvings(shape)}
    return seq(
        normalise=op("normalise"),
        cells=op(kind, **size, **cells),
        pooling=op("pooled", pooling="global"),
        head=op("output"),
    )
