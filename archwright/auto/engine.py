"""`search` and `resume`: the whole way, from data to a folder that works without archwright."""

from __future__ import annotations

import contextlib
import logging
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from archwright.auto import ask, bounds, handover, library, pools, rivals, spaces, splits
from archwright.auto import folder as folders
from archwright.auto.choose import AUTO, Choice
from archwright.auto.ensemble import averaged
from archwright.auto.fill import fill
from archwright.auto.finalists import confirm
from archwright.auto.finish import Closing, Trained, Weights, retrain, winner_alone
from archwright.auto.forecast import Setup, plan_run
from archwright.auto.job import Job, read
from archwright.auto.listen import Listener, describe
from archwright.auto.options import Options, parse_bound
from archwright.auto.result import Result
from archwright.clock import Clock, interruptible, parse_budget
from archwright.core.architecture import decode
from archwright.core.objective import objective as find_objective
from archwright.core.problem import Problem
from archwright.core.trial import History
from archwright.data.target import columns_of
from archwright.data.task import Task
from archwright.errors import RunError
from archwright.evaluators.checkpoints import Checkpoints
from archwright.evaluators.train import never
from archwright.executors.processes import warm
from archwright.export.result import amend
from archwright.measure.memory import Peak
from archwright.nets.build import is_fitted
from archwright.strategies.inner import check
from archwright.study import Study, notes, open_storage

log = logging.getLogger(__name__)

STUDY = "archwright"

SURE_SEARCH = 0.6
"""Of the time left, that the search has until it is known what follows, see `replan`."""


def search(
    data: Any,
    target: str | Sequence[str] | None = None,
    *,
    budget: str | float | None = None,
    trials: int | None = None,
    out: str | Path | None = None,
    objective: str | None = None,
    max_params: str | float | None = None,
    max_macs: str | float | None = None,
    max_latency: str | float | None = None,
    space: Any = None,
    warm_start: str | Path | Sequence[str | Path] = (),
    listener: Listener | None = None,
    started: float | None = None,
    **rest: Any,
) -> Result:
    """Search a network for the data, train it, and leave it in a folder.

    Args:
        data: A path, a pandas DataFrame, a pair (x, y) of arrays or tensors, or arrays by name.
        target: The column to predict, or several; the last one unless named.
        budget: Wall-clock time for everything, such as "10m"; 10 minutes unless `trials` is given.
        trials: How many trials to run, with or without a budget.
        out: The run folder; the next free one in `runs/` unless given.
        objective: accuracy, balanced_accuracy, macro_f1, log_loss, roc_auc; rmse, mae, r2; of
            other kinds of tasks see `core.objective`.
        max_params, max_macs, max_latency: Hard bounds: 100k, 2M, 2ms.
        space: A name, as `archwright spaces` lists them; or your own, see `auto.spaces.chosen`.
        warm_start: Run folders of earlier searches, whose best architectures are tried early.
        listener: Is told how the search goes.
        started: When the promise began, by `time.monotonic`; now, unless given.
        rest: The other fields of `Options`: strategy, exploration, inherit, seed, epochs, folds,
            early_stop, workers, isolate, ensemble, storage, kind, types, test, split, modality,
            horizon, time, series, encoder.

    Raises:
        ArchwrightError: the data, the space, the budget or the folder do not do; nothing is left.
    """
    clock = Clock(started=time.monotonic() if started is None else started)
    wanted = budget if budget is not None or trials is not None else "10m"
    clock.budget = math.inf if wanted is None else parse_budget(wanted)
    most = parse_bound("params", max_params) | parse_bound("macs", max_macs)
    most |= parse_bound("latency_ms", max_latency)
    rest["warm_start"] = _texts(warm_start)
    options = Options(
        columns_of(target), clock.budget, trials, objective, most, spaces.named(space), **rest
    )
    if clock.budget < math.inf and options.workers != 1:
        warm()  # the server of the workers loads torch while this process reads the data
    given = None if out is None else _new(out)
    task = read(data, options)
    folder = given or folders.free(task.name)
    job = _job(task, options, clock, {}, space)
    return _run(job, folder, listener or Listener(), stored={})


def _texts(given: str | Path | Sequence[str | Path]) -> tuple[str, ...]:
    return (str(given),) if isinstance(given, str | Path) else tuple(map(str, given))


