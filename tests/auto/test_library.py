"""What may become a member of an ensemble is kept, and no more than that."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from archwright.auto import library
from archwright.auto.folder import Folder
from archwright.clock import Clock
from archwright.core.architecture import Architecture
from archwright.core.trial import History, Proposal, Result, State, Trial
from archwright.evaluators.checkpoints import Checkpoints
from archwright.executors.inline import Inline

COUNT = library.KEPT + 4


def result(number: int) -> Result:
    state = {"head.weight": torch.full((2, 3), float(number)), "steps": torch.tensor(number)}
    output = np.full((4, 2), number, dtype=np.float32)
    return Result({}, artefacts={"state": state, "output": output})


def trial(number: int, loss: float, **metrics: float) -> Trial:
    proposal = Proposal(Architecture(()))
    return Trial(number, proposal, State.DONE, (loss,), metrics, seconds=1.0)


@pytest.fixture
def kept(tmp_path: Path) -> Checkpoints:
    return Checkpoints(tmp_path / "checkpoints")


@pytest.fixture
def history(kept: Checkpoints) -> History:
    """A search that finds better and worse in turn; what it finds is kept."""
    found = History()
    for number in range(COUNT):
        lucky = {"inherited": 1.0} if number == 6 else {}
        found = found.add(trial(number, abs(number - 5), **lucky))
        library.keep(kept, found.trials[number], result(number), found)
    return found


def job(**options: Any) -> Any:
    """A run in which every training gives what `result` says of trial 50."""
    return SimpleNamespace(
        options=SimpleNamespace(**{"inherit": False, "networks": 3} | options),
        clock=Clock(),
        setup=SimpleNamespace(workers=1),
        evaluator=lambda: Again(),
    )


@dataclass(frozen=True)
class Again:
    stop: Any = None

    def __call__(self, _proposal: Proposal) -> Result:
        return result(50)


def test_only_the_best_are_kept(history: History, kept: Checkpoints) -> None:
    best = {each.number for each in history.ranked()[: library.KEPT]}
    assert {path.name for path in kept.folder.iterdir()} == {
        f"{number}.safetensors" for number in best
    }
    assert 5 in best
    assert COUNT - 1 not in best


def test_the_best_of_each_fidelity_are_kept(history: History, kept: Checkpoints) -> None:
    quick = Trial(COUNT, Proposal(Architecture(()), 0.1), State.DONE, (9.0,), {})
    history = history.add(quick)
    library.keep(kept, quick, result(COUNT), history)
    assert len(list(kept.folder.iterdir())) == library.KEPT + 1


def test_they_come_back_as_they_were(history: History, kept: Checkpoints) -> None:
    found = library.members(job(), history, kept, Inline())
    assert len(found) == library.KEPT
    expected = result(5).artefacts
    torch.testing.assert_close(dict(found[5].state), expected["state"])
    np.testing.assert_array_equal(found[5].output, expected["output"])


def test_who_began_with_the_weights_of_another_or_is_lost_is_trained_again(
    history: History, kept: Checkpoints
) -> None:
    (kept.folder / "5.safetensors").write_bytes(b"cut sh")
    (kept.folder / "4.safetensors").unlink()
    found = library.members(job(), history, kept, Inline())
    again = [number for number, each in found.items() if each.output[0, 0] == 50]
    assert sorted(again) == [4, 5, 6]


def test_nobody_is_a_member_where_no_ensemble_is_wanted(
    history: History, kept: Checkpoints
) -> None:
    assert library.members(job(networks=1), history, kept, Inline()) == {}


@pytest.mark.parametrize(
    ("options", "kept"),
    [({"inherit": True}, True), ({"networks": 1}, False), ({"networks": 2}, True)],
)
def test_a_run_keeps_trials_if_it_may_need_them(
    options: dict[str, Any], kept: bool, tmp_path: Path
) -> None:
    with library.opened(job(**options), Folder(tmp_path)) as found:
        assert (found is not None) == kept


def test_what_is_kept_without_a_folder_is_gone_afterwards() -> None:
    with library.opened(job(inherit=True), None) as found:
        assert found is not None
        assert found.folder.is_dir()
    assert not found.folder.exists()
