from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from archwright.bench import content, draw, records, run, shown
from archwright.bench.compare import Comparison
from archwright.bench.protocols import Run, Terms
from archwright.bench.statistics import wilcoxon
from archwright.bench.summary import after, at, queries, time_to
from archwright.errors import SpaceError


def made(*reported: float, hit: int = 0, second: float = 0.0) -> Run:
    clock = tuple(second * k for k in range(1, len(reported) + 1))
    return Run(reported, clock, hit, 1.0, 0.01)


def compared(protocol: str = "oracle", trials: int = 100, **runs: list[Run]) -> Comparison:
    terms = Terms(protocol, trials)
    reference = "random" if "random" in runs else ""
    return Comparison(
        "tiny/none", {"networks": 9}, terms, reference, runs, {}, protocol == "oracle"
    )


def told(comparison: Comparison, name: str) -> dict[str, Any]:
    case = f"tiny/none/{comparison.terms.protocol}/{name}"
    return {one["metric"]: one for one in records(comparison) if one["case"] == case}


def test_strategies_are_compared_seed_for_seed(folder: Path) -> None:
    found = run(
        "macro",
        ["random", "evolution", "random"],
        data=folder,
        seeds=3,
        trials=30,
        strict=["random", "evolution"],
    )
    assert list(found.runs) == ["random", "evolution"]
    assert found.reference == "random"
    assert [len(each) for each in (*found.runs.values(), *found.strict.values())] == [3] * 4
    alone = run("macro", ["evolution"], data=folder, seeds=2, trials=30)
    timeless = [replace(each, seconds=0.0) for each in found.runs["evolution"]]
    assert [replace(each, seconds=0.0) for each in alone.runs["evolution"]] == timeless[:2]
    assert alone.reference == ""
    first = {runs[0].reported[0] for runs in found.runs.values()}
    assert len(first) == 1, "all begin with the same random numbers"


@pytest.mark.slow
def test_searches_side_by_side_find_what_they_find_alone(folder: Path) -> None:
    def found(processes: int) -> list[Run]:
        came = run("macro", ["random"], data=folder, seeds=4, trials=9, processes=processes)
        return [replace(each, seconds=0.0) for each in came.runs["random"]]

    assert found(2) == found(1)


def test_what_was_done_is_said(folder: Path) -> None:
    lines: list[str] = []
    run("macro", ["random"], data=folder, seeds=2, trials=5, protocol="honest", say=lines.append)
    assert len(lines) == 1
    assert lines[0].startswith("random: 2 searches")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"table": "nb21"}, "did you mean 'nb201'"),
        ({"strategies": ["radom"]}, "did you mean 'random'"),
        ({"strategies": []}, "no strategy is named"),
        ({"protocol": "orakel"}, "no such protocol: 'orakel'.*'oracle'"),
        ({"protocol": "timed"}, "no values for the protocol 'timed'"),
        ({"seeds": 0}, "seeds=0: give 1 or more"),
        ({"trials": 0}, "trials=0: give 1 or more"),
        ({"processes": -1}, "processes=-1: give 1 or more"),
        ({"strategies": ["random+zc"]}, "takes no scores"),
    ],
)
def test_what_cannot_be_measured_is_refused_before_anything_is_searched(
    folder: Path, changes: dict[str, Any], reason: str
) -> None:
    asked: dict[str, Any] = {"table": "macro", "strategies": ["random"], "data": folder, **changes}
    with pytest.raises(SpaceError, match=reason):
        run(**asked, say=lambda line: pytest.fail("searched"))


def test_queries_count_a_search_without_a_hit_as_the_most() -> None:
    found = told(compared(one=[made(1, 2, hit=2), made(1, 2)]), "one")
    assert found["queries"]["value"] == (2 + 100) / 2
    assert found["hit_rate"]["value"] == 0.5
    assert found["queries"]["seeds"] == 2
    assert queries(made(1), 600) == 600.0


def test_a_hit_is_soon_until_the_sixtieth_query() -> None:
    runs = [made(1, hit=60), made(1, hit=61), made(1), made(1, hit=1)]
    assert told(compared(one=runs), "one")["hit_rate_60"]["value"] == 0.5


def test_accuracies_stay_where_they_are_when_a_search_is_over() -> None:
    assert at(made(1, 2, 3), 2) == 2
    assert at(made(1, 2, 3), 192) == 3


def test_checkpoints_are_those_within_the_trials() -> None:
    found = told(compared("honest", 40, one=[made(*range(40))]), "one")
    counts = [name for name in found if name.startswith("accuracy_") and name[-1].isdigit()]
    assert counts == ["accuracy_40", "accuracy_10", "accuracy_20", "accuracy_30"]
    assert found["accuracy_30"]["value"] == 29
    assert "queries" not in found


