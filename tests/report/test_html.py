from __future__ import annotations

import base64
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from archwright.core.trial import History, Proposal, State, Trial
from archwright.data.task import Splits, Task
from archwright.report import plots, tables
from archwright.report.html import render, write
from archwright.report.pictures import data_uris
from archwright.report.record import Entry, Record
from archwright.report.summary import promises, summary

NASTY = "<script>boom()</script>"
SECTIONS = (
    "summary", "leaderboard", "network", "search", "choices", "answers", "mistakes", "data",
    "doctor", "failed", "again",
)  # fmt: skip


def without_plotly(page: str) -> str:
    """The page less the script of plotly, which holds addresses and markup of its own."""
    from plotly.offline import get_plotlyjs

    assert page.count(get_plotlyjs()) == 1
    return page.replace(get_plotlyjs(), "")


def figures(page: str) -> dict[str, Any]:
    found = re.search(r'<script id="figures" type="application/json">(.*?)</script>', page, re.S)
    assert found
    parsed: dict[str, Any] = json.loads(found[1])
    return parsed


def painted(figure: Any) -> Any:
    """A figure with a colour in the place of each CSS variable."""
    return json.loads(re.sub(r'"--\w+"', '"#123456"', json.dumps(figure)))


def test_images_give_every_section_and_chart(digits_record: Record) -> None:
    page = without_plotly(render(digits_record))
    assert [name for name in SECTIONS if f'id="{name}"' not in page] == []
    assert set(figures(page)) == {
        "curves", "against-params", "against-latency_ms", "progress", "confusion",
    }  # fmt: skip
    assert page.count("data:image/png;base64,") == len(tables.mistakes(digits_record)) > 5
    assert "archwright search runs/digits.npz" in page
    assert "too few" not in page


def test_tables_give_every_section_and_the_rows(wine_record: Record) -> None:
    page = without_plotly(render(wine_record))
    assert [name for name in SECTIONS if f'id="{name}"' not in page] == []
    assert "alcalinity_of_ash" in page
    assert "not used" in page


def test_values_give_residuals(diabetes_record: Record) -> None:
    page = without_plotly(render(diabetes_record))
    assert {"predicted", "residuals"} <= set(figures(page))
    assert "confusion" not in figures(page)
    assert "typical error (RMSE) in progression" in page


@pytest.mark.parametrize("name", ["digits_record", "wine_record", "diabetes_record"])
def test_plotly_knows_every_property_of_the_figures(
    name: str, request: pytest.FixtureRequest
) -> None:
    from plotly.graph_objects import Figure

    for figure in figures(render(request.getfixturevalue(name))).values():
        Figure(painted(figure))  # raises ValueError for what plotly does not know


def test_nothing_is_loaded_from_the_network(digits_record: Record) -> None:
    page = without_plotly(render(digits_record))
    assert re.findall(r"https?://", page) == []
    assert re.findall(r"<link|@import|url\(", page) == []
    assert set(re.findall(r'(?:src|href)="(#|data:|[^"]*)', page)) == {"#", "data:"}


def test_text_of_the_user_is_never_markup(wine_record: Record) -> None:
    task = replace(wine_record.task, name=NASTY, target_name=NASTY, notes=(NASTY,))
    page = without_plotly(render(replace(wine_record, task=task, command=f"x '{NASTY}'")))
    assert NASTY not in page
    assert "<script>boom" not in page
    assert page.count("<script") == page.count("</script>") == 3
    tick = figures(page)["confusion"]["data"]
    assert tick
    assert "&lt;script" in json.dumps(figures(page)["confusion"]["layout"])


def test_the_number_is_explained_and_the_verdict_is_shown(digits_record: Record) -> None:
    found = summary(digits_record)
    assert found.big == "96.1 %"
    assert found.meaning == "of 359 images it had never seen were classified correctly"
    assert found.verdict.startswith("The search was worth it")
    values = [value for value, _ in found.facts]
    assert values == ["60.7 k", "908 k", "0.31 ms", "54", "58 s"]


def test_the_forecast_stands_beside_its_outcome(digits_record: Record) -> None:
    rows = [(each.what, each.forecast, each.outcome) for each in promises(digits_record)]
    assert rows == [
        ("time", "1 min", "58 s"),
        ("trials", "38", "54"),
        ("peak memory", "380 MB", "412 MB"),
        ("disk", "7.5 MB", ""),
    ]


def test_a_record_with_next_to_nothing_is_still_a_report(digits_record: Record) -> None:
    winner = replace(digits_record.winner, number=0, curve=(), metrics={"accuracy": 0.9})
    winner = replace(winner, proposal=replace(winner.proposal, parent=None))
    alone = Entry("net", "winner", {}, {"accuracy": 0.9}, None, 1.0)
    bare = replace(
        digits_record, history=History([winner]), winner=winner, leaderboard=(alone,), layers=(),
        metrics={}, forecast={}, bounds=(),
    )  # fmt: skip
    page = without_plotly(render(bare))
    assert "Too few finished trials to say (1; eight are needed)" in page
    assert 'id="failed"' not in page


def test_numbers_that_are_none_do_not_break_the_figures(digits_record: Record) -> None:
    broken = [
        replace(t, metrics={**t.metrics, "latency_ms": float("nan")}, curve=({"epoch": 1.0},))
        for t in digits_record.history.trials
    ]
    page = render(replace(digits_record, history=History(broken), winner=broken[0]))
    assert "NaN" not in json.dumps(figures(page))


def test_failures_are_grouped_by_their_reason(digits_record: Record) -> None:
    found = tables.failures(digits_record)
    assert sorted(each.count for each in found) == [3, 3]
    assert any(each.reason.startswith("ValueError") for each in found)


