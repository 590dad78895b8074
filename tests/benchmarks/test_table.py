from __future__ import annotations

import json
from typing import Any

import pytest

from benchmarks.table import ROOT, replace, table

RECORD = {
    "case": "digits/60s",
    "metric": "test_accuracy",
    "value": 0.9861,
    "spread": [0.9833, 0.9889],
    "seeds": 3,
    "better": "higher",
    "goal": 0.985,
    "rivals": {"logistic regression": 0.9639},
}


def report(**changes: Any) -> dict[str, Any]:
    return {
        "machine": {"cpu": "Some CPU", "cores": 2, "memory_gb": 24},
        "commit": "0123456789abcdef",
        "command": "make bench",
        "records": [RECORD | changes],
    }


def test_a_record_is_a_row_with_its_spread_its_goal_and_its_rivals() -> None:
    row = table(report()).splitlines()[2]
    assert row == (
        "| digits/60s | test accuracy | **0.9861** (0.9833 to 0.9889, 3 seeds) | ≥ 0.9850 kept "
        "| logistic regression 0.9639 |"
    )


@pytest.mark.parametrize(
    ("value", "better", "told"),
    [(0.9, "higher", "missed"), (0.99, "lower", "missed"), (0.9, "lower", "kept")],
)
def test_a_missed_goal_is_called_missed(value: float, better: str, told: str) -> None:
    assert told in table(report(value=value, better=better))


def test_large_values_are_whole_numbers() -> None:
    assert "**46,213**" in table(report(value=46213.4, spread=[45000, 47000], goal=None))


def test_the_table_says_where_it_was_measured() -> None:
    told = table(report())
    assert "Some CPU, 2 cores, 24 GB; `make bench`, commit 0123456789." in told


def test_the_table_replaces_what_stands_between_the_marks_and_nothing_else() -> None:
    readme = "before\n<!-- results -->\nold\n<!-- /results -->\nafter\n"
    assert replace(readme, "new\n") == ("before\n<!-- results -->\nnew\n<!-- /results -->\nafter\n")


def test_a_readme_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="marks"):
        replace("nothing here", "new\n")


def test_the_readme_shows_the_results_that_are_committed() -> None:
    file = ROOT / "benchmarks" / "main_job.json"
    if not file.exists():
        pytest.skip("benchmarks/main_job.json has not been made yet; make bench writes it")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    committed = table(json.loads(file.read_text(encoding="utf-8")))
    assert committed in readme, "the README is out of date: make table"
