from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from benchmarks import large, modalities, runs
from benchmarks.modalities import boosted, main, unpacked
from benchmarks.runs import Case, Measured


def archive(folder: Path) -> Path:
    path = folder / "timeseries" / "ucr_uea_subset.npz"
    path.parent.mkdir()
    arrays = {"A_X_train": np.zeros((3, 5)), "A_y_train": np.zeros(3)}
    arrays |= {"A_X_test": np.ones((2, 5)), "A_y_test": np.ones(2), "B_X_train": np.zeros((3, 5))}
    np.savez(path, **{**arrays, "C_X_train": arrays["A_X_train"], "C_y_train": np.zeros(3)},
             C_X_test=np.ones((2, 5)), C_y_test=np.ones(2))  # fmt: skip
    return path


def measured(
    folder: Path, monkeypatch: pytest.MonkeyPatch, measure: Any, seeds: int, *cases: str
) -> dict[tuple[str, str], Any]:
    """Return the records of cases, by case and metric, with `measure` for searches."""
    monkeypatch.setattr(runs, "measure", measure)
    monkeypatch.setattr(modalities, "ROOT", folder)
    out = folder / "out.json"
    words = ["--data", str(folder), "--out", str(out), "--seeds", str(seeds)]
    assert main([*words, *(word for case in cases for word in ("--only", case))]) == 0
    records = json.loads(out.read_text())["records"]
    return {(one["case"], one["metric"]): one for one in records}


def test_each_set_with_test_rows_has_a_file(tmp_path: Path) -> None:
    found = unpacked(archive(tmp_path), tmp_path)
    assert list(found) == ["A", "C"]
    with np.load(found["A"]) as made:
        assert sorted(made.files) == ["x_test", "x_train", "y_test", "y_train"]
        assert made["x_test"].shape == (2, 5)


def test_series_are_judged_against_minirocket_of_the_same_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive(tmp_path)
    scores, bars = {"A": 0.9, "C": 0.7}, {"A": 0.8, "C": 0.9}

    def measure(case: Case, seed: int, work: Path) -> Measured:
        assert case.options == ("--modality", "series")
        boards = {
            "MiniRocket + ridge": 0.6,
            "1-NN DTW": 0.5,
            "trial 3": 1,
        }
        rivals = {name: {"accuracy": value} for name, value in boards.items()}
        return Measured(work, 1.0, 1.0, {"test": {"accuracy": scores[case.name]}, "rivals": rivals})

    monkeypatch.setattr(modalities, "minirocket", lambda path: bars[path.stem])
    found = measured(tmp_path, monkeypatch, measure, 2, "series")
    assert found["series/mean", "accuracy_above_minirocket"]["value"] == pytest.approx(-0.05)
    mean = found["series/mean", "test_accuracy"]
    assert mean["value"] == pytest.approx(0.8)
    assert mean["rivals"] == {"MiniRocket + ridge": pytest.approx(0.85), "1-NN DTW": 0.5}
    assert found["series/C", "test_accuracy"]["seeds"] == 2


def test_texts_are_judged_by_their_goal_or_against_the_rival_of_the_same_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "text").mkdir()
    sets = {"text": ["a", "b", "c"], "label": ["x", "y", "x"], "split": ["train", "train", "test"]}
    both = pd.DataFrame({**sets, "dataset": ["trec", "trec", "other"]})
    both.to_parquet(tmp_path / "text" / "sentence_classification_7sets.parquet")
    pd.DataFrame(sets).to_parquet(tmp_path / "text" / "banking77.parquet")

    def measure(case: Case, seed: int, work: Path) -> Measured:
        assert case.options == ("--target", "label")
        assert len(pd.read_parquet(case.data)) == (2 if case.name == "trec" else 3)
        rivals = {"TF-IDF + linear SVM": {"accuracy": 0.8 + 0.1 * seed}}
        return Measured(work, 1.0, 1.0, {"test": {"accuracy": 0.9}, "rivals": rivals})

    found = measured(tmp_path, monkeypatch, measure, 2, "text-trec", "text-banking77")
    assert found["text-trec", "test_accuracy"]["goal"] == 0.90
    assert found["text-banking77", "test_accuracy"]["goal"] == pytest.approx(0.85)


