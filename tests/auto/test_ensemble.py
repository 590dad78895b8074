"""An ensemble from data to the result folder, and who is handed over."""

from __future__ import annotations

import json
import shutil
import signal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.datasets import load_diabetes
from torch import nn

import archwright
from archwright.auto import noise
from archwright.auto.ensemble import averaged
from archwright.auto.finalists import Finalist
from archwright.auto.finish import Trained
from archwright.auto.listen import Listener, Status
from archwright.core.architecture import Architecture
from archwright.core.objective import Objective
from archwright.core.trial import History, Proposal, State, Trial
from archwright.evaluators.checkpoints import Checkpoint
from archwright.evaluators.train import Split, predict
from archwright.export.module import load_module
from archwright.nets.site import Signature

ROWS = torch.arange(60)
COSTS = {"params": 5.0, "macs": 4.0, "latency_ms": 0.1}


def run(bounds: tuple[Objective, ...] = (), most: int = 3) -> Any:
    """A run with three linear networks that err in different ways, on 60 rows."""
    x = torch.randn(60, 4, generator=torch.Generator().manual_seed(0))
    split = Split(Signature((4,), 1, "regression"), x, x.sum(1), ROWS[:0], ROWS, "table")
    problem = SimpleNamespace(aim=Objective("rmse"), bounds=bounds)
    options = SimpleNamespace(ensemble=most, networks=most)
    tested = SimpleNamespace(test=ROWS.numpy())
    task = SimpleNamespace(
        kind="regression", classes=(), splits=tested, truth=lambda _rows: split.truth(ROWS)
    )
    return SimpleNamespace(
        problem=problem, options=options, task=task, splits=(split,), default=Architecture(())
    )


def networks(job: Any) -> tuple[list[Trained], dict[int, Checkpoint], History]:
    split, trained, library, trials = job.splits[0], [], {}, []
    for number in range(3):
        net = nn.Sequential(nn.Linear(4, 1))
        with torch.no_grad():
            net[0].weight[:] = torch.ones(4)  # type: ignore[index]
            net[0].weight[0, number] += 1.0  # type: ignore[index]
            net[0].bias.zero_()
        output = predict(net, split, ROWS)
        arch = Architecture((("n", number),))
        finalist = Finalist("winner" if number == 0 else "finalist", arch, number, {}, 0.1)
        trained.append(Trained(finalist, net, split, {}, output, 1.0, COSTS, "trained", 7))
        library[number] = Checkpoint(arch, {}, output)
        trials.append(Trial(number, Proposal(arch), State.DONE, (1.0,), COSTS))
    return trained, library, History(trials)


def test_it_is_handed_over_where_it_is_better_with_the_winner_alone_beside_it() -> None:
    job = run()
    trained, library, history = networks(job)
    (made, alone, *others), told = averaged(job, history, trained, library)
    assert {member.trial for member in made.members} == {0, 1, 2}
    assert sum(member.share for member in made.members) == pytest.approx(1.0)
    assert made.costs["params"] == 15.0
    assert made.seconds == 3.0
    np.testing.assert_allclose(predict(made.net, job.splits[0], ROWS), made.output, atol=1e-5)
    assert (alone.finalist.trial, alone.finalist.role) == (0, "finalist")
    assert [each.finalist.trial for each in others] == [1, 2]
    found = told["ensemble"]
    assert found["validation"]["rmse"] < 0.7 * found["single"]["validation"]["rmse"]
    assert found["why"].startswith("The ensemble of 3 networks: ")
    assert "better on validation than trial 0 alone" in found["why"]
    assert found["why"].endswith("times the latency.")


def test_off_it_changes_nothing() -> None:
    job = run(most=1)
    trained, library, history = networks(job)
    assert averaged(job, history, trained, library) == (trained, {})


def test_where_nobody_helps_the_winner_is_handed_over_alone_and_it_is_said_why() -> None:
    job = run()
    trained, library, history = networks(job)
    alike = dict.fromkeys(library, library[0])
    kept, told = averaged(job, history, trained, alike)
    assert kept == trained
    assert told["ensemble"]["members"] == []
    assert "no other network made the winner better by more than noise" in told["ensemble"]["why"]


def test_where_there_was_no_time_for_a_second_network_that_is_said() -> None:
    job = run()
    trained, library, history = networks(job)
    kept, told = averaged(job, history, trained[:1], library)
    assert kept == trained[:1]
    assert "no time to train a second network" in told["ensemble"]["why"]


def test_only_those_that_were_trained_are_members() -> None:
    job = run()
    trained, library, history = networks(job)
    (made, *_), _ = averaged(job, history, trained[:2], library)
    assert [member.trial for member in made.members] == [0, 1]


