"""Recipes: how one network is trained, as plain values that can be stored and compared."""

from __future__ import annotations

from dataclasses import dataclass, replace

from archwright import registry

LEAST_TABLE, LEAST_IMAGE, LEAST_SERIES, LEAST_TEXT, LEAST_AUDIO = 300, 800, 800, 600, 800
LEAST_MIXED, LEAST_FORECAST = 800, 800
"""Steps of a full training where rows are few, unless that takes more than `MOST_EPOCHS`."""

MOST_EPOCHS = 400

TABLE_STEPS, TABLE_EPOCHS = 4500, (10, 60)
"""What a table is trained for: so many steps, if that is a number of epochs in this range."""

LARGE_TABLE = 50_000
"""Batches are twice as large from so many rows on: there are steps enough."""


@dataclass(frozen=True)
class Recipe:
    """AdamW under a one-cycle schedule (arXiv:1708.07120) that ends at zero.

    Args:
        epochs: Passes over the training rows at fidelity 1.
        batch: Rows per step.
        lr: The highest learning rate of the cycle.
        weight_decay: Decoupled (arXiv:1711.05101); biases and normalisation are spared.
        muon: The highest learning rate of Muon, which then trains the filters of convolutions; 0
            leaves them to AdamW.
        smoothing: Label smoothing (arXiv:1512.00567); classification only.
        shift: Images are moved by at most this share of their side, at random, each time.
        flips: Axes along which images are flipped in every other epoch: -1, -2.
    """

    epochs: int
    batch: int
    lr: float
    weight_decay: float
    muon: float = 0.0
    smoothing: float = 0.0
    shift: float = 0.0
    flips: tuple[int, ...] = ()

    def steps(self, rows: int, fidelity: float = 1.0) -> int:
        """Return the number of optimiser steps for `rows` training rows, at least one."""
        return max(1, round(self.epochs * fidelity * rows / self.batch_for(rows)))

    def batch_for(self, rows: int) -> int:
        """Return the batch size: small data is cut into at least eight steps an epoch."""
        return max(1, min(self.batch, rows // 8 if rows >= 64 else rows))


def default_recipe(modality: str, rows: int) -> Recipe:
    """Return the recipe that a task starts from."""
    recipe: Recipe = registry.load(registry.MODALITIES[modality].recipe)(rows)
    return recipe


def table_recipe(rows: int) -> Recipe:
    """Return the recipe for tables."""
    batch, (least, most) = 128 if rows < LARGE_TABLE else 256, TABLE_EPOCHS
    epochs = min(most, max(least, round(TABLE_STEPS * batch / rows)))
    return lengthened(Recipe(epochs, batch, lr=3e-3, weight_decay=0.3), rows, LEAST_TABLE)


def image_recipe(rows: int) -> Recipe:
    """Return the recipe for images."""
    recipe = Recipe(40, 128, 5e-3, 0.02, muon=0.1, smoothing=0.1, shift=0.08)
    return lengthened(recipe, rows, LEAST_IMAGE)


def series_recipe(rows: int) -> Recipe:
    """Return the recipe for series."""
    return lengthened(Recipe(40, 64, 4e-3, 0.02, smoothing=0.1), rows, LEAST_SERIES)


def text_recipe(rows: int) -> Recipe:
    """Return the recipe for texts."""
    return lengthened(Recipe(12, 64, 4e-3, 0.02, smoothing=0.1), rows, LEAST_TEXT)


def audio_recipe(rows: int) -> Recipe:
    """Return the recipe for clips."""
    return lengthened(Recipe(40, 64, 4e-3, 0.02, muon=0.05, smoothing=0.1), rows, LEAST_AUDIO)


def forecast_recipe(rows: int) -> Recipe:
    """Return the recipe for windows of series, which overlap: few epochs are enough."""
    return lengthened(Recipe(5, 256, 2e-3, 0.02), rows, LEAST_FORECAST)


def mixed_recipe(rows: int) -> Recipe:
    """Return the recipe for several inputs."""
    recipe = Recipe(40, 64, 4e-3, 0.02, muon=0.05, smoothing=0.1, shift=0.08)
    return lengthened(recipe, rows, LEAST_MIXED)


def lengthened(recipe: Recipe, rows: int, steps: int) -> Recipe:
    """Return the recipe with epochs for so many steps: few rows are gone through more often."""
    enough = round(steps * recipe.batch_for(rows) / rows)
    return replace(recipe, epochs=min(MOST_EPOCHS, max(recipe.epochs, enough)))
