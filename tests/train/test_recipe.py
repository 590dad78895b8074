"""Recipes: how long and in which batches."""

from __future__ import annotations

import pytest

from archwright.train.recipe import (
    LEAST_IMAGE,
    LEAST_SERIES,
    LEAST_TABLE,
    MOST_EPOCHS,
    Recipe,
    default_recipe,
)

RECIPE = Recipe(epochs=10, batch=64, lr=0.01, weight_decay=0.0)


def test_fidelity_is_a_share_of_the_steps() -> None:
    assert RECIPE.steps(6400) == 1000
    assert RECIPE.steps(6400, 0.25) == 250
    assert RECIPE.steps(6400, 1e-9) == 1


@pytest.mark.parametrize(("rows", "batch"), [(1, 1), (63, 63), (64, 8), (300, 37), (10_000, 64)])
def test_small_data_is_cut_into_at_least_eight_steps_an_epoch(rows: int, batch: int) -> None:
    assert RECIPE.batch_for(rows) == batch


@pytest.mark.parametrize(
    ("modality", "least"),
    [("table", LEAST_TABLE), ("image", LEAST_IMAGE), ("series", LEAST_SERIES)],
)
@pytest.mark.parametrize("rows", [50, 300, 2000, 100_000])
def test_few_rows_are_gone_through_more_often(modality: str, least: int, rows: int) -> None:
    recipe = default_recipe(modality, rows)
    possible = MOST_EPOCHS * rows / recipe.batch_for(rows)
    assert recipe.steps(rows) >= 0.9 * min(least, possible)


@pytest.mark.parametrize(
    ("rows", "epochs"), [(5_000, 60), (16_000, 36), (32_000, 18), (1_000_000, 10)]
)
def test_a_table_is_trained_for_a_number_of_steps(rows: int, epochs: int) -> None:
    assert default_recipe("table", rows).epochs == epochs