def test_the_leaderboard_is_sorted_by_the_test_and_ends_with_the_estimate(
    digits_record: Record,
) -> None:
    roles = [each.role for each in tables.standings(digits_record)]
    assert roles == ["winner", "finalist", "default", "rival", "rival", "estimate"]


def many(digits_record: Record, trials: int, rows: int, classes: int) -> Record:
    """A long search on large data of many classes."""
    old = digits_record.history.done
    proposals = [old[i % len(old)] for i in range(trials)]
    history = [replace(t, number=i, proposal=Proposal(t.arch)) for i, t in enumerate(proposals)]
    rng = np.random.default_rng(0)
    target = rng.integers(0, classes, rows)
    inputs = rng.integers(0, 255, (rows, 1, 8, 8)).astype(np.uint8)
    everything = np.arange(rows)
    task = Task(
        "many", "classification", "image", inputs, target, "kind",
        tuple(f"class {i}" for i in range(classes)),
        Splits(everything[:0], everything[:0], everything, "all of it is tested"), "by hand",
    )  # fmt: skip
    output = rng.dirichlet(np.ones(classes), rows)
    winner = History(history).best()
    return replace(digits_record, task=task, history=History(history), winner=winner, output=output)


def test_large_runs_do_not_blow_up_the_file(digits_record: Record) -> None:
    from plotly.offline import get_plotlyjs

    large = many(digits_record, trials=6000, rows=20_000, classes=120)
    page = render(large)
    assert len(page) - len(get_plotlyjs()) < 1_500_000
    assert "confusion" not in figures(page)
    assert "The most confused classes" in page
    points = [len(t["x"]) for f in figures(page).values() for t in f["data"] if "x" in t]
    assert max(points) <= plots.MOST


def test_writing_replaces_the_whole_file_or_nothing(
    diabetes_record: Record, tmp_path: Path
) -> None:
    path = tmp_path / "report with spaces é.html"
    path.write_text("old")
    with pytest.raises(StopIteration):  # a leaderboard without a winner
        write(replace(diabetes_record, leaderboard=()), path)
    assert path.read_text() == "old"
    write(diabetes_record, path)
    assert path.read_text("utf-8").startswith("<!doctype html>")
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_pictures_hold_the_pixels_of_the_images() -> None:
    images = np.arange(48, dtype=np.uint8).reshape(1, 3, 4, 4)
    uri = data_uris(images, np.array([0]))[0]
    read = Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2])))
    assert (np.asarray(read) == images[0].transpose(1, 2, 0)).all()


def test_float_images_share_one_range_of_brightness() -> None:
    images = np.stack([np.zeros((1, 2, 2)), np.full((1, 2, 2), 8.0), np.full((1, 2, 2), 16.0)])
    uris = data_uris(images.astype(np.float32), np.array([0, 1, 2]))
    pixels = [Image.open(io.BytesIO(base64.b64decode(u.partition(",")[2]))) for u in uris]
    assert [int(np.asarray(each)[0, 0]) for each in pixels] == [0, 128, 255]


def test_cells_that_are_missing_say_so(wine_record: Record) -> None:
    inputs = wine_record.task.inputs
    assert isinstance(inputs, pd.DataFrame)
    holes = inputs.assign(malic_acid=np.nan)
    shown = tables.mistakes(replace(wine_record, task=replace(wine_record.task, inputs=holes)))
    assert all("missing" in each.cells for each in shown)


def test_a_trial_without_a_reason_is_still_counted(digits_record: Record) -> None:
    proposal = digits_record.winner.proposal
    failed = History([*digits_record.history.trials, Trial(60, proposal, State.FAILED)])
    found = tables.failures(replace(digits_record, history=failed))
    assert "no reason was kept" in [each.reason for each in found]


def test_an_ensemble_stands_on_the_leaderboard_with_what_it_brings_and_costs(
    digits_record: Record,
) -> None:
    members = [{"trial": 3, "weight": 0.75}, {"trial": 1, "weight": 0.25}]
    why = "The ensemble of 2 networks: 0.9 points better, 2.1 times the latency."
    first, *others = digits_record.leaderboard
    entry = replace(first, macs=1.8e6, latency_ms=0.64)
    single = {"trial": 3, "validation": {"accuracy": 0.94}, "test": {"accuracy": 0.95}}
    single |= {"params": 3e4, "macs": 9e5, "latency_ms": 0.31}
    ensemble = {"members": members, "why": why, "validation": {"accuracy": 0.96}, "single": single}
    found = {**digits_record.metrics, "test": {"accuracy": 0.961}, "ensemble": ensemble}
    record = replace(digits_record, leaderboard=(entry, *others), metrics=found)
    assert tables.both(record) == [
        ("", "ensemble", "trial 3 alone"),
        ("accuracy on test", "96.1 %", "95.0 %"),
        ("on validation", "96.0 %", "94.0 %"),
        ("parameters", "60.7 k", "30 k"),
        ("MACs", "908 k", "900 k"),
        ("latency", "0.31 ms", "0.31 ms"),
    ]
    page = render(record)
    assert why in page
    assert "trial 3 (75&nbsp;%), trial 1 (25&nbsp;%)." in page
    assert '<td class="n">1.8 M</td><td class="n">0.64 ms</td>' in page
    assert 'id="ensemble"' not in render(digits_record)


def test_scores_that_are_alike_are_not_spread_over_the_whole_axis() -> None:
    low, high = plots._axis("accuracy", "accuracy", [4 / 7, 4 / 7 + 1e-9], maximise=True)["range"]
    assert low < 0.55 < 0.59 < high
    assert "range" not in plots._axis("accuracy", "accuracy", [0.5, 0.6], maximise=True)
