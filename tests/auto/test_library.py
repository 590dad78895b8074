"""What may become a member of an ensemble is kept, and no more than that."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from archwright.auto import library
from archwright.core.architecture import Architecture
from archwright.core.trial import History, Proposal, Result, State, Trial

COUNT = library.KEPT + 4


def result(number: int) -> Result:
    state = {"head.weight": torch.full((2, 3), float(number)), "steps": torch.tensor(number)}
    output = np.full((4, 2), number, dtype=np.float32)
    return Result({}, artefacts={"state": state, "output": output})


def trial(number: int, loss: float) -> Trial:
    proposal = Proposal(Architecture(()))
    return Trial(number, proposal, State.DONE, (loss,), {})


@pytest.fixture
def history(tmp_path: Path) -> History:
    """A search that finds better and worse in turn; what it finds is kept."""
    found = History()
    for number in range(COUNT):
        found = found.add(trial(number, abs(number - 5)))
        library.keep(tmp_path / "members", found.trials[number], result(number), found)
    return found


def test_only_the_best_are_kept(history: History, tmp_path: Path) -> None:
    best = {each.number for each in history.ranked()[: library.KEPT]}
    assert {path.name for path in (tmp_path / "members").iterdir()} == {
        f"{number}.safetensors" for number in best
    }
    assert 5 in best
    assert COUNT - 1 not in best


def test_they_come_back_as_they_were(history: History, tmp_path: Path) -> None:
    found = library.load(tmp_path / "members", history)
    assert len(found) == library.KEPT
    expected = result(5).artefacts
    torch.testing.assert_close(dict(found[5].state), expected["state"])
    np.testing.assert_array_equal(found[5].output, expected["output"])


def test_a_damaged_or_missing_one_costs_no_more_than_itself(
    history: History, tmp_path: Path
) -> None:
    folder = tmp_path / "members"
    (folder / "5.safetensors").write_bytes(b"cut sh")
    (folder / "4.safetensors").unlink()
    assert len(library.load(folder, history)) == library.KEPT - 2


def test_nothing_is_left_in_the_end(history: History, tmp_path: Path) -> None:
    library.clear(tmp_path / "members")
    library.clear(tmp_path / "members")
    assert not list(tmp_path.iterdir())
    assert library.load(tmp_path / "members", history) == {}
