"""The whole way for texts."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import numpy as np
import optuna
import pandas as pd
import pytest

import archwright
from archwright.errors import BudgetError, DataError
from tests.auto.alone import predictions
from tests.nets.berts import small_bert


def mails(rows: int = 90) -> pd.DataFrame:
    """Texts of which one word decides, but for a few that are labelled wrongly, and odd ones."""
    rng = np.random.default_rng(0)
    words = ["the", "of", "a", "day", "is", "20", "go!", "\u65e5\u672c"]
    y = np.arange(rows) % 2
    said = [" ".join(rng.permutation([*words, "offer" if label else "dinner"])) for label in y]
    said[4], said[7] = "", "  \n "
    return pd.DataFrame(
        {"said": said, "kind": np.array(["ham", "spam"])[y ^ (rng.random(rows) < 0.2)]}
    )


@pytest.mark.slow
def test_texts_from_a_table_to_a_folder_that_works_alone(tmp_path: Path) -> None:
    frame, run = mails(), tmp_path / "run"
    frame.to_csv(tmp_path / "mails.csv", index=False)
    found = archwright.search(tmp_path / "mails.csv", trials=2, epochs=3, out=run, workers=1)
    rivals = json.loads((run / "result" / "metrics.json").read_text())["rivals"]
    assert {"TF-IDF + logistic regression", "TF-IDF + linear SVM"} <= set(rivals)
    study = optuna.load_study(storage=f"sqlite:///{run / 'study.db'}", study_name="archwright")
    families = [trial.params["network"] for trial in study.trials]
    assert families == ["grams", "text"], "what is fitted in a moment comes first"
    report = (run / "report.html").read_text()
    assert "dinner" in report, "the worst mistakes are texts to be read"
    assert (run / "result" / "model.onnx").is_file()

    new = tmp_path / "new.csv"
    frame.drop(columns="kind").to_csv(new, index=False)
    assert len(predictions(found, run, new).splitlines()) == 91

    with pytest.raises(DataError, match="missing column 'said'"):
        found.predict(pd.DataFrame({"other": ["x"]}))
    assert len(found.predict(["one text", None, ""])) == 3


@pytest.mark.slow
def test_values_of_texts_are_learnt(tmp_path: Path) -> None:
    frame = mails()
    frame["kind"] = 5.0 + np.arange(len(frame)) % 2 + np.linspace(0, 0.1, len(frame))
    found = archwright.search(frame, trials=1, epochs=1, out=tmp_path / "run", workers=1)
    assert "TF-IDF + ridge regression" in found.metrics["rivals"]


@pytest.mark.slow
def test_a_pretrained_encoder_goes_into_a_folder_that_works_alone(tmp_path: Path) -> None:
    frame, run = mails(), tmp_path / "run"
    encoder = small_bert(tmp_path / "bert")
    found = archwright.search(
        frame, trials=4, epochs=1, out=run, workers=1, encoder=str(encoder), modality="text"
    )
    study = optuna.load_study(storage=f"sqlite:///{run / 'study.db'}", study_name="archwright")
    families = [trial.params["network"] for trial in study.trials]
    assert {"informed", "encoded"} <= set(families)
    shutil.rmtree(encoder)
    new = tmp_path / "new.csv"
    frame.drop(columns="kind").to_csv(new, index=False)
    assert len(predictions(found, run, new).splitlines()) == 91


def test_an_encoder_that_would_take_all_the_time_is_refused(minilm: str, tmp_path: Path) -> None:
    frame, begun = pd.concat([mails()] * 40), time.monotonic() - 18
    with pytest.raises(BudgetError, match=r"to read 3,600 texts takes it some .* give --budget"):
        archwright.search(
            *(frame, "kind"),
            budget=20,
            started=begun,
            out=tmp_path / "run",
            encoder=minilm,
            types={"said": "text"},
        )
    assert not (tmp_path / "run").exists()
