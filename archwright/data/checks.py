"""The data doctor: what a careful colleague would notice before training anything.

Reads a finished task and changes nothing. Fast: hashes, counts, and a sample.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from archwright.data.task import FILES, Finding, Rows, Task

Level = Literal["info", "warning", "serious"]

SAMPLE = 5_000
"""Rows looked at for columns that give the target away; half of them fit, half of them judge."""

TELLING = 0.99
OPAQUE = ("text", *FILES)
"""Types of columns that are not looked at one value against another."""

FEW_ROWS = 200


def examine(task: Task) -> tuple[Finding, ...]:
    """Return everything worth saying about a task's data, the gravest first."""
    checks = (_few, _sorted, _copies, _imbalance, _absent, _open, _columns, _unseen, _telling)
    found = chain.from_iterable(check(task) for check in checks)
    order = ("serious", "warning", "info")
    return tuple(sorted(found, key=lambda finding: order.index(finding.level)))


def _few(task: Task) -> Iterator[Finding]:
    rows = len(task)
    if rows < FEW_ROWS:
        yield Finding(
            "warning",
            "Very few rows",
            f"{rows} rows, {len(task.splits.test)} of them for the test: one row moves the test "
            f"score by {1 / len(task.splits.test):.1%}. Take scores as rough, or use --folds.",
        )


def _sorted(task: Task) -> Iterator[Finding]:
    if task.target.ndim > 1:
        return
    target = task.target[task.splits.development]
    blocks = int(np.count_nonzero(np.diff(target))) + 1
    rising = bool((np.diff(target) >= 0).all() or (np.diff(target) <= 0).all())
    grouped = bool(task.classes) and blocks == len(np.unique(target))
    by_folders = task.read.get("layout") == "files"
    if by_folders or not (rising or grouped):
        return
    harmless = "drawn at random" in task.splits.how or "as given" in task.splits.how
    detail = "The rows lie sorted by the target in the source. "
    if harmless:
        yield Finding("info", "Sorted by target", detail + "Harmless here: rows are shuffled.")
        return
    yield Finding(
        "warning",
        "Sorted by target",
        f"{detail}The split ({task.splits.how}) follows that order, so the parts may differ.",
    )


def _copies(task: Task) -> Iterator[Finding]:
    """Rows of one part that are found in another, judged by their inputs alone."""
    hashes = _hashes(task)
    pairs = (("test", "development"), ("validation", "train"))
    for name, other in pairs:
        rows, others = getattr(task.splits, name), getattr(task.splits, other)
        count = int(np.isin(hashes[rows], hashes[others]).sum())
        if not count:
            continue
        share = count / len(rows)
        coarse = len(np.unique(hashes)) < len(hashes) / 2  # few columns: equal rows are no copies
        level: Level = "serious" if share > 0.1 else "warning" if share > 0.01 else "info"
        level = "info" if coarse else level
        where = "training or validation" if other == "development" else "training"
        yield Finding(
            level,
            f"Duplicates across splits ({name})",
            f"{count} of {len(rows)} {name} rows ({share:.1%}) have the same inputs as a {where} "
            f"row; the {name} score may flatter. Remove copies, or use split='group:COLUMN'.",
        )


def _hashes(task: Task) -> NDArray[Any]:
    """Return a number for each row, equal for equal inputs."""
    parts = list[NDArray[Any]]()
    cells = [column.name for column in task.columns if column.used and column.type not in FILES]
    if task.table is not None and cells:
        parts.append(pd.util.hash_pandas_object(task.table[cells], index=False).to_numpy())
    for array in task.arrays:
        flat = array.reshape(len(task), -1)
        hashes = (hash(row.tobytes()) for row in flat)
        parts.append(np.fromiter(hashes, np.int64, len(flat)).view(np.uint64))
    if len(parts) == 1:
        return parts[0]
    return pd.util.hash_pandas_object(pd.DataFrame(dict(enumerate(parts))), index=False).to_numpy()


def _imbalance(task: Task) -> Iterator[Finding]:
    if not task.classes:
        return
    counts = np.bincount(task.target, minlength=len(task.classes))
    low, high = int(counts.argmin()), int(counts.argmax())
    ratio = counts[high] / counts[low]
    if ratio < 3:
        return
    yield Finding(
        "warning" if ratio >= 10 else "info",
        "Imbalanced classes",
        f"Class {task.classes[high]!r} has {counts[high]} rows, {task.classes[low]!r} has "
        f"{counts[low]} ({ratio:.1f} times fewer). Always answering {task.classes[high]!r} is "
        f"right in {counts[high] / counts.sum():.1%}; balanced accuracy tells more than accuracy.",
    )


def _absent(task: Task) -> Iterator[Finding]:
    """Classes, or labels, that one of the parts has no example of."""
    if task.kind in ("regression", "multitask"):
        return
    names, what = task.classes or task.outcomes, "Class" if task.classes else "Label"
    for name in ("train", "validation", "test"):
        part = task.target[getattr(task.splits, name)]
        there = set(np.unique(part) if task.classes else np.flatnonzero(part.any(0)))
        gone = [names[i] for i in range(len(names)) if i not in there]
        if not gone:
            continue
        grave = name == "train"
        ending = "it can never be predicted" if grave else "its score there cannot be told"
        yield Finding(
            "serious" if grave else "warning",
            f"{what} missing from {name}",
            f"{_list(gone)} {'has' if len(gone) == 1 else 'have'} no row in the {name} part: "
            f"{ending}. Add rows, or leave the {what.lower()} out.",
        )