def resume(
    run: str | Path,
    *,
    data: Any = None,
    budget: str | float | None = None,
    trials: int | None = None,
    storage: str | None = None,
    space: Any = None,
    listener: Listener | None = None,
    started: float | None = None,
) -> Result:
    """Go on with a search that was killed, stopped, or is to be given more time.

    Args:
        run: The run folder.
        data: The data, if it was not read from a path, or has moved.
        budget: For this run of the command; what was left of the first budget unless given.
        trials: How many trials there are to be in all; as asked first, unless given.
        storage: The storage URL, if the study is not in the run folder.
        space: The space once more, if it was one of your own.

    Raises:
        RunError: there is no such run, its study is damaged, or it is finished already.
    """
    folder = folders.existing(run)
    stored = notes(_storage(folder, storage), _study_name(folder, storage))
    if "run" not in stored:
        raise RunError(f"{run}: the search had not begun; search again with the same --out")
    options = replace(Options.from_json(stored["run"]["options"]), storage=storage)
    clock = Clock(started=time.monotonic() if started is None else started)
    clock.budget = _time_left(run, options, stored, budget, trials)
    if trials is not None or budget is not None:
        options = replace(options, trials=trials)
    path = stored["run"]["path"]
    if options.space == spaces.OWN and space is None:
        raise RunError(f"{run}: its space was your own; give it again: resume(run, space=...)")
    if data is None and path is None:
        raise RunError(f"{run}: its data was not read from a file; give it: resume(run, data=...)")
    task = read(path if data is None else data, options)
    job = _job(task, options, clock, stored, space or options.space)
    return _run(job, folder, listener or Listener(), stored)


def _time_left(
    run: str | Path,
    options: Options,
    stored: Mapping[str, Any],
    budget: str | float | None,
    trials: int | None,
) -> float:
    if budget is not None:
        return parse_budget(budget)
    if stored.get("finished") and trials is None:
        raise RunError(f"{run} is finished; give --budget or --trials to search on")
    if math.isinf(options.budget):
        return math.inf
    return max(30.0, options.budget - float(stored.get("spent", 0.0)))


def _run(job: Job, folder: folders.Folder, hear: Listener, stored: Mapping[str, Any]) -> Result:
    """Search and finish; `stored` are the notes of the study when it is resumed."""
    job = _ready(job)
    task, options, clock = job.task, job.options, job.clock
    for line in describe(task):
        hear.say(line)
    hear.say(f"Strategy: {job.choice.words()}")
    hear.say(f"Forecast: {job.setup.words()}.")
    with folders.lease(folder), interruptible(clock), Peak() as memory:
        storage = _storage(folder, options.storage)
        study = Study(job.problem, storage, _study_name(folder, options.storage))
        study.note("finished", False)
        if not stored:
            study.note("run", _remembered(job))
        best = fill(study, job, hear, folder)
        _finish(study.history(), job, folder, hear, best, memory)
        study.note("finished", True)
    return Result(folder.path)


def _ready(job: Job) -> Job:
    """Return the job with starts that keep the bounds.

    Raises:
        SpaceError: nothing keeps the bounds, or the strategy cannot serve the space.
    """
    job = replace(job, starts=bounds.within(job))
    check(ask.strategy(job), job.problem.space)
    return job


def _remembered(job: Job) -> dict[str, Any]:
    """Return what `resume` needs; stored as one note, so that it is there wholly or not at all."""
    return {
        "path": job.task.source.get("path"),
        "options": job.options.to_json(),
        "setup": job.setup.to_json(),
        "choice": job.choice.to_json(),
    }


def _new(out: str | Path) -> folders.Folder:
    """Return the named folder for a new run; what a search killed before it began left is cleared.

    Raises:
        RunError: it holds a run already, or is a file.
    """
    folder = folders.Folder(Path(out))
    if folder.study.exists() and not folder.result.exists() and not folder.report.exists():
        with contextlib.suppress(RunError):  # a damaged study may be all that is left of a run
            if "run" not in notes(open_storage(folder.study), STUDY):
                for leftover in folder.path.glob("study.db*"):
                    leftover.unlink()
    return folders.claim(out)


def in_memory(task: Task, options: Options, clock: Clock) -> tuple[Trained, History]:
    """Search and train without touching the disk; return the winner and the trials.

    Raises:
        ArchwrightError: as `search` does.
    """
    job = _job(task, options, clock, {}, options.space)
    job = _ready(job)
    study = Study(job.problem, open_storage(None), STUDY)
    best = fill(study, job, Listener(), None)
    history = study.history()
    with pools.closing(job) as pool:
        return winner_alone(job, history, pool, best), history


