"""A baseline that is ahead on validation rows is handed over beside the network."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import archwright
from archwright.auto.rivals import baseline
from archwright.cli.show import show
from archwright.core.objective import Objective
from archwright.evaluators.rivals import Rival
from archwright.report.record import Entry


def entry(name: str, role: str, validation: float, test: float = 0.5) -> Entry:
    found = {"accuracy": validation}, {"accuracy": test}
    return Entry(name, role, *found, params=None, seconds=1.0)  # type: ignore[arg-type]


def chosen(
    *board: Entry, model: object = object(), share: float = 1.0
) -> tuple[Rival | None, dict[str, object]]:
    rivals = {e.name: Rival(e.name, lambda at: at, 1.0, "", model) for e in board}
    return baseline(Objective("accuracy"), board, rivals, share)


def test_validation_decides_and_test_rows_do_not() -> None:
    net = entry("net", "winner", 0.8, test=0.1)
    assert chosen(net, entry("line", "rival", 0.8, test=1.0)) == (None, {})
    rival, told = chosen(net, entry("line", "rival", 0.85), entry("trees", "rival", 0.9, test=0.0))
    assert rival is not None
    assert rival.name == "trees"
    assert told["baseline"]["file"] == "baseline.py"  # type: ignore[index]
    assert "(accuracy 0.9 against 0.8)" in told["baseline"]["why"]  # type: ignore[index]


def test_what_cannot_be_handed_over_is_said_to_be_ahead_all_the_same() -> None:
    rival, told = chosen(entry("net", "winner", 0.8), entry("far", "rival", 0.9), model=None)
    assert rival is None
    assert told["baseline"]["file"] is None  # type: ignore[index]


def test_of_a_network_that_was_validated_early_it_is_said_how_early() -> None:
    board = entry("net", "winner", 0.8), entry("line", "rival", 0.9)
    rival, told = chosen(*board, share=0.05)
    assert rival is not None
    why = str(told["baseline"]["why"])  # type: ignore[index]
    assert "which had 5% of its training by then, so that this says little" in why
    assert "take" not in why


@pytest.mark.slow
def test_a_better_baseline_lies_beside_the_network_and_predicts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(300, 12)).round(4), columns=[*"abcdefghijkl"])
    frame["y"] = np.where(frame["a"] + frame["b"] > 0, "up", "down")
    run = tmp_path / "run"
    found = archwright.search(frame, "y", trials=1, epochs=1, out=run, workers=1, space="mlp")
    assert found.metrics["baseline"]["file"] == "baseline.py"
    show(str(run))
    assert "baseline.py lies in the result folder" in capsys.readouterr().out
    assert "baseline.py lies in the result folder" in (run / "result" / "model_card.md").read_text()
    assert 'id="baseline"' in (run / "report.html").read_text()

    new = tmp_path / "new.csv"
    frame.drop(columns="y").to_csv(new, index=False)
    script = run / "result" / "baseline.py"
    done = subprocess.run([sys.executable, script, new], capture_output=True, text=True, check=True)
    said = pd.read_csv(io.StringIO(done.stdout))["prediction"]
    assert (said == frame["y"]).mean() > 0.9
