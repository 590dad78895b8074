"""Studies: what goes in comes out, others can read it, and damage is told in a sentence."""

from __future__ import annotations

import contextlib
import sqlite3
import warnings
from pathlib import Path
from random import Random

import optuna
import pytest

from archwright.core.architecture import sample
from archwright.core.objective import Objective
from archwright.core.problem import Problem
from archwright.core.trial import Proposal, Result, State
from archwright.errors import RunError
from archwright.registry import portfolio
from archwright.spaces.mlp import mlp
from archwright.study import Study, archive, notes, open_storage

SPACE = mlp((4,))
PROBLEM = Problem("iris", SPACE, Objective("accuracy"))
FOUND = Result(
    {"accuracy": 0.75, "log_loss": 0.5},
    ({"epoch": 1.0, "train_loss": 2.0, "accuracy": 0.5}, {"epoch": 2.0, "accuracy": 0.75}),
    {"state": "is not stored"},
)
DEFAULT = portfolio("mlp")((4,))[0]


def fill(where: Path | None, problem: Problem = PROBLEM) -> Study:
    """A study with a finished, a failed and a running trial."""
    study = Study(problem, open_storage(where), "archwright")
    rng = Random(0)
    study.finish(study.start(Proposal(DEFAULT, origin="portfolio")), FOUND, 1.5)
    study.finish(study.start(Proposal(sample(SPACE, rng), 0.5)), "became nan", 0.25)
    study.start(Proposal(sample(SPACE, rng), 0.5, 0, "mutation"))
    return study


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a filled study; its path has a space and a letter from abroad."""
    path = tmp_path_factory.mktemp("my rün") / "study.db"
    fill(path)
    return path


def url(path: Path) -> str:
    return f"sqlite:///{path}"


def test_a_stored_study_comes_back_as_it_was(stored: Path) -> None:
    expected = fill(None).history()
    again = Study(PROBLEM, open_storage(stored), "archwright").history()
    assert again == expected
    assert [t.state for t in again.trials] == [State.DONE, State.FAILED, State.RUNNING]


def test_a_trial_keeps_all_but_its_artefacts(stored: Path) -> None:
    done, failed, running = Study(PROBLEM, open_storage(stored), "archwright").history().trials
    assert done.proposal == Proposal(DEFAULT, origin="portfolio")
    assert (done.metrics, done.curve) == (FOUND.metrics, FOUND.curve)
    assert (done.losses, done.seconds) == ((-0.75,), 1.5)
    assert (failed.error, failed.losses, failed.seconds) == ("became nan", (), 0.25)
    assert (running.proposal.parent, running.proposal.origin) == (0, "mutation")
    assert running.proposal.fidelity == 0.5


def test_a_stopped_trial_is_pruned_to_optuna_and_comes_back_with_what_was_expected() -> None:
    storage = open_storage(None)
    study = Study(PROBLEM, storage, "archwright")
    curve = ({"share": 0.25, "accuracy": 0.1},)
    found = Result({"accuracy": 0.3, "params": 7.0}, curve, stopped="no hope")
    study.finish(study.start(Proposal(DEFAULT)), found, 0.5)
    (trial,) = study.history().stopped
    assert (trial.losses, trial.expected, trial.error) == ((), (-0.3,), "no hope")
    assert (trial.metrics, trial.curve, trial.seconds) == ({"params": 7.0}, curve, 0.5)
    loaded = optuna.load_study(storage=storage, study_name="archwright").trials[0]
    assert loaded.state is optuna.trial.TrialState.PRUNED
    assert archive(storage, "run") == [], "nothing to start another search from"


def test_notes_are_kept_beside_the_trials(tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    fill(path).note("options", {"seed": 3, "budget": None})
    assert notes(open_storage(path), "archwright")["options"] == {"seed": 3, "budget": None}


def test_finished_trials_can_be_read_without_knowing_the_problem(stored: Path) -> None:
    assert archive(open_storage(stored), "run") == [(DEFAULT, 1.0, -0.75)]


def test_losses_of_what_is_minimised_are_its_values() -> None:
    storage = open_storage(None)
    study = Study(Problem("flats", SPACE, Objective("rmse")), storage, "archwright")
    study.finish(study.start(Proposal(DEFAULT, 0.5)), Result({"rmse": 7.0}), 1.0)
    assert archive(storage, "run") == [(DEFAULT, 0.5, 7.0)]


def test_a_storage_of_no_study_or_several_is_no_run() -> None:
    with pytest.raises(RunError, match="run holds 0 studies instead of one"):
        archive(open_storage(None), "run")


def test_optuna_reads_the_study_and_its_names_mean_something(stored: Path) -> None:
    study = optuna.load_study(storage=url(stored), study_name="archwright")
    assert study.trials[0].params["body.layers.0.units"] == 128
    assert study.trials[0].params["body.norm"] == "batch"
    assert study.best_value == 0.75
    assert study.direction is optuna.study.StudyDirection.MAXIMIZE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        assert study.metric_names == ["accuracy"]
    states = [trial.state.name for trial in study.trials]
    assert states == ["COMPLETE", "FAIL", "RUNNING"]


def test_a_metric_that_should_fall_is_minimised() -> None:
    study = fill(None, Problem("iris", SPACE, Objective("log_loss")))
    assert study.history().best().losses == (0.5,)


@pytest.mark.parametrize(
    "other",
    [
        Problem("wine", SPACE, Objective("accuracy")),
        Problem("iris", SPACE, Objective("log_loss")),
        Problem("iris", SPACE, Objective("accuracy"), (Objective("params", 10),)),
    ],
    ids=["data", "objective", "bounds"],
)
def test_a_study_is_not_resumed_with_another_problem(stored: Path, other: Problem) -> None:
    with pytest.raises(RunError, match="other data, another space or another objective"):
        Study(other, open_storage(stored), "archwright")


def test_a_file_that_is_no_database_is_told_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    path.write_bytes(Random(0).randbytes(20_000))
    with pytest.raises(RunError, match=r"study.db.*cannot be read.*not a database"):
        open_storage(path)


def whole(stored: Path) -> bytes:
    """The study as one file, with what still lay in its write-ahead log."""
    source, target = sqlite3.connect(stored), sqlite3.connect(":memory:")
    with contextlib.closing(source), contextlib.closing(target):
        source.backup(target)
        return target.serialize()


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_truncated_study_is_told_in_a_sentence(
    stored: Path, tmp_path: Path, share: float
) -> None:
    path, data = tmp_path / "study.db", whole(stored)
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(RunError, match=r"cannot be read|no readable study"):
        Study(PROBLEM, open_storage(path), "archwright").history()


@pytest.mark.parametrize("word", [b"REFERENCES", b"datetime_start"])
def test_wrong_bytes_in_a_study_are_told_in_a_sentence(
    stored: Path, tmp_path: Path, word: bytes
) -> None:
    path, data = tmp_path / "study.db", whole(stored)
    assert word in data
    path.write_bytes(data.replace(word, b"\xff" + word[1:]))
    with pytest.raises(RunError, match=r"cannot be read|no readable study"):
        Study(PROBLEM, open_storage(path), "archwright").history()


def test_a_study_that_does_not_exist_has_no_notes(tmp_path: Path) -> None:
    assert notes(open_storage(tmp_path / "study.db"), "archwright") == {}


@pytest.mark.parametrize(
    "storage",
    [
        "sqlite:////nowhere/at/all/study.db",
        "postgresql+psycopg://me:secret@localhost:1/studies",
        "nonsense://me:secret@localhost/studies",
        "no url",
    ],
)
def test_a_storage_that_cannot_be_opened_is_told_without_its_password(storage: str) -> None:
    with pytest.raises(RunError, match=r"cannot be read|needs a database driver") as caught:
        open_storage(storage)
    assert "secret" not in str(caught.value)


def test_numbers_count_up_from_zero() -> None:
    study = Study(PROBLEM, open_storage(None), "archwright")
    rng = Random(0)
    assert [study.start(Proposal(sample(SPACE, rng))) for _ in range(4)] == [0, 1, 2, 3]
