"""The whole way on small real data: what is left behind, and going on with it."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import optuna
import pandas as pd
import pytest

import archwright
from archwright.auto.listen import Listener, Status
from archwright.clock import Clock
from archwright.core.objective import CLASSIFICATION, REGRESSION
from archwright.errors import DataError, RunError, SpaceError
from archwright.export import baseline, onnx
from archwright.export.module import load_module
from archwright.nets import preprocess

if TYPE_CHECKING:
    from tests.conftest import Run

FILES = {
    "study.db",
    "report.html",
    "result",
    "result/model.py",
    "result/weights.safetensors",
    "result/preprocess.json",
    "result/model.onnx",
    "result/architecture.json",
    "result/metrics.json",
    "result/model_card.md",
}
RUNS = ["wine_run", "diabetes_run", "digits_run"]


@pytest.fixture(params=RUNS)
def run(request: pytest.FixtureRequest) -> Run:
    """A finished run of each kind: classes of a table, a value, classes of images."""
    found: Run = request.getfixturevalue(request.param)
    return found


def trials(folder: Path) -> list[optuna.trial.FrozenTrial]:
    url = f"sqlite:///{folder / 'study.db'}"
    return optuna.load_study(storage=url, study_name="archwright").trials


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def promised(run: Path) -> set[str]:
    """Return the files that a run is to leave, which with a better baseline are two more."""
    metrics = json.loads((run / "result" / "metrics.json").read_text())
    beside = {f"result/{name}" for name in baseline.FILES}
    return FILES | (beside if "baseline" in metrics else set())


def test_a_run_leaves_the_promised_files_and_no_others(run: Run) -> None:
    assert files(run.folder) == promised(run.folder)


def test_there_is_no_pickle_anywhere(run: Run) -> None:
    for path in filter(Path.is_file, run.folder.rglob("*")):
        head = path.read_bytes()[:9]
        if path.suffix == ".skops":  # a zip file of JSON and arrays
            with zipfile.ZipFile(path) as archive:
                kinds = {Path(name).suffix for name in archive.namelist()}
            assert kinds <= {".json", ".npy", ".npz"}
            continue
        assert not head.startswith(b"PK"), f"{path.name}: a zip file, as torch.save writes"
        opcode = head[2:3] in (b"\x95", b"}", b"]", b"(", b"c")
        assert not (head[:1] == b"\x80" and head[1] < 6 and opcode), f"{path.name}: a pickle"
        if path.suffix == ".safetensors":
            assert head[8:9] == b"{", "its header is JSON"


def test_metrics_hold_everything_that_is_promised(run: Run) -> None:
    found = json.loads((run.folder / "result" / "metrics.json").read_text())
    assert set(found) == {
        *("task", "objective", "test", "validation", "rivals", "params", "macs", "latency_ms"),
        *("trials", "strategy", "seconds", "forecast", "seed", "versions"),
        *("disk_mb", "peak_memory_gb"),
    } | ({"baseline"} & set(found))
    measures = CLASSIFICATION if found["task"] == "classification" else REGRESSION
    assert set(found["test"]) == set(found["validation"]) == set(measures)
    assert set(found["trials"]) == {"done", "stopped", "failed", "explored"}
    assert found["strategy"]["name"] == "surrogate"
    assert found["strategy"]["why"]
    assert set(found["seconds"]) == {"budget", "total", "search", "final", "report"}
    assert found["trials"]["done"] + found["trials"]["failed"] == 2
    assert run.result.metrics == found
    assert run.result.score == found["test"][found["objective"]]


def test_the_leaderboard_has_the_honest_rivals(run: Run, request: pytest.FixtureRequest) -> None:
    board = run.result.leaderboard
    expected = {
        "wine_run": {"most frequent class", "logistic regression", "HistGradientBoosting"},
        "diabetes_run": {"mean of the target", "ridge regression", "HistGradientBoosting"},
        "digits_run": {"most frequent class", "logistic regression"},
    }[request.node.callspec.params["run"]]
    assert expected | {"searched network"} <= set(board.index)
    report = (run.folder / "report.html").read_text()
    assert all(name in report for name in expected)
    default = json.loads((run.folder / "result" / "architecture.json").read_text())
    assert default, "the winner's answers"


def test_predictions_are_labels_of_the_training_data(wine_run: Run, digits_run: Run) -> None:
    labels = wine_run.result.predict(wine_run.rows)
    assert len(labels) == len(wine_run.rows)
    assert set(labels) <= {"barolo", "grignolino, rosso", "barbèra"}
    digits = digits_run.result.predict(digits_run.rows[:20])
    assert len(digits) == 20
    assert set(digits) <= set("0123456789")


def test_predictions_of_a_value_are_in_its_unit(diabetes_run: Run) -> None:
    found = diabetes_run.result.predict(diabetes_run.rows)
    assert found.shape == (442,)
    assert 100 < found.mean() < 200, "the mean of the target is 152"


def test_probabilities_of_classes_add_up_to_one(wine_run: Run) -> None:
    found = wine_run.result.predict_proba(wine_run.rows)
    np.testing.assert_allclose(found.sum(1), 1, atol=1e-6)


@pytest.mark.slow
def test_model_py_alone_gives_the_same_csv_as_archwright(wine_run: Run, tmp_path: Path) -> None:
    rows = tmp_path / "néw rows.csv"
    wine_run.rows.to_csv(rows, index=False)
    ours = io.StringIO()
    archwright.load(wine_run.folder).write_predictions(str(rows), ours)
    command = [sys.executable, str(wine_run.folder / "result" / "model.py"), str(rows)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    theirs = done.stdout
    assert pd.read_csv(io.StringIO(theirs)).shape[0] == len(wine_run.rows)
    assert theirs == ours.getvalue()


def test_onnx_gives_the_same_answers_on_real_rows(run: Run) -> None:
    folder = run.folder / "result"
    net, spec = load_module(folder).load(folder)
    if spec["modality"] == "table":
        x = preprocess.table(run.rows, spec)
    else:
        x = preprocess.images(run.rows, spec)
    x = np.ascontiguousarray(x, dtype=np.float32)
    expected = onnx.answer(str(folder / "model.onnx"), x)
    found = load_module(folder).predict(net, spec, run.rows)
    if spec["classes"]:
        powers = np.exp(expected - expected.max(1, keepdims=True))
        expected = powers / powers.sum(1, keepdims=True)
    gap = np.abs(found - expected.reshape(found.shape)) / np.maximum(1, np.abs(found))
    assert gap.max() < 1e-4


def test_unseen_categories_and_gaps_are_handled(wine_run: Run) -> None:
    strange = wine_run.rows.head(5).copy()
    strange["colour"] = ["grün", None, "rot", "", "weiß"]
    strange.loc[1, "alcohol"] = np.nan
    assert len(wine_run.result.predict(strange)) == 5


def test_rows_with_other_columns_are_told_which(wine_run: Run) -> None:
    with pytest.raises(DataError, match="alcohol"):
        wine_run.result.predict(wine_run.rows.drop(columns="alcohol"))


def test_more_columns_in_another_order_are_no_matter(wine_run: Run) -> None:
    shuffled = wine_run.rows.assign(extra=1)[["extra", *reversed(wine_run.rows.columns)]]
    assert list(wine_run.result.predict(shuffled)) == list(wine_run.result.predict(wine_run.rows))


def test_images_of_another_size_are_told(digits_run: Run) -> None:
    with pytest.raises(DataError, match="8"):
        digits_run.result.predict(np.zeros((3, 9, 9), np.uint8))


def test_the_result_can_be_copied_to_where_it_is_needed(wine_run: Run, tmp_path: Path) -> None:
    place = wine_run.result.export(tmp_path / "ship")
    assert files(place) == {
        name.removeprefix("result/") for name in promised(wine_run.folder) if "/" in name
    }
    with pytest.raises(RunError, match="exists already"):
        wine_run.result.export(tmp_path / "ship")


def test_a_finished_run_is_not_resumed_without_more_to_do(wine_run: Run) -> None:
    with pytest.raises(RunError, match=r"is finished; give --budget or --trials"):
        archwright.resume(wine_run.folder)


def test_a_finished_run_goes_on_with_more_trials(wine_run: Run, tmp_path: Path) -> None:
    folder = wine_run.copy(tmp_path / "run")
    before = trials(folder)
    archwright.resume(folder, trials=3)
    after = trials(folder)
    assert len(after) == 3
    assert [t.params for t in after[:2]] == [t.params for t in before]
    assert [t.values for t in after[:2]] == [t.values for t in before]
    assert files(folder) == promised(folder)
    assert archwright.load(folder).metrics["trials"]["done"] == 3


def test_a_run_on_data_in_memory_needs_the_data_to_go_on(digits_run: Run) -> None:
    with pytest.raises(RunError, match="not read from a file; give it"):
        archwright.resume(digits_run.folder, trials=3)


def test_a_run_is_not_resumed_on_other_data(diabetes_run: Run, tmp_path: Path) -> None:
    folder = diabetes_run.copy(tmp_path / "run")
    changed = diabetes_run.data.assign(target=diabetes_run.data["target"] + 1)
    with pytest.raises(RunError, match="made for other data"):
        archwright.resume(folder, data=changed, trials=3)
    assert files(folder) == promised(folder)
    assert len(trials(folder)) == 2


def test_a_folder_that_holds_a_run_is_refused(wine_run: Run) -> None:
    with pytest.raises(RunError, match=r"already holds a run.*archwright resume"):
        archwright.search(wine_run.data, trials=2, out=wine_run.folder)
    assert files(wine_run.folder) == promised(wine_run.folder)


def test_equal_seeds_give_equal_trials(diabetes_run: Run, tmp_path: Path) -> None:
    archwright.search(diabetes_run.data, "target", trials=2, epochs=3, out=tmp_path / "again")
    one, other = trials(diabetes_run.folder), trials(tmp_path / "again")
    assert [t.params for t in one] == [t.params for t in other]


def test_bounds_hold_for_every_trial_and_for_the_result(wine_run: Run, tmp_path: Path) -> None:
    found = archwright.search(
        wine_run.data, trials=3, epochs=2, max_params="3k", max_macs=5000, out=tmp_path / "run"
    )
    assert found.metrics["params"] <= 3000
    assert found.metrics["macs"] <= 5000
    for trial in trials(tmp_path / "run"):
        assert trial.user_attrs["metrics"]["params"] <= 3000


def test_a_bound_that_nothing_satisfies_leaves_nothing(wine_run: Run, tmp_path: Path) -> None:
    with pytest.raises(SpaceError, match=r"parameters of at most 10: the smallest .* has \d+"):
        archwright.search(wine_run.data, trials=2, max_params=10, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_folds_in_processes_of_their_own(wine_run: Run, tmp_path: Path) -> None:
    found = archwright.search(
        wine_run.data,
        objective="macro_f1",
        strategy="random",
        trials=2,
        epochs=2,
        folds=2,
        isolate=True,
        out=tmp_path / "run",
    )
    assert found.metrics["trials"] == {"done": 2, "stopped": 0, "failed": 0, "explored": 0.0}
    assert found.metrics["objective"] == "macro_f1"
    assert files(tmp_path / "run") == promised(tmp_path / "run")


def listener(act: Callable[[Status], None]) -> Listener:
    return Listener(say=lambda text: None, status=act)


@pytest.fixture
def _ctrl_c() -> Any:
    """Ctrl-C as in a fresh Python, whatever the test runner made of it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_ctrl_c")
