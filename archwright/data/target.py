"""Which column is the target, and whether it asks for a class or a value.

Works on one column and knows nothing of where it came from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from archwright.data.task import Kind
from archwright.errors import DataError, nearest

FEW = 20
"""A whole-number target of a table with more distinct values than this is a quantity."""

FEW_ARRAYS = 1000
"""The same for images and other arrays, whose labels are class numbers as a rule."""


@dataclass(frozen=True)
class Target:
    """The target made numbers: class numbers with their names, or float values."""

    values: NDArray[Any]
    classes: tuple[str, ...]
    kind: Kind
    rule: str


def choose(frame: pd.DataFrame, named: str | None, skip: str | None = None) -> str:
    """Return the name of the target column: `named`, or the last one that is not `skip`.

    Raises:
        DataError: there is no such column.
    """
    names = [str(name) for name in frame.columns if name != skip]
    if named is None:
        return names[-1]
    if named not in names:
        raise DataError(f"there is no column {named!r} to predict{nearest(named, names)}")
    return named


def read_target(column: pd.Series, kind: str | None = None, *, arrays: bool = False) -> Target:
    """Return a target column (without missing values) as numbers, and the rule that applied.

    Raises:
        DataError: one class only, or values that do not fit `kind`.
    """
    if kind is not None and kind not in get_args(Kind):
        raise DataError(f"kind {kind!r} is not a kind of task{nearest(kind, get_args(Kind))}")
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        raise DataError(
            f"target {column.name!r} holds dates; turn them into a number first, such as days"
        )
    decided, rule = (kind, f"{kind}, as you said") if kind else decide(column, arrays=arrays)
    if decided == "regression":
        return Target(_values(column), (), "regression", rule)
    numbers, classes = _classes(column)
    if kind is None and len(classes) > max(FEW, len(column) / 2) and not arrays:
        raise DataError(
            f"target {column.name!r} holds {len(classes)} different texts in {len(column)} rows, "
            "too many to be classes; name another target, or say kind='classification'"
        )
    return Target(numbers, classes, "classification", rule)


def decide(column: pd.Series, *, arrays: bool = False) -> tuple[Kind, str]:
    """Return the kind of task that a target column asks for, and the rule in a sentence."""
    name, distinct = repr(str(column.name)), int(column.nunique())
    if not _is_number(column):
        return "classification", f"classification: target {name} holds {distinct} different labels"
    values = column.to_numpy(dtype=float)
    if np.any(values % 1 != 0):
        return "regression", f"regression: target {name} holds numbers with fractions"
    most, each = (FEW_ARRAYS, 2) if arrays else (FEW, 5)
    if distinct <= 2 or (distinct <= most and len(values) >= each * distinct):
        return "classification", (
            f"classification: target {name} holds {distinct} different whole numbers "
            f"(at most {most}, each at least {each} times on average)"
        )
    return "regression", (
        f"regression: target {name} holds {distinct} different whole numbers in {len(values)} rows "
        f"(a class target has at most {most}, each at least {each} times on average)"
    )


def _is_number(column: pd.Series) -> bool:
    kind = column.dtype
    return pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind)


def _values(column: pd.Series) -> NDArray[np.float64]:
    if not _is_number(column) and not pd.api.types.is_bool_dtype(column.dtype):
        raise DataError(
            f"target {column.name!r} holds text such as {column.iloc[0]!r:.40}, so it cannot be "
            "a regression; leave out kind, or name another target"
        )
    values = column.to_numpy(dtype=np.float64)
    if np.ptp(values) == 0:
        raise DataError(
            f"target {column.name!r} is {values[0]:g} in every row: there is nothing to learn"
        )
    return values


def _classes(column: pd.Series) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    codes, found = pd.factorize(column, sort=False)
    names = [label_text(value) for value in found]
    order = _sorted(names)
    if len(names) == 1:
        raise DataError(
            f"target {column.name!r} has one class only ({names[0]!r} in all {len(column)} rows): "
            "there is nothing to tell apart; add rows of another class"
        )
    if len(names) == len(column):
        raise DataError(
            f"target {column.name!r} is different in each of the {len(column)} rows, so no class "
            "can be learnt; name another target"
        )
    ranks = np.empty(len(names), dtype=np.int64)
    ranks[order] = np.arange(len(names))
    return ranks[codes], tuple(names[i] for i in order)


def _sorted(names: list[str]) -> list[int]:
    """Return the order of labels: numbers by size, anything else by letter."""
    try:
        return sorted(range(len(names)), key=lambda i: (float(names[i]), names[i]))
    except ValueError:
        return sorted(range(len(names)), key=lambda i: names[i])


def label_text(value: object) -> str:
    """Return a label as its owner wrote it: `3`, not `3.0`."""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)
