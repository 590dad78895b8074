"""The whole way for every kind of target: labels, classes in order, values of images, several."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from PIL import Image

import archwright
from archwright.auto.result import Result
from archwright.core.objective import MULTILABEL, ORDINAL, REGRESSION, SEVERAL
from archwright.errors import SpaceError
from tests.auto.alone import predictions

pytestmark = pytest.mark.slow

ALONE = {"trials": 1, "epochs": 12, "workers": 1}


def test_images_with_several_labels(
    digits: tuple[NDArray[np.float32], NDArray[np.int64]], tmp_path: Path
) -> None:
    """Of a digit: whether it is even, above four, and has a loop."""
    x, y = digits
    labels = np.stack([y % 2 == 0, y > 4, np.isin(y, [0, 6, 8, 9])], 1)
    run = tmp_path / "run"
    found = archwright.search((x[:600], labels[:600]), out=run, **ALONE)
    metrics = found.metrics
    assert (metrics["task"], metrics["objective"]) == ("multilabel", "average_precision")
    assert set(metrics["test"]) == set(MULTILABEL)
    assert metrics["test"]["average_precision"] > 0.9
    assert metrics["rivals"].keys() >= {"share of each label", "logistic regression"}
    new = tmp_path / "new.npz"
    np.savez(new, x=x[600:700])
    rows = list(csv.reader(io.StringIO(predictions(found, run, new))))
    assert rows[0] == ["prediction", "p(label0)", "p(label1)", "p(label2)"]
    given = [set(filter(None, row[0].split(";"))) for row in rows[1:]]
    right = [{f"label{i}" for i in np.flatnonzero(row)} for row in labels[600:700]]
    assert np.mean([a == b for a, b in zip(given, right, strict=True)]) > 0.6
    assert found.predict_proba(x[600:700]).shape == (100, 3)
    report = (run / "report.html").read_text()
    assert "Scores of each label" in report


def test_labels_in_a_column_of_lists(wine: pd.DataFrame, tmp_path: Path) -> None:
    strong, dark = wine["alcohol"] > 13, wine["color_intensity"] > 5
    pairs = zip(strong, dark, strict=True)
    wine["target"] = [[n for n, given in zip("sd", pair, strict=True) if given] for pair in pairs]
    found = archwright.search(wine, "target", kind="multilabel", out=tmp_path / "run", **ALONE)
    assert found.metrics["test"]["macro_f1"] > 0.5
    assert set(found.predict(wine.drop(columns="target"))) <= {"", "d", "s", "d;s"}


def test_classes_in_order(wine: pd.DataFrame, tmp_path: Path) -> None:
    wine["target"] = pd.qcut(wine["alcohol"], 5, labels=False) + 3
    run, rows = tmp_path / "run", wine.drop(columns="target")
    found = archwright.search(wine, "target", kind="ordinal", out=run, **ALONE)
    assert found.metrics["objective"] == "rank_error"
    assert set(found.metrics["test"]) >= set(ORDINAL) - {"roc_auc"}
    rows.to_csv(tmp_path / "new.csv", index=False)
    first = predictions(found, run, tmp_path / "new.csv").splitlines()[0]
    assert first == "prediction,p(3),p(4),p(5),p(6),p(7)"
    said = found.predict(rows).astype(int)
    assert np.abs(said - wine["target"]).mean() < 0.8


def test_the_value_of_an_image(
    digits: tuple[NDArray[np.float32], NDArray[np.int64]], tmp_path: Path
) -> None:
    """How much ink there is, which a network can tell exactly."""
    x = digits[0][:400]
    ink = x.sum((1, 2)).astype(np.float64)
    found = archwright.search((x, ink), kind="regression", out=tmp_path / "run", **ALONE)
    assert set(found.metrics["test"]) == set(REGRESSION)
    assert found.metrics["test"]["r2"] > 0.5


def test_several_values_at_once(diabetes: pd.DataFrame, tmp_path: Path) -> None:
    run = tmp_path / "run"
    diabetes["s5"] *= 1000
    diabetes.to_csv(tmp_path / "diabetes.csv", index=False)
    found = archwright.search(tmp_path / "diabetes.csv", ["target", "s5"], out=run, **ALONE)
    assert found.metrics["objective"] == "nrmse"
    assert set(found.metrics["test"]) == set(SEVERAL)
    assert "HistGradientBoosting" in found.metrics["rivals"]
    new = diabetes.drop(columns=["target", "s5"])
    new.to_csv(tmp_path / "new.csv", index=False)
    told = predictions(found, run, tmp_path / "new.csv").splitlines()
    assert (told[0], len(told)) == ("target,s5", 443)
    assert found.predict(new).shape == (442, 2)
    report = (run / "report.html").read_text()
    assert "Scores of each value" in report
    again = archwright.search(tmp_path / "diabetes.csv", ["target", "s5"], trials=1, epochs=1,
                              ensemble=2, out=tmp_path / "again", workers=1)  # fmt: skip
    assert again.metrics["task"] == "regression"


def test_a_class_and_a_value_at_once(wine: pd.DataFrame, tmp_path: Path) -> None:
    run, table = tmp_path / "run", tmp_path / "wine.csv"
    wine.to_csv(table, index=False)
    found = archwright.search(table, ["target", "alcohol"], out=run, **ALONE)
    metrics = found.metrics
    assert (metrics["task"], metrics["objective"]) == ("multitask", "mean_score")
    assert metrics["test"]["accuracy"] > 0.8
    assert metrics["test"]["r2"] > 0
    assert "logistic regression and ridge regression" in metrics["rivals"]
    new = wine.drop(columns=["target", "alcohol"])
    new.to_csv(tmp_path / "new.csv", index=False)
    told = predictions(found, run, tmp_path / "new.csv").splitlines()
    assert told[0] == ("target,alcohol,p(target=barbera),p(target=barolo),p(target=grignolino)")
    said = found.predict(new)
    assert said.shape == (178, 2)
    assert (said[:, 0] == wine["target"]).mean() > 0.8
    assert np.corrcoef(said[:, 1].astype(float), wine["alcohol"])[0, 1] > 0.5
    assert "Scores of each target" in (run / "report.html").read_text()


def test_images_and_texts_with_a_class_and_a_value(
    digits: tuple[NDArray[np.float32], NDArray[np.int64]], tmp_path: Path
) -> None:
    x, y = digits
    for i, image in enumerate(x[:300].astype(np.uint8)):
        Image.fromarray(15 * image).save(tmp_path / f"{i}.png")
    ink = x[:300].sum((1, 2)) / 100
    names = [f"{i}.png" for i in range(300)]
    table = pd.DataFrame({"file": names, "digit": [f"no. {d}" for d in y[:300]], "ink": ink})
    table.to_csv(tmp_path / "labels.csv", index=False)
    found = archwright.search(tmp_path, ["digit", "ink"], out=tmp_path / "a", trials=2, epochs=12,
                              ensemble=2, workers=1)  # fmt: skip
    assert found.metrics["test"]["accuracy"] > 0.5
    assert "logistic regression and ridge regression" in found.metrics["rivals"]
    words = [f"the digit is {['low', 'high'][int(d > 4)]} today" for d in y[:80]]
    frame = pd.DataFrame({"said": words, "high": [["no", "aye"][int(d > 4)] for d in y[:80]]})
    frame["much"] = 0.5 + 3 * (y[:80] > 4)
    how = {"modality": "text", "types": {"said": "text"}, "out": tmp_path / "b"}
    found = archwright.search(frame, ["high", "much"], **how, **ALONE)
    assert found.metrics["test"]["mean_score"] > 0.8


def test_texts_and_series_with_labels(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    labels = rng.random((80, 2)) < 0.5
    words = [" ".join(["it is", *np.array(["hot", "wet"])[row], "today"]) for row in labels]
    frame = pd.DataFrame({"said": words, "hot": labels[:, 0], "wet": labels[:, 1]})
    found = archwright.search(
        frame, ["hot", "wet"], modality="text", types={"said": "text"}, out=tmp_path / "a", **ALONE
    )
    assert found.metrics["test"]["average_precision"] > 0.9
    assert "TF-IDF + linear SVM" in found.metrics["rivals"]
    x = rng.normal(size=(80, 40)).astype(np.float32)
    x[:, :20] += 2 * labels[:, :1]
    x[:, 20:] += 2 * labels[:, 1:]
    found = archwright.search((x, labels), modality="series", out=tmp_path / "b", **ALONE)
    assert found.metrics["test"]["average_precision"] > 0.9
    assert "MiniRocket + ridge" in found.metrics["rivals"]


def test_an_objective_of_another_kind_is_refused(wine: pd.DataFrame, tmp_path: Path) -> None:
    wine["a"], wine["b"] = wine["hue"] > 1, wine["alcohol"] > 13
    with pytest.raises(SpaceError, match="'accuracy' does not fit a multilabel task"):
        archwright.search(wine, ["a", "b"], objective="accuracy", out=tmp_path / "run", **ALONE)


@pytest.mark.parametrize(
    ("file", "target", "kind", "bar"),
    [
        ("wine_quality", ["quality"], "ordinal", {"rank_error": 0.75}),
        ("bike_sharing_hour", ["casual", "registered"], None, {"nrmse": 0.7}),
    ],
)
def test_real_tables(
    data_folder: Path,
    tmp_path: Path,
    file: str,
    target: list[str],
    kind: str | None,
    bar: Mapping[str, float],
) -> None:
    frame = pd.read_parquet(data_folder / "tabular" / f"{file}.parquet").iloc[::4]
    frame = frame.drop(columns="cnt", errors="ignore")
    found: Result = archwright.search(frame, target, kind=kind, out=tmp_path / "run", **_few())
    for metric, most in bar.items():
        assert found.metrics["test"][metric] < most


def _few() -> dict[str, Any]:
    return {**ALONE, "trials": 1, "epochs": 6}
