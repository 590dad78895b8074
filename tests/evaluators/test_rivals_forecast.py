"""The rivals of forecasts."""

from __future__ import annotations

import numpy as np
import pytest

from archwright.auto.splits import holdout
from archwright.data import load
from archwright.evaluators import rivals_forecast
from archwright.evaluators.rivals import Contest, Rival, fit_rivals, told_by
from archwright.evaluators.rivals_forecast import DLinear, SeasonalNaive, Smoothing, of_forecasts
from archwright.evaluators.train import Split
from archwright.measure.scores import scores


def weeks(steps: int = 420) -> tuple[Split, np.ndarray]:
    """Two series that go up and down every seven steps, with noise."""
    rng = np.random.default_rng(0)
    rows = np.sin(2 * np.pi * np.arange(steps) / 7) + 0.2 * rng.normal(size=(2, steps))
    task = load(rows * [[1.0], [50.0]], horizon=5)
    assert task.read["season"] == 7
    return holdout(task)[0], np.asarray(task.inputs)


def nrmse(split: Split, output: np.ndarray) -> float:
    return scores(split.truth(split.valid), output)["nrmse"]


def test_the_last_season_comes_again() -> None:
    split, _ = weeks()
    rows = split.valid.numpy()[:3]
    said = SeasonalNaive(split).predict(rows)
    np.testing.assert_allclose(said, split.x[rows, 0].numpy()[:, -7:-2])


@pytest.mark.slow  # statsforecast takes seconds to load
def test_dlinear_and_smoothing_learn_what_the_mean_does_not_know() -> None:
    pytest.importorskip("statsforecast", reason="AutoETS needs archwright[forecast]")
    split, inputs = weeks()
    found = {rival.name: rival for rival in fit_rivals(Contest(split, inputs, 1e6, 0))}
    assert list(found) == ["mean of the target", "seasonal naive (7 steps)", "DLinear", "AutoETS"]
    errors = {name: nrmse(split, r.predict(split.valid.numpy())) for name, r in found.items()}
    assert errors["mean of the target"] > 0.9
    assert errors["DLinear"] < errors["seasonal naive (7 steps)"] < 0.5
    assert errors["AutoETS"] < errors["seasonal naive (7 steps)"]


@pytest.mark.slow  # statsforecast takes seconds to load
def test_smoothing_without_time_speaks_of_the_series_that_it_was_fitted_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rivals_forecast, "ETS_LEAST", 0.0)
    pytest.importorskip("statsforecast", reason="AutoETS needs archwright[forecast]")
    split, inputs = weeks()
    model = Smoothing(split, inputs, seconds=0.0)
    model.fit(split.train.numpy(), np.empty(0))
    rows = split.valid.numpy()
    said = np.isfinite(model.predict(rows)).all(1)
    assert len(model.models) == 1
    assert said.any()
    assert len(set(model._series(rows[said]))) == 1


def test_smoothing_is_left_out_where_it_could_not_even_be_loaded() -> None:
    split, inputs = weeks()
    model = Smoothing(split, inputs, seconds=0.5)
    model.fit(split.train.numpy(), np.empty(0))
    truth, output, _ = told_by(Rival("AutoETS", model.predict, 0.0), split)
    assert len(truth) == len(output) == 0
    contest = Contest(split, inputs, 0.5, 0)
    assert "6 s" in of_forecasts(contest)[0](contest).note


def test_dlinear_stops_when_its_time_is_over() -> None:
    split, _ = weeks()
    model = DLinear(split, seed=0, seconds=1e-9)
    model.fit(split.train.numpy(), np.empty(0))
    assert model.steps < model.recipe_steps


def test_that_smoothing_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rivals_forecast, "find_spec", lambda name: None)
    split, inputs = weeks()
    contest = Contest(split, inputs, 1.0, 0)
    makers = of_forecasts(contest)
    assert len(makers) == 2
    made = makers[0](contest)
    assert "archwright[forecast]" in made.note


def test_windows_of_which_a_rival_says_nothing_are_left_out_and_that_is_told() -> None:
    split, _ = weeks()

    def half(rows: np.ndarray) -> np.ndarray:
        said = SeasonalNaive(split).predict(rows)
        said[::2] = np.nan
        return said

    truth, output, said = told_by(Rival("half", half, 0.0), split)
    count = len(split.valid)
    assert len(truth) == len(output) == count // 2
    assert said == f"on {count // 2} of {count} windows to save time"
    np.testing.assert_array_equal(truth.values, split.y[split.valid[1::2]])
