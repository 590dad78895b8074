"""What may become a member of an ensemble is kept, and no more than that."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from archwright.auto import library
from archwright.core.architecture import Architecture
from archwright.core.trial import History, Proposal, Result, State, Trial
from archwright.evaluators.checkpoints import Checkpoints

COUNT = library.KEPT + 4


def result(number: int) -> Result:
    state = {"head.weight": torch.full((2, 3), float(number)), "steps": torch.tensor(number)}
    output = np.full((4, 2), number, dtype=np.float32)
    return Result({}, artefacts={"state": state, "output": output})


def trial(number: int, loss: float) -> Trial:
    proposal = Proposal(Architecture(()))
    return Trial(number, proposal, State.DONE, (loss,), {})


@pytest.fixture
def kept(tmp_path: Path) -> Checkpoints:
    return Checkpoints(tmp_path / "checkpoints")


@pytest.fixture
def history(kept: Checkpoints) -> History:
    """A search that finds better and worse in turn; what it finds is kept."""
    found = History()
    for number in range(COUNT):
        found = found.add(trial(number, abs(number - 5)))
        library.keep(kept, found.trials[number], result(number), found)
    return found


def test_only_the_best_are_kept(history: History, kept: Checkpoints) -> None:
    best = {each.number for each in history.ranked()[: library.KEPT]}
    assert {path.name for path in kept.folder.iterdir()} == {
        f"{number}.safetensors" for number in best
    }
    assert 5 in best
    assert COUNT - 1 not in best


def test_they_come_back_as_they_were(history: History, kept: Checkpoints) -> None:
    found = library.load(kept, history)
    assert len(found) == library.KEPT
    expected = result(5).artefacts
    torch.testing.assert_close(dict(found[5].state), expected["state"])
    np.testing.assert_array_equal(found[5].output, expected["output"])


def test_a_damaged_or_missing_one_costs_no_more_than_itself(
    history: History, kept: Checkpoints
) -> None:
    (kept.folder / "5.safetensors").write_bytes(b"cut sh")
    (kept.folder / "4.safetensors").unlink()
    assert len(library.load(kept, history)) == library.KEPT - 2
