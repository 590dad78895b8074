"""Which columns are the target, and whether they ask for classes, labels or values.

Works on columns and knows nothing of where they came from.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from archwright.core.truth import Kind
from archwright.data.tidy import MARK, is_text
from archwright.errors import DataError, nearest

FEW = 20
"""A whole-number target of a table with more distinct values than this is a quantity."""

FEW_ARRAYS = 1000
"""The same for images and other arrays, whose labels are class numbers as a rule."""


MARKS = (MARK, "|")
"""What parts several labels in a cell; a comma does too, where labels are asked for."""

LISTED, PER_LABEL = 0.05, 5
"""A column of texts holds labels if so many cells name several, and each has so many rows."""

PAIRS = {"0": False, "1": True, "false": False, "true": True, "no": False, "yes": True}
PAIRS |= {"0.0": False, "1.0": True}
"""What a column of one label may hold, in lower case."""


@dataclass(frozen=True)
class Target:
    """The target made numbers: class numbers with their names, labels, or values.

    Args:
        values: As `Task.target` has them.
        outcomes: What each of several labels, values or targets is called.
        levels: Of a multitask, the classes of each target; none for a value.
    """

    values: NDArray[Any]
    classes: tuple[str, ...]
    kind: Kind
    rule: str
    outcomes: tuple[str, ...] = ()
    levels: tuple[tuple[str, ...], ...] = ()


def columns_of(target: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return the names of target columns; none where none is named."""
    return () if target is None else (target,) if isinstance(target, str) else tuple(target)


def choose(
    frame: pd.DataFrame, named: Sequence[str], skip: Iterable[str | None] = ()
) -> tuple[str, ...]:
    """Return the names of the target columns: those `named`, or the last that is not in `skip`.

    Raises:
        DataError: there is no such column, or one is named twice.
    """
    names = [str(name) for name in frame.columns if name not in set(skip)]
    for name in named:
        if name not in names:
            raise DataError(f"there is no column {name!r} to predict{nearest(name, names)}")
        if list(named).count(name) > 1:
            raise DataError(f"the target {name!r} is named twice; name each column once")
    return tuple(named) or (names[-1],)


def read_targets(frame: pd.DataFrame, kind: str | None = None, *, arrays: bool = False) -> Target:
    """Return target columns (without missing values) as numbers, and the rule that applied.

    Raises:
        DataError: one class only, or values that do not fit `kind`.
    """
    if kind is not None and kind not in get_args(Kind):
        raise DataError(f"kind {kind!r} is not a kind of task{nearest(kind, get_args(Kind))}")
    for name in frame:
        if pd.api.types.is_datetime64_any_dtype(frame[name].dtype):
            raise DataError(
                f"target {name!r} holds dates; turn them into a number first, such as days"
            )
    if frame.shape[1] > 1:
        return _several(frame, kind)
    if kind == "multitask":
        raise DataError(
            "kind 'multitask' is for several target columns; there is one: leave kind out"
        )
    column = frame.iloc[:, 0]
    mark = _mark(column, kind)
    return _listed(column, mark) if mark else _single(column, kind, arrays=arrays)


def _several(frame: pd.DataFrame, kind: str | None) -> Target:
    """Return columns of one label each, of one value each, or of a class or a value each."""
    names, told = tuple(map(str, frame)), f"{frame.shape[1]} target columns"
    labels = {name: frame[name].map(lambda value: PAIRS.get(str(value).lower())) for name in names}
    odd = [name for name, column in labels.items() if column.isna().any()]
    if kind not in (None, "multilabel", "regression", "multitask"):
        raise DataError(
            f"{told} cannot be one {kind}; say kind='multitask' for a class or a value of each, or "
            "name one of them as the target"
        )
    if kind == "multilabel" and odd:
        raise DataError(f"target {odd[0]!r} is no label: it must hold 0 or 1, or yes or no")
    if not odd and kind in (None, "multilabel"):
        values = np.stack([column.to_numpy(dtype=bool) for column in labels.values()], 1)
        return _labels(values, names, f"multilabel: {told} hold nothing but 0 and 1, or yes and no")
    if kind == "multitask" or (kind is None and not all(map(_is_number, _columns(frame)))):
        each = _each(frame)
        if any(each.levels):
            return each
    found = np.stack([_values(frame[name]) for name in names], 1)
    return Target(found, (), "regression", f"regression: {told} hold numbers", names)


