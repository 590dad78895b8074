"""How often cell spaces halve an image of a given shape. Knows shapes alone."""

from __future__ import annotations

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