def test_ctrl_c_finishes_with_the_best_so_far(wine_run: Run, tmp_path: Path) -> None:
    sent = []

    def interrupt(status: Status) -> None:
        if not sent:
            sent.append(status)
            threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()

    found = archwright.search(
        wine_run.data, trials=500, epochs=200, out=tmp_path / "run", listener=listener(interrupt)
    )
    assert files(tmp_path / "run") == promised(tmp_path / "run")
    done = found.metrics["trials"]
    assert 1 <= done["done"] < 20
    assert len(found.predict(wine_run.rows)) == len(wine_run.rows)


@pytest.mark.usefixtures("_ctrl_c")
def test_a_second_ctrl_c_stops_at_once_and_the_run_can_be_resumed(
    wine_run: Run, tmp_path: Path
) -> None:
    def twice(status: Status) -> None:
        if status.trials == 2:
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)

    folder = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        archwright.search(wine_run.data, trials=3, epochs=2, out=folder, listener=listener(twice))
    assert (folder / "result" / "model.py").is_file(), "the best so far is on disk"
    assert len(archwright.load(folder).predict(wine_run.rows)) == len(wine_run.rows)
    archwright.resume(folder)
    assert len(trials(folder)) == 3
    assert files(folder) == promised(folder)


@pytest.mark.slow  # the budget itself: the shortest that is accepted
def test_a_budget_is_kept(digits_run: Run, tmp_path: Path) -> None:
    budget, first = 20.0, []
    folder = tmp_path / "run"
    clock = Clock(budget=budget, started=time.monotonic())

    def look(status: Status) -> None:
        if not first and (folder / "result" / "model.py").is_file():
            first.append(clock.elapsed())

    found = archwright.search(digits_run.data, budget=budget, out=folder, listener=listener(look))
    assert clock.elapsed() <= 1.02 * budget + 2, "the promise"
    assert found.metrics["seconds"]["total"] <= 1.02 * budget + 2
    assert first, "the best so far is on disk while the search goes on"
    assert files(folder) == promised(folder)
    assert found.score > 0.8


@pytest.mark.slow
def test_children_inherit_and_their_parents_weights_are_not_left_behind(
    wine_run: Run, tmp_path: Path
) -> None:
    folder, seen = tmp_path / "run", list[int]()

    def count(_: Status) -> None:
        seen.append(len(list((folder / "checkpoints").iterdir())))

    found = archwright.search(
        wine_run.data,
        trials=14,
        epochs=2,
        strategy="evolution",
        inherit=True,
        ensemble=2,
        out=folder,
        listener=listener(count),
    )
    assert max(seen) == 10
    assert found.metrics["ensemble"].keys() >= {"members"}
    assert files(folder) == promised(folder)
    metrics = [trial.user_attrs["metrics"] for trial in trials(folder)]
    parents = [trial.user_attrs["parent"] for trial in trials(folder)]
    inherited = [metric.get("inherited", 0.0) for metric in metrics]
    assert max(inherited) > 0.1
    assert all(
        parent is not None for parent, share in zip(parents, inherited, strict=True) if share
    )
