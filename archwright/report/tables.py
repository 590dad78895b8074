"""The report's tables: leaderboard, classes, worst rows, columns, failures. Text only, capped."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from archwright import registry
from archwright.core.objective import WORDS
from archwright.data.task import FILES
from archwright.report.mistakes import (
    ClassScore,
    Confusion,
    ValueScore,
    confused,
    confusion,
    per_class,
    per_label,
    per_target,
    per_value,
    surprises,
    worst,
)
from archwright.report.outlooks import apart, by_series, where
from archwright.report.record import Entry, Record
from archwright.report.words import NOTHING, compact, duration, number, plural, score

MOST_ROWS = 100
MOST_COLUMNS = 12
MOST_CLASSES = 30
MISTAKES, OUTLOOKS = 24, 12
CELL, WIDE = 60, 300
"""Letters of a cell at most: of one among many, and of all in a row together."""

ROLES = {
    "winner": "kept",
    "finalist": "finalist",
    "default": "hand-made",
    "rival": "rival",
    "estimate": "estimate",
}


@dataclass(frozen=True)
class Standing:
    """A row of the leaderboard; `cells` are (validation, test) texts for each metric."""

    name: str
    role: str
    kind: str
    cells: tuple[tuple[str, str], ...]
    params: str
    macs: str
    latency: str
    seconds: str
    note: str


@dataclass(frozen=True)
class Mistake:
    """One of the worst answers: a picture, or the cells of its row.

    Args:
        where: What it is of, where the answer itself is drawn and not told.
        pictures: Of cells that name files, what these hold, by column.
    """

    row: int
    true: str
    predicted: str
    sure: str
    picture: str = ""
    cells: tuple[str, ...] = ()
    where: str = ""
    pictures: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Failure:
    """Trials that failed for the same reason, and one of the reasons in full."""

    reason: str
    count: int
    example: str


def metric_names(record: Record) -> list[str]:
    """Return the metrics of the leaderboard, the aim first."""
    names = {name for entry in record.leaderboard for name in (*entry.validation, *entry.test)}
    known = [name for name in WORDS if name in names and name not in _costs()]
    return [record.aim.metric, *(name for name in known if name != record.aim.metric)]


def standings(record: Record) -> list[Standing]:
    """Return the leaderboard, the best on the test rows first, estimates last."""
    names = metric_names(record)
    aim = record.aim

    def place(entry: Entry) -> tuple[bool, float, bool]:
        tested = aim.metric in entry.test
        return not tested, aim.loss(entry.test) if tested else 0.0, entry.role != "winner"

    return [
        Standing(
            entry.name,
            entry.role,
            ROLES[entry.role],
            tuple(_pair(entry, name, record) for name in names),
            NOTHING if entry.params is None else compact(entry.params),
            NOTHING if entry.macs is None else compact(entry.macs),
            NOTHING if entry.latency_ms is None else f"{entry.latency_ms:.2g} ms",
            NOTHING if entry.role == "estimate" else duration(entry.seconds),
            entry.note,
        )
        for entry in sorted(record.leaderboard, key=place)
    ]


def both(record: Record) -> list[tuple[str, ...]]:
    """Return what the ensemble is and what its first member is alone, by what is compared.

    The first row names the two. Empty where no ensemble was handed over.
    """
    found = record.metrics.get("ensemble", {})
    if not found.get("members"):
        return []
    metric, rows, alone = record.aim.metric, len(record.target), found["single"]
    pair = {**record.metrics, "validation": found["validation"]}, alone
    texts = {
        "": ["ensemble", f"trial {alone['trial']} alone"],
        f"{WORDS[metric]} on test": [score(metric, each["test"][metric], rows) for each in pair],
        "on validation": [score(metric, each["validation"][metric], rows) for each in pair],
        "parameters": [compact(each["params"]) for each in pair],
        "MACs": [compact(each["macs"]) for each in pair],
        "latency": [f"{each['latency_ms']:.2g} ms" for each in pair],
    }
    return [(what, *values) for what, values in texts.items()]


def classes(record: Record) -> list[ClassScore]:
    """Return the scores of each class or label, the worst first where there are many."""
    if record.task.kind == "multilabel":
        found = per_label(record.truth, record.answers, record.task.outcomes)
    elif record.task.classes:
        found = per_class(confusion(record.target, record.answers), record.task.classes)
    else:
        return []
    if len(found) <= MOST_CLASSES:
        return found
    return sorted(found, key=lambda each: each.f1)[:MOST_ROWS]


def values(record: Record) -> list[ValueScore]:
    """Return the scores of each of several values, the worst first where there are many.

    Of forecasts those of each series: the steps ahead have a chart.
    """
    if record.task.modality == "forecast":
        return by_series(record)[:MOST_CLASSES]
    if record.task.kind != "regression" or not record.task.outcomes:
        return []
    found = per_value(record.truth, record.answers, record.task.outcomes)
    if len(found) <= MOST_CLASSES:
        return found
    return sorted(found, key=lambda each: each.r2)[:MOST_ROWS]


def targets(record: Record) -> list[tuple[str, str, str]]:
    """Return the targets of a multitask: name, what each is, and its scores in words."""
    if record.task.kind != "multitask":
        return []
    rows = len(record.target)
    return [
        (
            each.name,
            f"{each.classes} classes" if each.classes else "value",
            ", ".join(f"{WORDS[name]} {score(name, v, rows)}" for name, v in each.scores.items()),
        )
        for each in per_target(record.truth, record.answers, record.task.outcomes)
    ]


def pairs(record: Record) -> list[tuple[Confusion, str, str]]:
    """Return the most confused pairs of classes, with the classes' names."""
    names = record.task.classes
    found = confused(confusion(record.target, record.answers), MOST_CLASSES)
    return [(each, names[each.true], names[each.predicted]) for each in found]