def _each(frame: pd.DataFrame) -> Target:
    """Return columns of a class or a value each, by what each of them holds."""
    found = [_single(column, None, arrays=False) for column in _columns(frame)]
    told = "; ".join(f"{one.kind} of {name!r}" for name, one in zip(frame, found, strict=True))
    values = np.stack([one.values.astype(np.float64) for one in found], 1)
    levels = tuple(one.classes for one in found)
    return Target(values, (), "multitask", f"multitask: {told}", tuple(map(str, frame)), levels)


def _columns(frame: pd.DataFrame) -> list[pd.Series]:
    return [frame.iloc[:, i] for i in range(frame.shape[1])]


def _mark(column: pd.Series, kind: str | None) -> str:
    """Return what parts the labels in the cells of a column; empty where it holds no such lists."""
    if not is_text(column) or kind not in (None, "multilabel"):
        return ""
    marks = (*MARKS, ",") if kind else MARKS
    counts = {mark: int(column.str.contains(mark, regex=False).sum()) for mark in marks}
    best = max(counts, key=counts.__getitem__)
    if kind:
        return best
    if counts[best] < LISTED * len(column):
        return ""
    labels = {label for cell in column.unique() for label in _parted(cell, best)}
    return best if PER_LABEL * len(labels) <= len(column) else ""


def _listed(column: pd.Series, mark: str) -> Target:
    """Return labels that are listed in the cells of one column."""
    cells = [set(_parted(cell, mark)) for cell in column]
    every = list(set().union(*cells))
    names = tuple(every[i] for i in _sorted(every))
    values = np.array([[name in cell for name in names] for cell in cells], dtype=bool)
    rule = f"multilabel: target {column.name!r} lists labels, parted by {mark!r}"
    return _labels(values, names, rule)


def _parted(cell: str, mark: str) -> list[str]:
    return [label for each in cell.split(mark) if (label := each.strip())]


def _labels(values: NDArray[np.bool_], names: tuple[str, ...], rule: str) -> Target:
    if len(names) < 2:
        raise DataError(
            f"there is one label only ({', '.join(names) or 'none at all'}); several are needed, "
            "or a column of classes as the target"
        )
    still = [
        name for name, column in zip(names, values.T, strict=True) if column.min() == column.max()
    ]
    if still:
        raise DataError(
            f"label {still[0]!r} is the same in all {len(values)} rows: there is nothing to learn; "
            "leave it out"
        )
    return Target(values, (), "multilabel", rule, names)


def _single(column: pd.Series, kind: str | None, *, arrays: bool) -> Target:
    decided, rule = (kind, f"{kind}, as you said") if kind else decide(column, arrays=arrays)
    if decided == "regression":
        return Target(_values(column), (), "regression", rule)
    if decided == "multilabel":
        raise DataError(
            f"target {column.name!r} holds no labels: write several in a cell, parted by "
            f"{MARK!r}, or name several columns of 0 and 1 as the target"
        )
    numbers, classes = _classes(column)
    if decided == "ordinal":
        _refuse_words(column, classes)
        return Target(numbers, classes, "ordinal", rule)
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
            f"target {column.name!r} has one class only ({names[0]!r:.40} in all {len(column)} "
            "rows): there is nothing to tell apart; add rows of another class"
        )
    if len(names) == len(column):
        raise DataError(
            f"target {column.name!r} is different in each of the {len(column)} rows, so no class "
            "can be learnt; name another target"
        )
    ranks = np.empty(len(names), dtype=np.int64)
    ranks[order] = np.arange(len(names))
    return ranks[codes], tuple(names[i] for i in order)


def _refuse_words(column: pd.Series, classes: tuple[str, ...]) -> None:
    """Raise DataError where classes are no numbers, whose order is known."""
    try:
        [float(name) for name in classes]
    except ValueError:
        shown = ", ".join(map(repr, classes[:3]))
        raise DataError(
            f"kind 'ordinal': nothing tells the order of {shown} in {column.name!r}; write numbers "
            "that rise with it"
        ) from None


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
