from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.records import Aim, machine, merge, read, record, write

AIM = Aim("test_accuracy", "higher", 0.985)
HERE = {"cpu": "Some CPU", "cores": 2, "memory_gb": 24}


def report(*cases: str, commit: str = "new", **changes: Any) -> dict[str, Any]:
    made = [record(case, AIM, [0.9]) for case in cases]
    return {"machine": HERE, "commit": commit, "command": "make bench", "records": made} | changes


def test_a_record_holds_the_median_and_the_spread_of_its_seeds() -> None:
    made = record("digits/60s", AIM, [0.99, 0.97, 0.98], rivals={"ridge regression": 0.9})
    assert made == {
        "case": "digits/60s",
        "metric": "test_accuracy",
        "value": 0.98,
        "spread": [0.97, 0.99],
        "seeds": 3,
        "better": "higher",
        "goal": 0.985,
        "rivals": {"ridge regression": 0.9},
    }


def test_a_promise_is_judged_by_its_worst_seed() -> None:
    assert record("digits/60s", Aim("overrun_seconds", "lower", 0), [-3, 1, -2], max)["value"] == 1


def test_a_rerun_replaces_its_own_records_and_keeps_the_others_in_order() -> None:
    old = report("digits/60s", "mnist/5m", commit="old")
    merged = merge(old, report("digits/25s"), ["digits", "mnist"])
    assert [one["case"] for one in merged["records"]] == ["digits/25s", "mnist/5m"]


def test_a_record_that_is_kept_says_which_commit_it_is_of() -> None:
    old = report("digits/60s", "mnist/5m", commit="old")
    once = merge(old, report("digits/60s"), ["digits", "mnist"])
    assert [one.get("commit") for one in once["records"]] == [None, "old"]
    twice = merge(once, report("digits/60s", commit="newer"), ["digits", "mnist"])
    assert [one.get("commit") for one in twice["records"]] == [None, "old"]


def test_records_of_cases_that_are_gone_are_dropped() -> None:
    merged = merge(report("gone/1m"), report("digits/60s"), ["digits"])
    assert [one["case"] for one in merged["records"]] == ["digits/60s"]


def test_a_record_that_is_kept_says_which_machine_it_is_of() -> None:
    elsewhere = {**HERE, "cpu": "Another CPU"}
    old = report("digits/60s", "mnist/5m", machine=elsewhere)
    merged = merge(old, report("digits/60s"), ["digits", "mnist"])
    assert [one.get("machine") for one in merged["records"]] == [None, elsewhere]
    assert merged["machine"] == HERE


def test_a_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "bench.json"
    assert read(path) is None
    write(path, report("digits/60s"))
    assert read(path) == report("digits/60s")
    assert [each.name for each in path.parent.iterdir()] == ["bench.json"]


def test_the_machine_is_named() -> None:
    found = machine()
    assert found["cpu"]
    assert found["cores"] >= 1
    assert found["memory_gb"] > 0
