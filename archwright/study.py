"""Studies: where trials are kept. One class over an Optuna storage.

Only the coordinator writes here. A trial is recorded as running before it is evaluated, and what
is finished never changes, so a study can be killed at any moment and gone on with.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import optuna
import sqlalchemy
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    IntDistribution,
)
from optuna.storages import BaseStorage, InMemoryStorage, RDBStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from archwright.core.architecture import Architecture, active
from archwright.core.problem import Problem
from archwright.core.space import Hole, Range
from archwright.core.trial import History, Proposal, Result, State, Trial
from archwright.errors import RunError

STATES = {
    TrialState.RUNNING: State.RUNNING,
    TrialState.COMPLETE: State.DONE,
    TrialState.PRUNED: State.STOPPED,
    TrialState.FAIL: State.FAILED,
}


class Study:
    """The trials of one problem, in an Optuna storage.

    Args:
        problem: What is searched; its fingerprint is stored and checked.
        storage: An Optuna storage, see `open_storage`.
        name: Of the study within the storage.

    Raises:
        RunError: the stored study belongs to another problem, or cannot be read.
    """

    def __init__(self, problem: Problem, storage: BaseStorage, name: str) -> None:
        self.problem = problem
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        with _readable(name):
            self._study = optuna.create_study(
                storage=storage,
                study_name=name,
                direction="maximize" if problem.aim.maximise else "minimize",
                load_if_exists=True,
            )
            stored = self.notes
        if stored.setdefault("problem", problem.fingerprint) != problem.fingerprint:
            raise RunError(
                f"the study {name!r} was made for other data, another space or another objective;"
                " give another --out, or the very arguments that it was started with"
            )
        if "problem" not in self.notes:
            self.note("problem", problem.fingerprint)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
                self._study.set_metric_names([problem.aim.metric])

    @property
    def notes(self) -> dict[str, Any]:
        """What was written with `note`."""
        return dict(self._study.user_attrs)

    def note(self, key: str, value: Any) -> None:
        """Store a JSON value beside the trials."""
        self._study.set_user_attr(key, value)

    def history(self) -> History:
        """Return all trials as they are stored now."""
        with _readable(self._study.study_name):
            frozen = self._study.get_trials(deepcopy=False)
            return History(tuple(self._trial(each) for each in frozen))

    def start(self, proposal: Proposal) -> int:
        """Record a proposal as running; return its number."""
        holes = active(self.problem.space, proposal.arch)
        answers = {path.replace("/", "."): value for path, value in proposal.arch.decisions}
        self._study.add_trial(
            FrozenTrial(
                number=-1,
                trial_id=-1,
                state=TrialState.RUNNING,
                value=None,
                datetime_start=datetime.now(),
                datetime_complete=None,
                params=answers,
                distributions={p.replace("/", "."): _distribution(h) for p, h in holes.items()},
                user_attrs={
                    "key": proposal.arch.key,
                    "fidelity": proposal.fidelity,
                    "parent": proposal.parent,
                    "origin": proposal.origin,
                },
                system_attrs={},
                intermediate_values={},
            )
        )
        return len(self._study.get_trials(deepcopy=False)) - 1

    def finish(self, number: int, outcome: Result | str, seconds: float) -> None:
        """Record what became of a running trial: a result, or the reason of its failure.

        In Optuna's words, a trial that was stopped is pruned.
        """
        trial = optuna.trial.Trial(
            self._study, self._study.get_trials(deepcopy=False)[number]._trial_id
        )
        trial.set_user_attr("seconds", round(seconds, 3))
        if isinstance(outcome, str):
            trial.set_user_attr("error", outcome)
            self._study.tell(number, state=TrialState.FAIL)
            return
        trial.set_user_attr("curve", [dict(point) for point in outcome.curve])
        metrics, aim = dict(outcome.metrics), self.problem.aim
        if outcome.stopped:
            trial.set_user_attr("error", outcome.stopped)
            trial.set_user_attr("expected", metrics.pop(aim.metric))
            trial.set_user_attr("metrics", metrics)
            self._study.tell(number, state=TrialState.PRUNED)
            return
        trial.set_user_attr("metrics", metrics)
        self._study.tell(number, metrics[aim.metric])

    def _trial(self, frozen: FrozenTrial) -> Trial:
        stored, aim = frozen.user_attrs, self.problem.aim
        state = STATES[frozen.state]
        told = stored if state in (State.DONE, State.STOPPED) else {}
        metrics = told.get("metrics", {})
        expected = {aim.metric: told["expected"]} if state is State.STOPPED else {}
        return Trial(
            number=frozen.number,
            proposal=Proposal(
                _architecture(frozen), stored["fidelity"], stored["parent"], stored["origin"]
            ),
            state=state,
            losses=(aim.loss(metrics),) if state is State.DONE else (),
            metrics=metrics,
            curve=tuple(told.get("curve", ())),
            seconds=stored.get("seconds", 0.0),
            error=stored.get("error", ""),
            expected=(aim.loss(expected),) if expected else (),
        )


def open_storage(where: Path | str | None) -> BaseStorage:
    """Return an Optuna storage.

    Args:
        where: A SQLite file (a path), any Optuna storage URL, or None for memory.

    Raises:
        RunError: it cannot be opened.
    """
    if where is None:
        return InMemoryStorage()
    url = f"sqlite:///{where}" if isinstance(where, Path) else where
    with _readable(url.split("@")[-1]), warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        storage = RDBStorage(url)
        if url.startswith("sqlite"):
            _write_ahead(storage)
        return storage


def notes(storage: BaseStorage, name: str) -> Mapping[str, Any]:
    """Return the notes of a stored study without opening it for a problem; none if there is none.

    Raises:
        RunError: the storage is damaged.
    """
    with _readable(name):
        if name not in optuna.get_all_study_names(storage):
            return {}
        return dict(optuna.load_study(storage=storage, study_name=name).user_attrs)


def archive(storage: BaseStorage, where: str) -> list[tuple[Architecture, float, float]]:
    """Return architecture, fidelity and loss of each finished trial, whatever the problem was.

    Args:
        storage: Of a run folder: it holds one study.
        where: What it is called in messages.

    Raises:
        RunError: the storage is damaged, or does not hold one study.
    """
    with _readable(where):
        names = optuna.get_all_study_names(storage)
        if len(names) != 1:
            raise RunError(f"{where} holds {len(names)} studies instead of one")
        study = optuna.load_study(storage=storage, study_name=names[0])
        sign = -1.0 if study.direction == StudyDirection.MAXIMIZE else 1.0
        done = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
        return [(_architecture(t), t.user_attrs["fidelity"], sign * (t.value or 0.0)) for t in done]


def _architecture(frozen: FrozenTrial) -> Architecture:
    return Architecture.of({path.replace(".", "/"): v for path, v in frozen.params.items()})


@contextlib.contextmanager
def _readable(name: str) -> Iterator[None]:
    """Say in one sentence that a study cannot be read."""
    try:
        yield
    except (sqlalchemy.exc.SQLAlchemyError, optuna.exceptions.StorageInternalError) as error:
        raise RunError(
            f"the study {name!r} cannot be read ({_first_line(error)});"
            " move it away and start again, or restore it from a copy"
        ) from error
    except ImportError as error:
        raise RunError(
            f"the storage {name!r} needs a database driver that is not installed; for PostgreSQL"
            " install archwright[postgres] and write postgresql+psycopg://..."
        ) from error
    except (KeyError, ValueError) as error:  # no such study; text that is no JSON or no UTF-8
        raise RunError(f"there is no readable study {name!r} ({_first_line(error)})") from error


def _first_line(error: BaseException) -> str:
    return str(error.__cause__ or error).strip().splitlines()[0][:200]


def _write_ahead(storage: RDBStorage) -> None:
    """Put SQLite in WAL mode: two to four times fewer milliseconds a trial, as safe when killed."""

    def configure(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")

    sqlalchemy.event.listen(storage.engine, "connect", configure)


def _distribution(hole: Hole) -> BaseDistribution:
    if isinstance(hole, Range):
        return IntDistribution(hole.low, hole.high, log=hole.log)
    return CategoricalDistribution(hole.values)
