"""Which rows train, which choose, which test: disjoint, deterministic in the seed.

A split that came with the data is respected: its test rows are never trained or searched on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from archwright.data.task import Rows, Splits
from archwright.errors import DataError, nearest

SHARE = 0.2
MOST_TEST, MOST_VALIDATION = 20_000, 5_000
FEWEST = 10
RARE = 4
"""A class with fewer rows than this cannot be shared out over three parts: all of it trains."""

PARTS = {
    "train": "train",
    "training": "train",
    "test": "test",
    "testing": "test",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "dev": "validation",
}
FORMS = "'group:COLUMN' and 'time:COLUMN'"


@dataclass(frozen=True)
class Way:
    """How rows are shared out: `shuffle`, `stratified`, by `group` or by `time`.

    Args:
        key: The class, group or time of each row; only its length counts for `shuffle`.
    """

    how: str
    key: NDArray[Any]
    column: str = ""


def parse_split(split: str | None, columns: list[str]) -> tuple[str, str]:
    """Return how to split and by which column (`shuffle` has none).

    Raises:
        DataError: not a form that is known, or no such column.
    """
    if split is None:
        return "shuffle", ""
    match = re.fullmatch(r"\s*(group|time)\s*:\s*(.+?)\s*", split)
    if match is None:
        raise DataError(f"split {split!r} is not understood; known are {FORMS}")
    how, column = match[1], match[2]
    if column not in columns:
        raise DataError(f"split {split!r}: there is no column {column!r}{nearest(column, columns)}")
    return how, column


def parts_of(column: pd.Series) -> NDArray[np.str_] | None:
    """Return the part that each row belongs to, or None if this is an ordinary column.

    Raises:
        DataError: some rows are named train and test, but others are neither.
    """
    known = column.map(lambda value: PARTS.get(str(value).strip().lower()))
    if "train" not in set(known) or known.nunique() < 2:
        return None
    strange = column[known.isna()]
    if len(strange):
        raise DataError(
            f"column {column.name!r} says {strange.iloc[0]!r} in row {strange.index[0] + 1} "
            f"({len(strange)} rows in all); it must say train, validation or test in every row"
        )
    return known.to_numpy(dtype=str)


def make_splits(parts: NDArray[np.str_] | None, way: Way, rows: int, seed: int) -> Splits:
    """Return the splits: as given by `parts`, and what they leave open made by `way`.

    Raises:
        DataError: there are too few rows, or too few groups.
    """
    if rows < FEWEST:
        raise DataError(
            f"the data has {rows} rows that can be used; at least {FEWEST} are needed to train, "
            "choose and test"
        )
    given = np.full(rows, "train") if parts is None else parts
    rest, validation, test = (
        np.flatnonzero(given == name) for name in ("train", "validation", "test")
    )
    said = [f"{name} rows as given" for name, part in (("test", test), ("validation", validation))
            if len(part)]  # fmt: skip
    made = []
    if not len(test):
        rest, test = _carve(rest, way, MOST_TEST, seed)
        made.append(f"{len(test)} for the test")
    if not len(validation):
        rest, validation = _carve(rest, way, MOST_VALIDATION, seed + 1)
        made.append(f"{len(validation)} for validation")
    if made:
        said.append(f"{' and '.join(made)} {_manner(way)}")
    return Splits(rest, validation, test, "; ".join(said) + f"; {len(rest)} rows to train on")


def _manner(way: Way) -> str:
    match way.how:
        case "group":
            return f"set apart by whole groups of {way.column!r}"
        case "time":
            return f"taken from the latest rows by {way.column!r}"
        case "stratified":
            return "drawn at random, each class in proportion"
    return "drawn at random"


def _carve(rows: Rows, way: Way, most: int, seed: int) -> tuple[Rows, Rows]:
    """Return `rows` parted into those that stay and about a fifth that leave."""
    if len(rows) < 5:
        raise DataError(
            f"only {len(rows)} rows are left to train on, too few to set some apart; give more"
        )
    leaving = min(most, max(1, round(len(rows) * SHARE)))
    match way.how:
        case "group":
            return _by_group(rows, way, seed)
        case "time":
            order = rows[np.argsort(way.key[rows], kind="stable")]
            return np.sort(order[:-leaving]), np.sort(order[-leaving:])
        case "stratified":
            return _stratified(rows, way.key[rows], leaving, seed)
    return _shuffled(rows, leaving, seed)


def _by_group(rows: Rows, way: Way, seed: int) -> tuple[Rows, Rows]:
    from sklearn.model_selection import GroupShuffleSplit

    groups = way.key[rows]
    if len(np.unique(groups)) < 2:
        raise DataError(
            f"column {way.column!r} has too few groups to keep train, validation and test apart "
            "(at least 3 are needed); split by another column"
        )
    splitter = GroupShuffleSplit(n_splits=1, test_size=SHARE, random_state=seed)
    stay, leave = next(splitter.split(rows, groups=groups))
    return np.sort(rows[stay]), np.sort(rows[leave])


def _shuffled(
    rows: Rows, leaving: int, seed: int, labels: NDArray[Any] | None = None
) -> tuple[Rows, Rows]:
    from sklearn.model_selection import train_test_split

    stay, leave = train_test_split(rows, test_size=leaving, stratify=labels, random_state=seed)
    return np.sort(stay), np.sort(leave)


def _stratified(rows: Rows, labels: NDArray[Any], leaving: int, seed: int) -> tuple[Rows, Rows]:
    counts = np.bincount(labels)
    rare, common = counts[labels] < RARE, int((counts >= RARE).sum())
    if rare.mean() > 0.5 or leaving < common:
        return _shuffled(rows, leaving, seed)  # too many classes for so few rows
    leaving = max(common, round(leaving * float(1 - rare.mean())))
    stay, leave = _shuffled(rows[~rare], leaving, seed, labels[~rare])
    return np.sort(np.concatenate([rows[rare], stay])), leave