def test_tables_are_judged_against_boosting_with_nothing_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tabular").mkdir()
    hours = {"casual": [1, 2] * 15, "registered": [3] * 30, "hr": range(30), "cnt": range(30)}
    pd.DataFrame(hours).to_parquet(tmp_path / "tabular" / "bike_sharing_hour.parquet")
    trees = {"Id": range(30), "slope": range(30), "Cover_Type": [1, 2] * 15}
    pd.DataFrame(trees).to_parquet(tmp_path / "tabular" / "covtype_15120.parquet")

    def measure(case: Case, seed: int, work: Path) -> Measured:
        value = case.name == "bike"
        assert pd.read_parquet(case.data).columns[0] == ("hr" if value else "slope")
        assert case.options == ("--target", "cnt" if value else "Cover_Type")
        metric, own = ("rmse", 38.0) if value else ("accuracy", 0.9)
        rivals = {"HistGradientBoosting": {metric: 0.0}, "linear": {metric: 0.5}}
        return Measured(work, 1.0, 1.0, {"test": {metric: own}, "rivals": rivals})

    def boosted(path: Path, target: str, metric: str, seed: int) -> float:
        assert (path.stem, target) in (("bike", "cnt"), ("covtype", "Cover_Type"))
        return (38.0 if metric == "rmse" else 0.9) + 0.01 * seed

    monkeypatch.setattr(modalities, "boosted", boosted)
    found = measured(tmp_path, monkeypatch, measure, 3, "table-bike", "table-covtype")
    bike, trees_found = found["table-bike", "test_rmse"], found["table-covtype", "test_accuracy"]
    assert (bike["better"], bike["goal"]) == ("lower", pytest.approx(38.01))
    assert bike["rivals"] == {"HistGradientBoosting": pytest.approx(38.01), "linear": 0.5}
    assert (trees_found["better"], trees_found["goal"]) == ("higher", pytest.approx(0.91))


def test_spoken_digits_are_folders_of_wav_files_split_by_take_or_speaker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "audio").mkdir()
    arrays = {"audio": np.arange(12, dtype=np.int16), "offsets": [0, 3, 6, 9, 12]}
    arrays |= {"y": [7, 7, 8, 8], "speaker": ["bo", "al", "bo", "al"], "take": [0, 5, 6, 7]}
    np.savez(tmp_path / "audio" / "fsdd_8k.npz", **{k: np.array(v) for k, v in arrays.items()})
    seen = []

    def measure(case: Case, seed: int, work: Path) -> Measured:
        seen.append(
            (
                case.label,
                sorted(p.relative_to(case.data).as_posix() for p in case.data.rglob("*.wav")),
            )
        )
        rivals = {"MFCC": {"accuracy": 0.9}}
        return Measured(work, 1.0, 1.0, {"test": {"accuracy": 0.99}, "rivals": rivals})

    found = measured(tmp_path, monkeypatch, measure, 1, "audio", "audio-unseen-speaker")
    known, unseen = seen
    assert known[1] == [
        "test/7/bo_0.wav",
        "train/7/al_5.wav",
        "train/8/al_7.wav",
        "train/8/bo_6.wav",
    ]
    assert [name for name in unseen[1] if name.startswith("test")] == [
        "test/7/al_5.wav",
        "test/8/al_7.wav",
    ]
    assert found["audio/spoken-digits", "test_accuracy"]["goal"] == 0.98
    assert found["audio-unseen-speaker/spoken-digits", "test_accuracy"]["goal"] is None


def test_a_dry_run_needs_a_file_of_its_own() -> None:
    for words in (["--seeds", "1"], ["--seeds", "1", "--out", str(modalities.COMMITTED)]):
        with pytest.raises(SystemExit):
            main(words)


@pytest.mark.slow
def test_boosting_is_fitted_on_all_rows_of_the_split_of_a_search(tmp_path: Path) -> None:
    x = np.random.default_rng(0).random((400, 3))
    frame = pd.DataFrame(x, columns=list("abc")).assign(target=x[:, 0] > 0.5)
    frame.to_parquet(tmp_path / "halves.parquet")
    assert boosted(tmp_path / "halves.parquet", "target", "accuracy", 1) > 0.95


@pytest.mark.parametrize("kind", ["images", "table"])
def test_large_data_are_made_once_and_judged_by_the_memory_they_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    made = []
    monkeypatch.setattr(large, kind, lambda place, size: made.append(size) or place.mkdir())

    def measure(case: Case, seed: int, work: Path) -> Measured:
        metrics = {"test": {"accuracy": 0.9}, "rivals": {}, "peak_memory_gb": 1.0 + 0.3 * seed}
        return Measured(work, 1.0, 1.0, metrics)

    found = measured(tmp_path, monkeypatch, measure, 3, f"large-{kind}")
    assert made == [large.BYTES]
    memory = found[f"large-{kind}", "peak_memory_gb"]
    assert (memory["value"], memory["goal"]) == (1.3, 1.5)
    assert found[f"large-{kind}", "test_accuracy"]["value"] == 0.9