def _open(task: Task) -> Iterator[Finding]:
    """Series that end early, and series with gaps."""
    if task.modality != "series":
        return
    known = np.isfinite(np.asarray(task.inputs))
    length = known.shape[2]
    ends = length - known.any(1)[:, ::-1].argmax(1)
    if ends.min() < length:
        yield Finding(
            "info",
            "Series of unequal length",
            f"They have {ends.min()} to {length} steps. Shorter ones are padded; networks leave "
            "the padding out when they pool over time.",
        )
    inside = np.arange(length) < ends[:, None]
    gaps = int((~known & inside[:, None]).any((1, 2)).sum())
    if gaps:
        yield Finding(
            "info",
            "Gaps in series",
            f"{gaps} of {len(task)} series lack values inside; they are filled in a straight line.",
        )


def _columns(task: Task) -> Iterator[Finding]:
    titles = {"identifier": "Identifier columns", "constant": "Constant columns"}
    for kind, title in titles.items():
        named = [column for column in task.columns if column.type == kind]
        if named:
            why = "; ".join(f"{column.name!r}: {column.reason}" for column in named[:5])
            more = f"; and {len(named) - 5} more" if len(named) > 5 else ""
            yield Finding("info", title, f"Not used. {why}{more}.")
    rows = len(task)
    sparse = [c for c in task.columns if c.used and rows / 2 < c.missing < rows]
    if sparse:
        shares = ", ".join(f"{c.name!r} ({c.missing / rows:.0%})" for c in sparse[:5])
        yield Finding("warning", "Mostly missing", f"More than half is missing in {shares}.")
    codes = [c.name for c in task.columns if _number(c.name)]
    counted = all(name.isdigit() for name in codes)  # 0, 1, 2 ...: columns without names
    if len(codes) > 1 and len(codes) == len(task.columns) and not counted:
        yield Finding(
            "warning",
            "No header?",
            f"All columns are named by numbers ({', '.join(codes[:5])} ...): if the first line "
            "holds data, add a line with names above it.",
        )


def _unseen(task: Task) -> Iterator[Finding]:
    """Categories that only test or validation rows have."""
    if task.table is None:
        return
    for column in task.columns:
        if column.type != "categorical":
            continue
        values = task.table[column.name]
        known = values.iloc[task.splits.train].unique()
        rest = np.concatenate([task.splits.validation, task.splits.test])
        new = values.iloc[rest][~values.iloc[rest].isin(known)].dropna()
        if len(new):
            yield Finding(
                "info",
                f"Categories not seen in training ({column.name})",
                f"{_list([str(value) for value in new.unique()])} in {len(new)} rows of validation "
                "or test; they are treated as unknown.",
            )


def _telling(task: Task) -> Iterator[Finding]:
    """Columns that alone predict the target nearly perfectly: mostly leaks from the answer."""
    if task.table is None or task.target.ndim > 1:
        return
    used = [column for column in task.columns if column.used and column.type not in OPAQUE]
    rows = np.random.default_rng(0).permutation(task.splits.train)
    rows = rows[: min(SAMPLE, max(500, 2_000_000 // max(1, len(used))))]
    for column in used:
        score = _alone(task, task.table[column.name], rows)
        if score < TELLING:
            continue
        what = "balanced accuracy" if task.classes else "R²"
        yield Finding(
            "serious",
            f"Column {column.name!r} gives the target away",
            f"It alone predicts {task.target_name!r} with {what} {score:.3f} on rows held out. If "
            "it is not known when predictions are made, remove it.",
        )


def _alone(task: Task, values: pd.Series, rows: Rows) -> float:
    """Return how well one column predicts half of the rows from the nearest values of the rest."""
    numbers, target, half = _numbers(values.iloc[rows]), task.target[rows], len(rows) // 2
    known, place = np.unique(numbers[:half], return_inverse=True)
    if task.kind == "regression":
        sums = np.bincount(place, weights=target[:half])
        guess = np.interp(numbers[half:], known, sums / np.bincount(place))
        spread = ((target[half:] - target[:half].mean()) ** 2).sum()
        return 1 - float(((target[half:] - guess) ** 2).sum() / spread) if spread else 0.0
    table = np.zeros((len(known), len(task.classes)), dtype=np.int32)
    np.add.at(table, (place, target[:half]), 1)
    nearest = np.searchsorted((known[1:] + known[:-1]) / 2, numbers[half:])
    right = table.argmax(axis=1)[nearest] == target[half:]
    return float(np.mean([right[target[half:] == label].mean() for label in set(target[half:])]))


def _numbers(values: pd.Series) -> NDArray[np.float64]:
    """Return a column as numbers: dates by time, categories by code; gaps lie apart."""
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        values = values.astype("int64")
    if not pd.api.types.is_numeric_dtype(values.dtype):
        return np.asarray(pd.factorize(values)[0], dtype=np.float64)
    found = values.to_numpy(dtype=np.float64)
    gaps = np.isnan(found)
    return np.where(gaps, found[~gaps].min(initial=0.0) - 1, found)


def _number(text: str) -> bool:
    return text.replace(".", "", 1).lstrip("-").isdigit()


def _list(names: list[str]) -> str:
    shown = ", ".join(map(repr, names[:5]))
    return shown + (f" and {len(names) - 5} more" if len(names) > 5 else "")