def shown_columns(record: Record) -> list[str]:
    """Return the input columns that a table of mistakes has room for."""
    table = record.task.table
    if table is None:
        return []
    used = [column for column in record.task.columns if column.used]
    used.sort(key=lambda column: column.type not in FILES)
    return ([column.name for column in used] or [str(name) for name in table])[:MOST_COLUMNS]


def mistakes(record: Record) -> list[Mistake]:
    """Return the worst mistakes with their pictures or rows."""
    modality = registry.MODALITIES[record.task.modality]
    most = len(record.target) if modality.outlooks else MISTAKES
    places = worst(record.truth, record.answers, most)
    places = apart(record, places, OUTLOOKS) if modality.outlooks else places
    rows = record.task.splits.test[places]
    task, texts = record.task, [_answer(record, int(place)) for place in places]
    if modality.outlooks:
        drawn = zip(
            places, rows, texts, registry.load(modality.outlooks)(record, places), strict=True
        )
        return [
            Mistake(int(row), *text, picture=uri, where=where(record, int(place)))
            for place, row, text, uri in drawn
        ]
    pictures = modality.pictures
    uris = registry.load(pictures)(task.inputs, rows) if pictures else [{}] * len(rows)
    if task.table is None:
        both = zip(rows, texts, uris, strict=True)
        return [Mistake(int(row), *text, picture=uri) for row, text, uri in both]
    some = task.table.iloc[rows][shown_columns(record)]
    most = max(CELL, WIDE // max(1, some.shape[1]))
    cells = [tuple(_cell(value, most) for value in row) for row in some.itertuples(index=False)]
    together = zip(rows, texts, cells, uris, strict=True)
    return [Mistake(int(row), *text, cells=own, pictures=held) for row, text, own, held in together]


def failures(record: Record) -> list[Failure]:
    """Return the failed trials by reason, the most frequent first; numbers do not tell apart."""
    groups: dict[str, list[str]] = {}
    for trial in record.history.failed:
        reason = _reason(trial.error)
        groups.setdefault(re.sub(r"\d[\d.,]*(e[+-]?\d+)?", "#", reason), []).append(trial.error)
    found = [Failure(_cut(_reason(e[0]), 240), len(e), e[0][-3000:]) for e in groups.values()]
    return sorted(found, key=lambda each: -each.count)[:20]


def versions(metrics: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = metrics.get("versions")
    return [(str(k), str(v)) for k, v in found.items()] if isinstance(found, Mapping) else []


def parts(record: Record) -> list[tuple[str, str]]:
    """Return how many rows train, validate and test."""
    splits = record.task.splits
    sizes = (("training", splits.train), ("validation", splits.validation), ("test", splits.test))
    total = sum(len(rows) for _, rows in sizes)
    return [(name, f"{len(rows):,} ({100 * len(rows) / total:.0f} %)") for name, rows in sizes]


def _costs() -> tuple[str, ...]:
    return ("params", "macs", "latency_ms")


def _pair(entry: Entry, name: str, record: Record) -> tuple[str, str]:
    rows = len(record.target)
    seen = (entry.validation.get(name), entry.test.get(name))
    first, second = (NOTHING if value is None else score(name, value, rows) for value in seen)
    if entry.role == "estimate" and name in entry.validation:
        first = f"≈ {first}"
    return first, second


def _answer(record: Record, place: int) -> tuple[str, str, str]:
    """Return the truth, the prediction, and how sure it was or how far off."""
    task, true, output = record.task, record.target[place], record.answers[place]
    match task.kind:
        case "regression" if task.outcomes:
            apart = record.truth.misses(record.answers)[place]
            off = f"{number(float(np.sqrt(np.mean(apart**2))))} deviations"
            return _listed(true), _listed(output), off
        case "regression":
            return number(float(true)), number(float(output)), number(float(output - true))
        case "multitask":
            return _several(record, place)
        case "multilabel":
            least = 100 * np.where(true, output, 1 - output).min()
            names = _labels(task.outcomes, true), _labels(task.outcomes, output >= 0.5)
            return *names, f"one was {least:.0f} % likely"
    said = int(np.argmax(output))
    sure = f"{100 * float(output[said]):.0f} % sure"
    return _cut(task.classes[int(true)], CELL), _cut(task.classes[said], CELL), sure


def _several(record: Record, place: int) -> tuple[str, str, str]:
    """Return the truths of a multitask, the predictions, and which of them is furthest off."""
    task, rows = record.task, np.array([place])
    one, output = record.truth.at(rows), record.answers[rows]
    true, said, off = list[str](), list[str](), list[str]()
    each = zip(task.outcomes, task.levels, one.each(output), strict=True)
    for name, known, (own, answer) in each:
        if known:
            true.append(known[int(own.values[0])])
            said.append(known[int(answer[0].argmax())])
            off.append(f"{name} was {100 * own.likelihood(answer)[0]:.0f} % likely")
        else:
            true.append(number(float(own.values[0])))
            said.append(number(float(answer[0])))
            off.append(f"{name} by {number(float(abs(own.misses(answer)[0])))} deviations")
    furthest = int(surprises(one, output)[0].argmax())
    return _cut(", ".join(true), CELL), _cut(", ".join(said), CELL), off[furthest]


def _listed(values: Any) -> str:
    return _cut(", ".join(number(float(value)) for value in values), CELL)


def _labels(names: tuple[str, ...], given: Any) -> str:
    found = [name for name, one in zip(names, given, strict=True) if one]
    return _cut(", ".join(found) or "none", CELL)


def _cell(value: Any, most: int) -> str:
    if isinstance(value, float | np.floating):
        return "missing" if np.isnan(value) else number(float(value))
    return "missing" if value is None or value is pd.NaT or value is pd.NA else _cut(value, most)


def _cut(text: object, most: int) -> str:
    words = str(text)
    return words if len(words) <= most else f"{words[: most - 1]}…"


def _reason(error: str) -> str:
    """Return the line of an error that says what it was: the last of a traceback."""
    lines = [line.strip() for line in error.strip().splitlines() if line.strip()]
    return lines[-1] if lines else "no reason was kept"


def more(total: int, shown: int, thing: str) -> str:
    """Return a line that says what a capped table leaves out; empty where it is complete."""
    return f"and {plural(total - shown, thing)} more" if total > shown else ""
