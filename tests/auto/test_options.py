"""Options: bounds as text, checks, and that a study keeps them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from archwright.auto.options import Options, parse_bound
from archwright.core.objective import Objective
from archwright.errors import BudgetError, SpaceError


@pytest.mark.parametrize(
    ("metric", "text", "value"),
    [
        ("params", "100k", 100_000),
        ("params", "2.5M", 2_500_000),
        ("params", 5000, 5000),
        ("macs", "1g", 1e9),
        ("macs", " 10 k ", 10_000),
        ("latency_ms", "2ms", 2),
        ("latency_ms", "0.5s", 500),
        ("latency_ms", 3.5, 3.5),
    ],
)
def test_a_bound_is_read(metric: str, text: str | float, value: float) -> None:
    assert parse_bound(metric, text) == {metric: value}


def test_no_bound_is_no_condition() -> None:
    assert parse_bound("params", None) == {}


@pytest.mark.parametrize(
    ("metric", "text", "flag"),
    [
        ("params", "many", "--max-params"),
        ("params", "0", "--max-params"),
        ("params", "-5", "--max-params"),
        ("params", "5ms", "--max-params"),
        ("macs", "", "--max-macs"),
        ("latency_ms", "2k", "--max-latency"),
        ("latency_ms", 0.0, "--max-latency"),
    ],
)
def test_a_bound_that_makes_no_sense_is_named_with_its_units(
    metric: str, text: str | float, flag: str
) -> None:
    with pytest.raises(SpaceError, match=rf"{flag} .*cannot be read.*units (k, m, g|ms, s)"):
        parse_bound(metric, text)


@pytest.mark.parametrize("name", ["folds", "workers", "trials", "epochs", "ensemble"])
def test_counts_below_one_are_refused(name: str) -> None:
    other: dict[str, Any] = {name: 0}
    with pytest.raises(BudgetError, match=f"--{name} 0 makes no sense"):
        Options(budget=60.0, **other)


def test_a_search_without_an_end_is_refused() -> None:
    with pytest.raises(BudgetError, match="a search needs an end"):
        Options()


@pytest.mark.parametrize(
    "options",
    [
        Options(trials=40),
        Options(("income",), 600.0, None, "roc_auc", {"params": 1e5}, seed=3, types={"a": "text"}),
    ],
    ids=["trials", "budget"],
)
def test_options_come_back_from_json_as_they_were(options: Options) -> None:
    stored = json.loads(json.dumps(options.to_json(), allow_nan=False))
    assert Options.from_json(stored) == options


def test_bounds_are_conditions() -> None:
    options = Options(trials=1, bounds={"params": 10.0, "latency_ms": 2.0})
    assert options.conditions() == (Objective("params", 10.0), Objective("latency_ms", 2.0))


def test_the_networks_of_several_folds_have_no_children() -> None:
    with pytest.raises(BudgetError, match="leave out --folds"):
        Options(trials=3, inherit=True, folds=3)


def test_a_rate_of_wrong_stops_is_a_share() -> None:
    with pytest.raises(BudgetError, match="--early-stop 5 is no share"):
        Options(trials=3, early_stop=5.0)