def test_what_is_measured_as_a_whole_must_keep_the_bounds() -> None:
    """A trial's latency may have been measured too low."""
    job = run((Objective("latency_ms", 1e-9),))
    trained, library, history = networks(job)
    history = History(
        [Trial(t.number, t.proposal, t.state, (), {"latency_ms": 0.0}) for t in history.trials]
    )
    kept, told = averaged(job, history, trained, library)
    assert not any(each.members for each in kept)
    assert "its latency (ms) would be above 1e-09" in told["ensemble"]["why"]


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, pd.DataFrame]:
    """A search in which every network that does no harm counts as a help."""
    frame: pd.DataFrame = load_diabetes(as_frame=True).frame
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(noise, "NOISE", -1e9)
        out = tmp_path_factory.mktemp("runs") / "run"
        result = archwright.search(
            frame, "target", trials=5, epochs=3, ensemble=3, space="mlp", out=out
        )
    return result, frame.drop(columns="target")


@pytest.mark.slow  # a whole search
def test_the_result_folder_is_as_plain_as_ever(searched: tuple[Any, pd.DataFrame]) -> None:
    result, rows = searched
    found = result.metrics["ensemble"]
    assert len(found["members"]) > 1
    assert {path.name for path in result.folder.iterdir()} == {"study.db", "report.html", "result"}
    folder = result.folder / "result"
    net, spec = load_module(folder).load(folder)
    assert tuple(each["weight"] for each in found["members"]) == net.shares
    module = load_module(folder)
    columns = {name: rows[name] for name in rows}
    np.testing.assert_allclose(result.predict(rows), module.predict(net, spec, columns))
    known = json.loads((folder / "architecture.json").read_text())["members"]
    assert [each["trial"] for each in known] == [each["trial"] for each in found["members"]]
    assert all(each["architecture"] for each in known)


@pytest.mark.slow  # a whole search
def test_both_are_on_the_leaderboard(searched: tuple[Any, pd.DataFrame], tmp_path: Path) -> None:
    result, _ = searched
    metrics, found = result.metrics, result.metrics["ensemble"]
    names = list(result.leaderboard.index)
    assert f"ensemble of {len(found['members'])} networks" in names
    single = found["single"]
    assert single["test"] in metrics["rivals"].values()
    assert metrics["params"] > single["params"]
    assert found["why"] in result.report.read_text("utf-8").replace("\u00a0", " ")
    assert found["why"] in (result.folder / "result" / "model_card.md").read_text("utf-8")


@pytest.mark.slow  # goes on with a search
def test_what_an_earlier_command_has_found_may_be_a_member(
    searched: tuple[Any, pd.DataFrame], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result, rows = searched
    shutil.copytree(result.folder, tmp_path / "run")
    monkeypatch.setattr(noise, "NOISE", -1e9)
    target = load_diabetes(as_frame=True).frame["target"]
    again = archwright.resume(tmp_path / "run", data=rows.assign(target=target), trials=6)
    members = again.metrics["ensemble"]["members"]
    assert len([each for each in members if each["trial"] < 5]) > 1
    assert not (tmp_path / "run" / "members").exists()


def at(trial: int, times: int) -> Listener:
    """Presses Ctrl-C so many times once so many trials have begun."""

    def act(status: Status) -> None:
        if status.trials == trial:
            for _ in range(times):
                signal.raise_signal(signal.SIGINT)

    return Listener(say=lambda text: None, status=act)


@pytest.mark.slow  # a whole search
def test_ctrl_c_averages_the_networks_as_they_were_searched(
    searched: tuple[Any, pd.DataFrame], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, rows = searched
    target = load_diabetes(as_frame=True).frame["target"]
    monkeypatch.setattr(noise, "NOISE", -1e9)
    monkeypatch.setattr(signal, "getsignal", lambda _signal: signal.default_int_handler)
    out = tmp_path / "run"
    found = archwright.search(
        rows.assign(target=target),
        trials=50,
        epochs=3,
        ensemble=3,
        space="mlp",
        out=out,
        listener=at(5, 1),
    )
    assert found.metrics["trials"]["done"] == 5
    assert len(found.metrics["ensemble"]["members"]) > 1
    card = (out / "result" / "model_card.md").read_text("utf-8")
    assert "as it was searched: not trained again" in card
    assert not (out / "members").exists()


@pytest.mark.slow  # a whole search
def test_what_a_killed_command_had_found_outlives_it(
    searched: tuple[Any, pd.DataFrame], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, rows = searched
    frame = rows.assign(target=load_diabetes(as_frame=True).frame["target"])
    out = tmp_path / "run"
    monkeypatch.setattr(noise, "NOISE", -1e9)
    monkeypatch.setattr(signal, "getsignal", lambda _signal: signal.default_int_handler)
    with pytest.raises(KeyboardInterrupt):
        archwright.search(
            frame, trials=5, epochs=3, ensemble=3, space="mlp", out=out, listener=at(4, 2)
        )
    kept = {path.stem for path in (out / "checkpoints").iterdir()}
    assert kept == {"0", "1", "2", "3"}
    found = archwright.resume(out, data=frame)
    assert len(found.metrics["ensemble"]["members"]) > 1
    assert not (out / "checkpoints").exists()
