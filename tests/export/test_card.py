from __future__ import annotations

from typing import Any

from archwright.export.card import text

FACTS: dict[str, Any] = {
    "name": "adult | census",
    "target": "income",
    "classes": ["<=50K", ">50K"],
    "rows": {"train": 26_048, "validation": 6_513, "test": 16_281},
    "split": "the split column is respected",
    "findings": ["Duplicates. 20 rows of test are in train too."],
    "trained": "12.0 epochs on train and validation",
    "command": "archwright search adult.csv --budget 300s",
    "task": "classification",
    "objective": "accuracy",
    "test": {"accuracy": 0.8571, "log_loss": 0.31},
    "validation": {"accuracy": 0.859},
    "rivals": {"gradient | boosting": {"accuracy": 0.871, "log_loss": 0.28}},
    "params": 12_345,
    "macs": 23_456,
    "latency_ms": 0.123,
    "trials": {"done": 40, "failed": 1},
    "seconds": {"total": 299.5},
    "seed": 3,
    "versions": {"archwright": "0.1.0", "torch": "2.13.0"},
}


def test_the_card_says_what_how_good_and_how_made() -> None:
    card = text(FACTS)
    assert card.startswith("# adult | census\n\nA neural network that predicts *income* (one of 2")
    for part in (
        "| this network | 0.8571 | 0.31 |",
        "| gradient \\| boosting | 0.871 | 0.28 |",
        "26,048 train, 6,513 validation, 16,281 test",
        "12,345 parameters",
        "20 rows of test are in train too.",
        "`archwright search adult.csv --budget 300s`",
        "- Seed: 3.",
        "torch 2.13.0",
    ):
        assert part in card
    headings = [line for line in card.splitlines() if line.startswith("## ")]
    assert len(headings) == 5


def test_facts_that_are_missing_leave_their_part_out() -> None:
    card = text({"name": "x"})
    assert "## How good it is" not in card
    assert "## The data" not in card
    assert "None" not in card


def test_a_network_before_its_test_shows_its_score_in_the_search() -> None:
    card = text({"name": "x", "objective": "rmse", "test": {}, "validation": {"rmse": 1.5}})
    assert "| this network | 1.5 |" in card
    assert "The test rows were looked at" not in card


def test_an_ensemble_is_told_with_its_members_and_what_it_costs() -> None:
    members = [{"trial": 3, "weight": 0.75}, {"trial": 1, "weight": 0.25}]
    why = "The ensemble of 2 networks: 1 point better, 2.1 times the latency."
    card = text(FACTS | {"ensemble": {"members": members, "why": why}})
    assert f"- {why}\n- Members: trial 3 (75 %), trial 1 (25 %).\n" in card
    alone = text(FACTS | {"ensemble": {"members": [], "why": "The winner alone."}})
    assert "- The winner alone.\n" in alone
    assert "Members" not in alone
