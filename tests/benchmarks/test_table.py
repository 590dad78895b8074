from __future__ import annotations

from typing import Any

import pytest

from benchmarks.table import ROOT, replace, searches, table, tables

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


def test_what_may_be_noise_and_who_had_nothing_are_told() -> None:
    told = table(report(value=0.98, noise=0.01, **{"nothing at the deadline": ["slow"]}))
    assert "≥ 0.9850 within noise" in told
    assert "logistic regression 0.9639, slow nothing" in told
    assert "missed" in table(report(value=0.97, noise=0.01))


def test_large_values_are_whole_numbers() -> None:
    assert "**46,213**" in table(report(value=46213.4, spread=[45000, 47000], goal=None))


def test_the_table_says_where_it_was_measured() -> None:
    told = table(report())
    assert "Some CPU, 2 cores, 24 GB; `make bench`, commit 0123456789." in told
    told = table(report(machine={"cpu": "Abacus", "cores": 1, "memory_gb": 1}))
    assert "Abacus, 1 core, 1 GB; `make bench`" in told


def test_a_table_replaces_what_stands_between_its_marks_and_nothing_else() -> None:
    readme = "before\n<!-- results -->\nold\n<!-- /results -->\nafter\n"
    changed = replace(readme, "results", "new\n")
    assert changed == "before\n<!-- results -->\nnew\n<!-- /results -->\nafter\n"


def test_a_readme_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="<!-- search -->"):
        replace("<!-- results -->\n<!-- /results -->\n", "search", "new\n")


def test_strategies_are_rows_with_the_quickest_first() -> None:
    def measured(case: str, metric: str, value: float) -> dict[str, Any]:
        return RECORD | {"case": case, "metric": metric, "value": value, "seeds": 100}

    records = [
        measured("nb201-cifar10-oracle/random", "queries", 562.44),
        measured("nb201-cifar10-oracle/random", "hit_rate", 0.1),
        measured("nb201-cifar10-oracle/auto", "queries", 17.29),
        measured("nb201-cifar10-honest/auto", "accuracy_30", 94.291),
        measured("ask/auto", "ask_ms", 3.0),
    ]
    lines = searches(report() | {"records": records}).splitlines()
    assert lines[0] == "| strategy | CIFAR-10 | test accuracy |"
    assert lines[2:4] == ["| auto | 17.3 | 94.29 |", "| random | 562.4 | - |"]
    assert lines[-1].startswith("Means of 100 searches; Some CPU")


def test_the_readme_shows_the_results_that_are_committed() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for mark, text in tables().items():
        assert f"<!-- {mark} -->\n{text}" in readme, "the README is out of date: make table"
