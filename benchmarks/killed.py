"""Kills a search five times, resumes it each time, and compares it with one never killed.

It knows the command line, and Optuna, which reads every study that archwright leaves.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import optuna

from benchmarks.runs import POLL, Failure, clear, command, kill, running

TRIALS, KILLS = 40, 5
EPOCHS = 8
"""Short trainings: the search takes about half a minute on the digits."""

CLOCKS = ("latency_ms", "step_ms", "seconds")
"""Metrics that are measured on the clock, so that no two trainings agree on them."""

LIMIT = 900.0
"""Seconds after which one command is given up."""


@dataclass(frozen=True)
class Moment:
    """When to kill: after so many trials, and a part of a trial more."""

    trials: int
    seconds: float


def different_trials(data: Path, work: Path, seed: int = 0) -> tuple[int, list[str]]:
    """Return how many trials differ between the two searches, and how, in sentences.

    Raises:
        Failure: a search ended before it could be killed, failed, or left no result.
    """
    whole, killed = work / "never-killed", work / "killed"
    words = ["search", str(data), "--trials", str(TRIALS), "--epochs", str(EPOCHS)]
    words += ["--seed", str(seed), "--out"]
    for run in (whole, killed):
        clear(run)
    command([*words, str(whole)], work / "never-killed.log", limit=LIMIT)
    usual = sum(trial["seconds"] for trial in trials(whole)) / TRIALS
    for life, moment in enumerate(moments(Random(f"kill/{seed}"), usual)):
        start = ["resume", str(killed)] if life else [*words, str(killed)]
        _killed_at(moment, start, work / f"killed-{life}.log")
    command(["resume", str(killed)], work / f"killed-{KILLS}.log", limit=LIMIT)
    if not (killed / "report.html").is_file():
        raise Failure(f"{killed}: the last resume left no report")
    told = differences(trials(whole), trials(killed))
    if plan(whole) != plan(killed):
        told.insert(0, f"the plans differ: {plan(whole)} != {plan(killed)}")
    return sum(line.startswith("trial") for line in told), told


def moments(rng: Random, usual: float) -> list[Moment]:
    """Return five moments, one in each fifth of the search.

    Each is a number of finished trials and a part of a trial, so that it falls within the search
    however fast the machine happens to be.

    Args:
        usual: What a trial takes, in seconds.
    """
    part = TRIALS // KILLS
    at = [part * i + rng.randrange(1 if i == 0 else 0, part) for i in range(KILLS)]
    return [Moment(min(number, TRIALS - 2), rng.uniform(0.0, usual)) for number in at]


def trials(run: Path) -> list[dict[str, Any]]:
    """Return what a study says of each trial."""
    return [
        {
            "arch": trial.params,
            "state": trial.state.name,
            **{key: trial.user_attrs.get(key) for key in ("origin", "parent", "fidelity")},
            "metrics": {
                key: value
                for key, value in trial.user_attrs.get("metrics", {}).items()
                if key not in CLOCKS
            },
            "seconds": trial.user_attrs.get("seconds", 0.0),
        }
        for trial in _study(run).get_trials(deepcopy=False)
    ]


def plan(run: Path) -> Any:
    """Return how the search of a run folder computes, as it has stored it."""
    return _study(run).user_attrs["run"]["setup"]["plan"]


def _study(run: Path) -> optuna.Study:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    storage = f"sqlite:///{run / 'study.db'}"
    [name] = optuna.get_all_study_names(storage)
    return optuna.load_study(study_name=name, storage=storage)


def differences(expected: list[dict[str, Any]], found: list[dict[str, Any]]) -> list[str]:
    """Return a sentence for each trial that differs in anything but the clock, or is missing."""
    told = []
    for number in range(max(len(expected), len(found))):
        if number >= min(len(expected), len(found)):
            where = "the killed" if number < len(expected) else "the whole"
            told.append(f"trial {number} is not in {where} search")
            continue
        one, other = expected[number], found[number]
        wrong = [key for key in one if key not in CLOCKS and one[key] != other[key]]
        if wrong:
            pairs = ", ".join(f"{key}: {one[key]} != {other[key]}" for key in wrong)
            told.append(f"trial {number} differs in {pairs}")
    return told


def _killed_at(moment: Moment, words: list[str], log: Path) -> None:
    """Start a search, and kill it with everything it started when the moment has come."""
    began, due = time.monotonic(), None
    with running(words, log) as process:
        while due is None or time.monotonic() < due:
            if process.poll() is not None:
                raise Failure(f"archwright {words[0]} ended before it was killed; see {log}")
            if time.monotonic() - began > LIMIT:
                raise Failure(f"archwright {words[0]}: no trial to kill it in; see {log}")
            if due is None and reached(log.read_text(encoding="utf-8")) >= moment.trials:
                due = time.monotonic() + moment.seconds
            time.sleep(POLL)
        kill(process)


def reached(log: str) -> int:
    """Return how many trials the progress lines in a log speak of."""
    return max(map(int, re.findall(r"; trial (\d+) of", log)), default=0)
