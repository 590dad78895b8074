"""The top of the report: one number and what it means, what the network costs, what it took."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from archwright import registry
from archwright.report.insights import margin, random_search, verdict
from archwright.report.record import Record
from archwright.report.words import SHARES, compact, duration, gap, number, plural, score


@dataclass(frozen=True)
class Summary:
    """What someone reads who reads nothing else.

    Args:
        big: The test score.
        meaning: What it says, as the rest of a sentence.
        sure: How far it may be off.
        facts: (value, what it is) pairs.
    """

    big: str
    meaning: str
    sure: str
    verdict: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Promise:
    """Something that was forecast, and how it came out (empty where nobody measured it)."""

    what: str
    forecast: str
    outcome: str


def summary(record: Record) -> Summary:
    """Return the summary."""
    value = next(e for e in record.leaderboard if e.role == "winner").test[record.aim.metric]
    rows = len(record.target)
    noise = margin(record.truth, record.answers, record.aim) / math.sqrt(2)
    about = gap(record.aim, value, value + noise)
    if record.aim.metric not in SHARES:
        about = number(float(f"{noise:.2g}"))
    estimate = random_search(record.history, record.aim, len(record.history.believed().done))
    board, truth = record.leaderboard, record.truth
    found = record.history.best().metrics[record.aim.metric]
    return Summary(
        big=score(record.aim.metric, value, rows),
        meaning=_meaning(record, value),
        sure=f"On another {rows:,} such {noun(record)} expect this to differ by up to {about}.",
        verdict=verdict(board, record.aim, truth, record.answers, estimate, found),
        facts=tuple(_facts(record)),
    )


def noun(record: Record) -> str:
    """Return what the examples are called."""
    return registry.MODALITIES[record.task.modality].many


def one(record: Record) -> str:
    """Return what one of the examples is called."""
    return registry.MODALITIES[record.task.modality].one


def promises(record: Record) -> list[Promise]:
    """Return each forecast beside its outcome."""
    seconds = _mapping(record.metrics, "seconds")
    budget = seconds.get("budget")
    found = []
    if isinstance(budget, int | float) and "total" in seconds:
        found.append(Promise("time", duration(float(budget)), duration(float(seconds["total"]))))
    for name, promised in record.forecast.items():
        outcome = _outcome(record, name)
        found.append(Promise(_words(name), _quantity(name, promised), _quantity(name, outcome)))
    return found


MEANINGS = {
    "mean_score": "is the mean of accuracies and R² over {target} (1 is perfect), on {unseen}",
    "accuracy": "of {unseen} were classified correctly",
    "balanced_accuracy": "of each class were recognised on average, on {unseen}",
    "subset_accuracy": "of {unseen} were given exactly the right labels",
    "macro_f1": "mean F1 over the {every} (1 is perfect) on {unseen}",
    "micro_f1": "F1 over all labels together (1 is perfect) on {unseen}",
    "average_precision": "average precision: how well each label finds its own first, on {unseen}",
    "roc_auc": "is how often it ranks a right example above a wrong one, on {unseen}",
    "log_loss": "log loss on {unseen}: the right answer is typically given {likely}",
    "rank_error": "is by how many ranks {target} is missed on average, on {unseen}",
    "quadratic_kappa": "quadratic kappa (1 is perfect, 0 is chance) on {unseen}",
    "nrmse": "is the typical error in {target}, in standard deviations, on {unseen}",
    "rmse": "is the typical error (RMSE) in {target}, on {unseen}",
    "mae": "is the average error in {target}, on {unseen}",
    "r2": "R²: so much of what varies in {target} it explains (1 is all), on {unseen}",
}
"""What the test score of each metric says, to follow the number itself."""


def _meaning(record: Record, value: float) -> str:
    return MEANINGS[record.aim.metric].format(
        unseen=f"{len(record.truth):,} {noun(record)} it had never seen",
        target=record.task.target_name,
        every="labels" if record.task.kind == "multilabel" else "classes",
        likely=f"{100 * math.exp(-value):.0f} %",
    )


def _facts(record: Record) -> list[tuple[str, str]]:
    metrics, seconds = record.metrics, _mapping(record.metrics, "seconds")
    found = []
    if (params := metrics.get("params", record.winner.metrics.get("params"))) is not None:
        size = f"parameters, about {_bytes(4 * float(params))} on disk"
        found.append((compact(float(params)), size))
    if (macs := metrics.get("macs", record.winner.metrics.get("macs"))) is not None:
        found.append((compact(float(macs)), f"multiplications for one {one(record)}"))
    latency = metrics.get("latency_ms", record.winner.metrics.get("latency_ms"))
    if latency is not None:
        found.append((f"{number(float(f'{float(latency):.2g}'))} ms", "for one answer on this CPU"))
    done = len(record.history.done)
    tried = f"{'network' if done == 1 else 'networks'} trained and compared"
    if stopped := len(record.history.stopped):
        tried += f"; {stopped:,} stopped early"
    if failed := len(record.history.failed):
        tried += f"; {failed:,} failed"
    found.append((f"{done:,}", tried))
    if "total" in seconds:
        budget = seconds.get("budget")
        promised = f" of the promised {duration(float(budget))}" if budget else ""
        found.append((duration(float(seconds["total"])), f"for everything{promised}"))
    return found


def _outcome(record: Record, name: str) -> Any:
    """Return what became of a forecast, from the metrics; None where nothing tells."""
    key = name.casefold()
    if key in ("trials", "trainings"):
        return len(record.history.done)
    seconds = _mapping(record.metrics, "seconds")
    for known in (record.metrics, seconds):
        if isinstance(known.get(name), int | float | str):
            return known[name]
    return seconds.get(name.removesuffix("_seconds")) if name.endswith("_seconds") else None


def _quantity(name: str, value: Any) -> str:
    """Return a forecast or an outcome in the unit that the end of its name tells."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if name.endswith("seconds"):
        return duration(float(value))
    if name.endswith(("bytes", "_mb", "_gb")):
        factor = {"_mb": 1e6, "_gb": 1e9}.get(name[-3:], 1.0)
        return _bytes(float(value) * factor)
    return number(float(value))


def _words(name: str) -> str:
    for unit in ("_seconds", "_bytes", "_mb", "_gb"):
        name = name.removesuffix(unit)
    return name.replace("_", " ")


def _bytes(size: float) -> str:
    for unit, name in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if size >= unit:
            return f"{size / unit:.3g} {name}"
    return plural(round(size), "byte")


def _mapping(metrics: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = metrics.get(name)
    return found if isinstance(found, Mapping) else {}
