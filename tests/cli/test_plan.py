from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from archwright.cli.main import app
from archwright.train import remember


def test_the_command_measures_with_data_and_shows_what_is_known(
    tmp_path: Path, wine: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(remember.VARIABLE, str(tmp_path / "cache"))
    empty = CliRunner().invoke(app, ["plan"])
    assert "Nothing has been measured here yet" in empty.output
    wine.to_csv(tmp_path / "wine.csv", index=False)
    measured = CliRunner().invoke(app, ["plan", str(tmp_path / "wine.csv")])
    assert "1.00 x  1 thread" in measured.output
    assert "chosen: " in measured.output
    known = CliRunner().invoke(app, ["plan"])
    assert "13 float32, batches of" in known.output
    assert measured.output in known.output


def test_forecasts_can_be_planned_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(remember.VARIABLE, str(tmp_path / "cache"))
    days = pd.date_range("2024-01-01", periods=400)
    pd.DataFrame({"day": days, "sold": range(400)}).to_csv(tmp_path / "shop.csv", index=False)
    measured = CliRunner().invoke(app, ["plan", str(tmp_path / "shop.csv"), "--horizon", "7"])
    assert "chosen: " in measured.output, measured.output
