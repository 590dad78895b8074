"""What a comparison says in numbers: one record a number, in the form of the benchmark files.

A record's `spread` is the bootstrap interval of its value. The main number of a protocol is tested
against the reference, seed by seed, with p-values that may be read together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from archwright.bench.compare import Comparison
from archwright.bench.protocols import SECONDS, Run
from archwright.bench.statistics import Statistic, estimate, holm, iqm, mean, wilcoxon

Record = dict[str, Any]

CHECKPOINTS = (10, 20, 30, 50, 100, 192)
"""After so many trainings the reported accuracy is looked at."""

SOON = 60
"""Queries by which a good search is at its goal."""


@dataclass(frozen=True)
class Measure:
    """A number of each search, and what is made of the numbers of all seeds.

    Args:
        metric: Its name in records.
        better: `lower` or `higher`.
        of: Reads it off a run.
        statistic: Joins the seeds.
    """

    metric: str
    better: str
    of: Callable[[Run], float]
    statistic: Statistic = mean


def records(comparison: Comparison) -> list[Record]:
    """Return all records; of each strategy the first is the number that is tested."""
    measures = _measures(comparison)
    main = measures[0]
    tested = _tests(comparison, main)
    made: list[Record] = []
    for name, runs in comparison.runs.items():
        case = f"{comparison.table}/{comparison.terms.protocol}/{name}"
        found = [_record(case, each, runs) for each in measures]
        found[0] |= tested.get(name, {})
        for each in _strict(comparison) if name in comparison.strict else ():
            found.append(_record(case, each, comparison.strict[name]))
        made += [*found, *_reaching(comparison, case, runs)]
    return made


def at(run: Run, trials: int) -> float:
    """Return what was reported after so many trials, or at the end if that came before."""
    return run.reported[min(trials, len(run.reported)) - 1]


def after(run: Run, seconds: float) -> float:
    """Return what was reported when so many simulated seconds were over; NaN if nothing was."""
    known = [value for value, time in zip(run.reported, run.clock, strict=True) if time <= seconds]
    return known[-1] if known else math.nan


def handed_over(run: Run, seconds: float) -> float:
    """Return the same where who has nothing to hand over has no accuracy at all."""
    found = after(run, seconds)
    return 0.0 if math.isnan(found) else found


def queries(run: Run, most: int) -> float:
    """Return how many networks were trained until an optimum; `most` if none was found."""
    return float(run.hit or most)


def median(values: Any) -> Any:
    return np.median(values, -1)


def time_to(runs: Sequence[Run], value: float) -> float:
    """Return from which simulated second on the mean over seeds stays at `value` or above.

    Infinity if that is never so.
    """
    moments = sorted({time for run in runs for time in run.clock if time <= SECONDS})
    curve = [np.mean([handed_over(run, moment) for run in runs]) for moment in moments]
    below = [i for i, reached in enumerate(curve) if reached < value]
    first = below[-1] + 1 if below else 0
    return moments[first] if first < len(moments) else math.inf


def _measures(comparison: Comparison) -> list[Measure]:
    most = comparison.terms.trials
    if comparison.terms.protocol == "timed":
        accuracy = [Measure("accuracy", "higher", lambda run: handed_over(run, SECONDS))]
        return [*accuracy, *_costs()]
    accuracies = [
        Measure(f"accuracy_{k}", "higher", lambda run, k=k: at(run, k))  # type: ignore[misc]
        for k in sorted({*(k for k in CHECKPOINTS if k <= most), min(most, max(CHECKPOINTS))})
    ]
    if not comparison.has_optimum:
        *rest, last = accuracies
        robust = Measure("accuracy_iqm", "higher", last.of, iqm)
        return [last, robust, *rest, *_costs()]
    return [*_queries(most), *accuracies, *_costs()]


def _queries(most: int) -> list[Measure]:
    def count(run: Run) -> float:
        return queries(run, most)

    found = [
        Measure("queries", "lower", count),
        Measure("queries_iqm", "lower", count, iqm),
        Measure("queries_median", "lower", count, median),
        Measure("hit_rate", "higher", lambda run: float(run.hit > 0)),
    ]
    soon = Measure(f"hit_rate_{SOON}", "higher", lambda run: float(0 < run.hit <= SOON))
    return [*found, soon] if most > SOON else found


def _strict(comparison: Comparison) -> list[Measure]:
    most = comparison.terms.trials
    return [
        Measure("strict_queries", "lower", lambda run: queries(run, most)),
        Measure("strict_hit_rate", "higher", lambda run: float(run.hit > 0)),
    ]


def _costs() -> list[Measure]:
    return [
        Measure("exploring", "lower", lambda run: run.exploring),
        Measure("ms_a_trial", "lower", lambda run: 1000 * run.seconds / len(run.reported), median),
    ]


def _record(case: str, measure: Measure, runs: Sequence[Run]) -> Record:
    found = estimate([[measure.of(run) for run in runs]], measure.statistic)
    return {
        "case": case,
        "metric": measure.metric,
        "value": found.value,
        "spread": [found.low, found.high],
        "seeds": len(runs),
        "better": measure.better,
        "goal": None,
    }


def _tests(comparison: Comparison, main: Measure) -> dict[str, Mapping[str, Any]]:
    """Return by strategy how it stands to the reference, Holm-corrected over all of them."""
    reference = comparison.reference
    if not reference:
        return {}
    own = [main.of(run) for run in comparison.runs[reference]]
    others = [name for name in comparison.runs if name != reference]
    sign = -1 if main.better == "lower" else 1
    values = {name: [main.of(run) for run in comparison.runs[name]] for name in others}
    p_values = holm([wilcoxon(values[name], own) for name in others])
    return {
        name: {
            "against": reference,
            "p": p,
            "wins": _share(sign * (a - b) > 0 for a, b in zip(values[name], own, strict=True)),
        }
        for name, p in zip(others, p_values, strict=True)
    }


def _share(truths: Iterable[bool]) -> float:
    counted = list(truths)
    return sum(counted) / len(counted)


def _reaching(comparison: Comparison, case: str, runs: Sequence[Run]) -> list[Record]:
    """Return how soon a strategy has what the reference has when the time is over."""
    if comparison.terms.protocol != "timed" or not comparison.reference:
        return []
    goal = np.mean([handed_over(run, SECONDS) for run in comparison.runs[comparison.reference]])
    share = time_to(runs, float(goal)) / SECONDS
    value = share if math.isfinite(share) else None
    return [
        {
            "case": case,
            "metric": f"time_share_to_{comparison.reference}",
            "value": value,
            "spread": [value, value],
            "seeds": len(runs),
            "better": "lower",
            "goal": None,
        }
    ]
