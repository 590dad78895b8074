"""The search itself: trials, one after the other or several at once, until time is up."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from statistics import median

from archwright.auto import ask, bounds, library, pools, replan, stopping
from archwright.auto.finish import Weights, write_interim
from archwright.auto.folder import Folder
from archwright.auto.job import Job
from archwright.auto.listen import Listener, status
from archwright.core.trial import History
from archwright.errors import RunError
from archwright.methods.blackbox import Search
from archwright.methods.blackbox import search as run_search
from archwright.study import Study

MOST_FAILURES = 20
"""A search gives up when so many trials have failed and none has been done."""


def fill(study: Study, job: Job, hear: Listener, folder: Folder | None) -> Weights:
    """Run the search; return the weights of the best trial, which is also kept on disk.

    The weights are empty when the best trial was finished by an earlier run of the command.

    Raises:
        RunError: no trial could finish.
    """
    clock, before = job.clock, study.notes.get("spent", 0.0)
    planned = clock.search_until
    best: Weights = {}
    with (
        library.opened(job, folder) as checkpoints,
        pools.trials(job) as executor,
        pools.processes(job) as careful,
    ):
        parents = checkpoints if job.options.inherit else None
        plan = Search(
            strategy=ask.strategy(job),
            evaluate=replace(job.evaluator(), parents=parents, left=clock.search_left),
            refuse=lambda proposal: bounds.refuse(job, proposal),
            workers=job.setup.workers,
            seed=job.options.seed,
            go_on=lambda history: _go_on(job, history),
            inform=partial(stopping.informed, job),
        )
        for trial, result in run_search(study, plan, executor, careful):
            history = study.history()
            clock.model_ready = bool(history.done)
            clock.search_until = replan.search_until(job, history, planned)
            if result is not None and history.best().number == trial.number:
                best = result.artefacts["state"]  # type: ignore[assignment]
                if folder:
                    write_interim(folder, job, trial, best)
            if result is not None and checkpoints is not None:
                library.keep(checkpoints, trial, result, history)
            study.note("spent", before + clock.elapsed())
            hear.status(status(job, history))
    if clock.finish_now:
        hear.say("Asked to finish now, with the best so far; a second Ctrl-C stops at once.")
    if not study.history().done:
        raise RunError(_nothing_done(study.history()))
    return best


def _nothing_done(history: History) -> str:
    if not history.failed:
        return "the search was stopped before a trial could finish"
    reason = history.failed[0].error.strip().splitlines()[-1]
    return (
        f"all {len(history.failed)} trials failed; the first one: {reason}."
        " Give more budget, looser bounds, or look at the study for the others"
    )


def _go_on(job: Job, history: History) -> bool:
    """Whether there is time, and leave, for another trial: as much as the last ones took.

    Half of them took longer; one that would is trained for as long as there is.
    """
    if job.clock.finish_now and history.done:
        return False
    if job.options.trials is not None and len(history) >= job.options.trials:
        return False
    if not history.done:
        asked = job.clock.finish_now and history.failed
        return len(history) < MOST_FAILURES and job.clock.left() > 0 and not asked
    return job.clock.search_left() > median(trial.seconds for trial in history.done[-8:])