def test_the_main_number_is_tested_against_the_reference() -> None:
    ours = [made(1, hit=k) for k in range(10, 22)]
    same = [made(1, hit=50 + k % 2) for k in range(12)]
    theirs = [made(1, hit=50 + k) for k in range(12)]
    comparison = compared(random=theirs, ours=ours, same=same)
    found = told(comparison, "ours")["queries"]
    assert found["against"] == "random"
    assert found["p"] == 2 * wilcoxon(list(range(10, 22)), list(range(50, 62)))
    assert found["wins"] == 1.0
    assert "p" not in told(comparison, "random")["queries"]
    assert "p" not in told(comparison, "ours")["hit_rate"]


def test_what_is_handed_over_counts_when_it_is_there() -> None:
    run = made(math.nan, 90, 91, second=1000)
    assert math.isnan(after(run, 500))
    assert math.isnan(after(run, 1500))
    assert after(run, 2999) == 90
    assert after(run, 12_000) == 91


def test_the_time_to_a_value_is_that_from_which_on_the_mean_stays_there() -> None:
    runs = [made(80, 95, 90, 96, second=1000), made(80, 95, 80, 96, second=1000)]
    assert time_to(runs, 94) == 4000
    assert time_to(runs, 80) == 1000
    assert time_to(runs, 99) == math.inf


def test_timed_tells_how_soon_the_references_result_is_there() -> None:
    slow = [made(*[80] * 11, 90, second=1000)]
    fast = [made(math.nan, 80, 92, second=1000)]
    never = [made(70, second=1000)]
    comparison = compared("timed", random=slow, fast=fast, never=never)
    found = told(comparison, "fast")
    assert found["accuracy"]["value"] == 92
    assert found["time_share_to_random"]["value"] == 0.25
    assert told(comparison, "never")["time_share_to_random"]["value"] is None
    assert json.dumps(records(comparison), allow_nan=False)


def test_strict_counts_stand_beside_the_others() -> None:
    comparison = replace(compared(one=[made(1, hit=5)]), strict={"one": [made(1, hit=9)]})
    assert told(comparison, "one")["strict_queries"]["value"] == 9


def test_records_are_in_the_form_of_the_benchmark_files() -> None:
    for one in records(compared(random=[made(1, hit=5), made(1)], one=[made(1), made(1)])):
        keys = {"case", "metric", "value", "spread", "seeds", "better", "goal"}
        assert keys <= one.keys() <= keys | {"against", "p", "wins"}
        assert one["spread"][0] <= one["value"] <= one["spread"][1]


def lines(comparison: Comparison, width: int = 200) -> list[str]:
    from io import StringIO

    from rich.console import Console

    console = Console(file=StringIO(), width=width)
    console.print(shown(comparison))
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return text.splitlines()


def test_the_table_has_the_best_first_and_stars_what_differs() -> None:
    runs = [made(1, hit=k) for k in range(10, 20)]
    told = lines(compared(random=[made(1)] * 10, ours=runs))
    rows = [line for line in told if line.split()[:1] in (["ours"], ["random"])]
    assert "ours" in rows[0]
    assert "14.50* [" in rows[0]
    assert "random" in rows[1]
    assert any("networks 9" in line and "Holm" in line for line in told)


def test_a_file_says_where_and_of_what_it_was_made() -> None:
    found = content([compared(one=[made(1, hit=5)])], "archwright bench tiny")
    assert found["command"] == "archwright bench tiny"
    assert found["facts"] == {"tiny/none": {"networks": 9}}
    assert found["machine"]["cores"] >= 1
    assert {one["case"] for one in found["records"]} == {"tiny/none/oracle/one"}
    json.dumps(found, allow_nan=False)


def test_curves_are_one_file_that_needs_no_network(tmp_path: Path) -> None:
    oracle = compared(random=[made(1, 2, 3)] * 2, **{"<b>": [made(1, 4, hit=2), made(2, 3)]})
    timed = compared("timed", random=[made(math.nan, 90, second=1000), made(80, 90, second=900)])
    path = draw([oracle, timed], tmp_path / "new" / "bench.html")
    text = path.read_text(encoding="utf-8")
    assert text.count("plotly-graph-div") == 3
    assert "<script src" not in text
    assert "&lt;b&gt;" in text or "\\u0026lt;b" in text
    assert "NaN" not in text[text.rindex("plotly-graph-div") :]


@pytest.mark.parametrize("protocol", ["oracle", "honest", "timed"])
def test_the_table_fits_a_terminal_of_eighty_columns(protocol: str) -> None:
    many = [made(*(90.0 + k / 10 for k in range(70)), hit=70, second=100.0) for _ in range(3)]
    told = lines(compared(protocol, 600, random=many, components=many), width=80)
    assert not any("…" in line for line in told)