def _finish(
    history: History,
    job: Job,
    folder: folders.Folder,
    hear: Listener,
    best: Weights,
    memory: Peak,
) -> None:
    """Train the best to the end, compare, and write what is handed over."""
    clock, searched = job.clock, job.clock.elapsed()
    early = f" {len(history.stopped)} stopped early," if history.stopped else ""
    hear.say(f"Search over: {len(history.done)} trials done,{early} {len(history.failed)} failed.")
    data = splits.final(job.task)
    entries, fitted = rivals.fitted(job, data[0])
    with pools.closing(job) as pool:
        finalists, closing = confirm(job, history, pool), Closing(job, pool, data)
        found = partial(_best, job, history, best)
        known = library.members(job, history, Checkpoints(folder.checkpoints), pool)
        trained = retrain(closing, history, finalists, found, known, hear.say)
    trained, told = averaged(job, history, trained, known)
    seconds = {"search": searched, "final": clock.elapsed() - searched}
    board = handover.leaderboard(job, history, trained, finalists, entries)
    share = rivals.searched_share(job, trained[0])
    rival, offered = rivals.baseline(job.problem.aim, board, fitted, share)
    facts = handover.facts(job, history, trained[0], board, seconds) | told | offered
    hear.say("Writing the result and the report.")
    reporting = clock.elapsed()
    facts["seconds"] |= {"report": 0.0, "total": reporting}
    facts |= handover.footprint(folder, memory.value)
    verdict = handover.write_report(folder, job, history, trained[0], board, facts)
    facts["seconds"] |= {"report": clock.elapsed() - reporting, "total": clock.elapsed()}
    for note in handover.write_result(folder, job, trained[0], facts, onnx=True, rival=rival):
        hear.say(note)
    facts |= handover.footprint(folder, memory.value)
    amend(folder.result, facts)
    Checkpoints(folder.checkpoints).clear()
    for line in handover.summary(job, board, folder, facts, verdict):
        hear.say(line)


def _job(task: Task, options: Options, clock: Clock, stored: Mapping[str, Any], wanted: Any) -> Job:
    """Prepare everything that does not touch the disk; `wanted` is the space as it was given."""
    aim = find_objective(options.objective, task.kind, task.outputs, task.widths)
    splits.refuse_slow_encoder(task, clock)
    if options.folds > 1:
        made = splits.folds(task, options.folds, options.seed)
    else:
        made = [splits.holdout(task)]
    if options.strategy != AUTO:
        ask.find(options.strategy)
    parts, form = tuple(split for split, _ in made), made[0][0].signature.form
    space, starts = spaces.chosen(wanted, task.modality, form)
    if options.space == spaces.OWN:
        spaces.rehearse(space, starts[0], parts[0].signature, made[0][1])
    problem = Problem(task.fingerprint, space, aim, options.conditions())
    clock.closing = closing_seconds(clock.budget)
    if stored:
        setup = Setup.from_json(stored["run"]["setup"])
        choice = Choice.from_json(stored["run"]["choice"])
    else:
        spread = ask.spread(options.strategy, space)
        setup = plan_run(parts, space, starts, options, clock, spread)
        choice = ask.decided(space, setup.default, parts, setup, options)
    if math.isfinite(clock.budget):
        sure = min(setup.search_seconds, SURE_SEARCH * clock.left())
        clock.search_until = clock.elapsed() + sure
    soonest = [arch for arch in starts if is_fitted(decode(space, arch))][:1]
    tried = tuple(dict.fromkeys((*soonest, setup.default, *choice.past, *starts)))
    return Job(task, options, clock, problem, setup, parts, made[0][1], tried, choice)


def closing_seconds(budget: float) -> float:
    """Return what export and report are given: 8 s, less where the whole budget is short."""
    return min(8.0, 0.12 * budget)


def _study_name(folder: folders.Folder, url: str | None) -> str:
    """Return the study's name: in a storage that is shared, that of the run folder."""
    return STUDY if url is None else folder.path.resolve().name


def _storage(folder: folders.Folder, url: str | None) -> Any:
    folder.path.mkdir(parents=True, exist_ok=True)
    return open_storage(url or folder.study)


def _best(job: Job, history: History, known: Weights) -> Weights:
    """Return the best trial's weights; trained again, where an earlier command had found them."""
    if known:
        return known
    result = replace(job.evaluator(), stop=never)(history.best().proposal)
    return result.artefacts["state"]  # type: ignore[return-value]
