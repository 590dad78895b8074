"""Strategies set up for a run: starts, fidelities, exploration, scores; and runs with each."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np
import optuna
import pytest
import torch

import archwright
from archwright import registry
from archwright.auto import ask
from archwright.auto.bounds import Limits
from archwright.auto.listen import Listener, Status
from archwright.core.architecture import Architecture, sample
from archwright.core.objective import Objective
from archwright.core.space import Choice, Node, op, seq
from archwright.errors import SpaceError
from archwright.evaluators.train import Split
from archwright.nets.site import Signature
from archwright.spaces.chain import chain
from archwright.testing import TOY

if TYPE_CHECKING:
    from tests.conftest import Run

SHORT: dict[str, Any] = {"epochs": 1}


def proposals(folder: Path) -> list[tuple[str, float, str, Any]]:
    url = f"sqlite:///{folder / 'study.db'}"
    found = optuna.load_study(study_name="archwright", storage=url).trials
    keys = ("key", "fidelity", "origin", "parent")
    return [tuple(trial.user_attrs[key] for key in keys) for trial in found]  # type: ignore[misc]


def told(into: list[str]) -> Listener:
    return Listener(say=into.append)


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [("halving", 0.2, 0.26), ("hyperband", 0.3, 0.5), ("asha", 0.15, 0.3), ("priorband", 0.3, 0.5)],
)
def test_what_trials_cost_on_average_is_rehearsed(name: str, low: float, high: float) -> None:
    assert low < ask.spread(name, TOY) < high
    assert ask.spread(name, TOY) == ask.spread(name, TOY)


@pytest.mark.parametrize("name", ["auto", "surrogate", "optuna:TPE", "shrink"])
def test_strategies_without_rungs_are_not_rehearsed(name: str) -> None:
    assert ask.spread(name, TOY) == 1.0


def slow(*names: str) -> list[Any]:
    """Whole searches, which are much the same: one of a kind is enough for a quick look."""
    return [pytest.param(name, marks=pytest.mark.slow) for name in names]


@pytest.mark.parametrize("name", ["asha", *slow("hyperband", "priorband", "halving")])
def test_rungs_are_climbed_up_to_the_planned_fidelity(
    wine_run: Run, tmp_path: Path, name: str
) -> None:
    said: list[str] = []
    archwright.search(
        wine_run.data, trials=14, strategy=name, out=tmp_path / "run", listener=told(said), **SHORT
    )
    found = proposals(tmp_path / "run")
    levels = sorted({fidelity for _, fidelity, _, _ in found})
    assert len(levels) == 3
    assert levels[0] == pytest.approx(levels[2] / 9)
    assert found[0][1:3] == (levels[0], "portfolio"), "starts begin on the lowest rung"
    assert "promotion" in {origin for _, _, origin, _ in found}
    assert f"Strategy: {name}." in said


@pytest.mark.parametrize("name", ["optuna:TPE", *slow("nsga2", "shrink", "grid", "local")])
def test_other_strategies_follow_the_known_good_starts(
    wine_run: Run, tmp_path: Path, name: str
) -> None:
    archwright.search(wine_run.data, trials=5, strategy=name, out=tmp_path / "run", **SHORT)
    found = proposals(tmp_path / "run")
    assert len(registry.portfolio("table")((13,))) >= 5
    assert [origin for _, _, origin, _ in found] == ["portfolio"] * 5
    assert len({key for key, _, _, _ in found}) == 5


def test_exploration_is_the_share_that_is_asked_for_and_told(wine_run: Run, tmp_path: Path) -> None:
    made = archwright.search(
        wine_run.data, trials=16, strategy="evolution", exploration=1, out=tmp_path / "run", **SHORT
    )
    starts = len(registry.portfolio("table")((13,)))
    origins = [origin for _, _, origin, _ in proposals(tmp_path / "run")]
    assert origins == ["portfolio"] * starts + ["random"] * (16 - starts)
    assert made.metrics["trials"]["explored"] == round(1 - starts / 16, 3)
    report = (tmp_path / "run" / "report.html").read_text()
    assert "Strategy: evolution." in report
    assert f"{100 * (1 - starts / 16):.0f}&nbsp;% explored" in report


def test_a_space_that_can_be_tried_completely_is(wine_run: Run, tmp_path: Path) -> None:
    def small(shape: tuple[int, ...]) -> Node:
        body = op("linear", units=Choice((4, 8, 16)), activation="relu")
        return seq(columns=op("columns", bins=0, embedding=4), body=body, head=op("output"))

    said: list[str] = []
    archwright.search(
        wine_run.data, trials=9, space=small, out=tmp_path / "run", listener=told(said), **SHORT
    )
    assert any("Strategy: grid, chosen because all 3 architectures" in line for line in said)
    assert len(proposals(tmp_path / "run")) == 3


@pytest.mark.slow  # two searches
def test_earlier_runs_give_starts(wine_run: Run, tmp_path: Path) -> None:
    first = tmp_path / "first"
    archwright.search(wine_run.data, trials=8, strategy="random", seed=5, out=first, **SHORT)
    again = tmp_path / "again"
    archwright.search(wine_run.data, trials=3, warm_start=first, out=again, **SHORT)
    known = {key for key, _, _, _ in proposals(first)}
    default, *rest = proposals(again)
    assert default[2] == "portfolio"
    assert {key for key, _, _, _ in rest} <= known
    assert {origin for _, _, origin, _ in rest} == {"portfolio"}


class Stopped(Exception):
    """Stands for a killed process."""


@pytest.mark.slow  # two searches that go on until the model proposes
def test_a_run_that_was_killed_goes_on_as_if_it_had_not_been(wine_run: Run, tmp_path: Path) -> None:
    """With the strategy of the start, far enough for its model to propose."""
    options: dict[str, Any] = {"trials": 14, "exploration": 0.3, "space": "mlp", **SHORT}
    archwright.search(wine_run.data, out=tmp_path / "whole", **options)

    def kill(status: Status) -> None:
        if status.trials == 12:
            raise Stopped

    listener = Listener(say=lambda text: None, status=kill)
    with pytest.raises(Stopped):
        archwright.search(wine_run.data, out=tmp_path / "killed", listener=listener, **options)
    assert len(proposals(tmp_path / "killed")) == 12
    archwright.resume(tmp_path / "killed")
    whole = proposals(tmp_path / "whole")
    assert proposals(tmp_path / "killed") == whole
    assert "model" in {origin for _, _, origin, _ in whole[12:]} | {whole[11][2]}


def test_a_resumed_run_does_not_choose_anew(wine_run: Run, tmp_path: Path) -> None:
    folder = wine_run.copy(tmp_path / "run")
    url = f"sqlite:///{folder / 'study.db'}"
    study = optuna.load_study(study_name="archwright", storage=url)
    stored = study.user_attrs["run"]
    assert stored["choice"]["strategy"] == "surrogate"
    study.set_user_attr("run", {**stored, "choice": {**stored["choice"], "strategy": "local"}})
    assert archwright.resume(folder, trials=3).metrics["strategy"]["name"] == "local"


def refuses(space: Node) -> None:
    raise SpaceError("body/layers: not for me")


def test_a_space_that_the_strategy_cannot_serve_is_refused_before_anything_is_written(
    wine_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = registry.find("strategies", "random")
    monkeypatch.setattr(made, "check", lambda self, space: refuses(space), raising=False)
    with pytest.raises(SpaceError, match="body/layers: not for me"):
        archwright.search(wine_run.data, trials=2, strategy="random", out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.fixture
def some_digits(digits: tuple[np.ndarray, np.ndarray]) -> Split:
    images, target = digits
    x, y = torch.from_numpy(images[:100, None]), torch.from_numpy(target[:100])
    rows = torch.arange(100)
    return Split(Signature((1, 8, 8), 10, "classification"), x, y, rows[:80], rows[80:], "image")


def test_what_would_be_refused_has_no_scores(some_digits: Split) -> None:
    space = chain((1, 8, 8))
    arch: Architecture = sample(space, Random(0))
    generous = Limits(some_digits.signature, some_digits.signature, (), 1e12)
    tight = Limits(some_digits.signature, some_digits.signature, (Objective("params", 10.0),), 1e12)
    scores = ask.Scores.of(some_digits, generous, 1, 0)
    assert scores(space, arch)
    assert scores(space, arch) == ask.Scores.of(some_digits, generous, 1, 0)(space, arch)
    assert not ask.Scores.of(some_digits, tight, 1, 0)(space, arch)


def test_no_exploration_to_adjust_names_strategies_that_have_one(wine_run: Run) -> None:
    with pytest.raises(SpaceError, match=r"'optuna:GP' has no share .* evolution.*surrogate"):
        archwright.search(wine_run.data, trials=1, strategy="optuna:GP", exploration=0.1)
