"""Earlier runs are read for a warm start."""

from __future__ import annotations

from pathlib import Path

import pytest

from archwright.auto.past import past
from archwright.core.architecture import Architecture
from archwright.core.objective import Objective
from archwright.core.problem import Problem
from archwright.core.space import Choice, seq
from archwright.core.trial import Proposal, Result
from archwright.errors import RunError
from archwright.strategies.warm import Past
from archwright.study import Study, open_storage

SPACE = seq(kind=Choice(("a", "b", "c", "d")), size=Choice((1, 2)))


def arch(kind: str, size: int = 1) -> Architecture:
    return Architecture.of({"kind": kind, "size": size})


def stored(folder: Path, found: list[tuple[float, float]]) -> Path:
    """Put a trial for each fidelity and accuracy in a run folder, and one that failed."""
    problem = Problem("task", SPACE, Objective("accuracy"))
    study = Study(problem, open_storage(folder / "study.db"), "archwright")
    for kind, (fidelity, value) in zip("abcd", found, strict=False):
        number = study.start(Proposal(arch(kind), fidelity))
        study.finish(number, Result({"accuracy": value}), 1.0)
    study.finish(study.start(Proposal(arch("d", 2))), "ran out of memory", 1.0)
    return folder


def test_a_run_folder_gives_its_trials_of_the_highest_fidelity(tmp_path: Path) -> None:
    run = stored(tmp_path, [(0.5, 0.99), (1.0, 0.7), (1.0, 0.8)])
    assert past(run) == Past(((arch("b"), -0.7), (arch("c"), -0.8)), tmp_path.name)


def test_a_run_without_a_finished_trial_is_told(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no trial of it finished"):
        past(stored(tmp_path, []))


def test_folders_without_a_study_are_told(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"holds no study.db"):
        past(tmp_path)
    (tmp_path / "study.db").write_text("no database")
    with pytest.raises(RunError, match="cannot be read"):
        past(tmp_path)
