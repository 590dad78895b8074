"""What type each input column is, and why: one plain rule after another, first match wins.

Looks at the inputs alone, never at the target.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from archwright.data.folders import is_file_of
from archwright.data.named import named
from archwright.data.task import COLUMN_TYPES, FILES, Column
from archwright.data.tidy import is_text
from archwright.errors import DataError, nearest

ID_NAME = re.compile(
    r"^(?i:id|ids|uid|uuid|guid|key|index|row|rownum|row_?number|no|nr|unnamed: ?\d+)$"
    r"|(_|-| |\.)(?i:id|uid|uuid|guid|key|nr)$|^(?i:id)(_|-| |\.)|[a-z](Id|ID|Uid|UUID)$"
)
FLAGS = ({"true", "false"}, {"yes", "no"}, {"t", "f"}, {"y", "n"}, {"on", "off"})
DATE = re.compile(
    r"^\s*(\d{4}[-/.]\d{1,2}([-/.]\d{1,2})?|\d{1,2}[-/. ](\d{1,2}|[A-Za-z]{3,9})[-/. ,]+\d{2,4}"
    r"|[A-Za-z]{3,9} \d{1,2},? \d{4})([T ,].*)?\s*$"
)
SAMPLE = 200

NAMED, THERE = 0.95, 0.5
"""A column holds images, or clips, if so many of its values end like their files, and so many of
the files are there: what is missing is then named as an error."""


@dataclass(frozen=True)
class Seen:
    """A column and what was counted in it."""

    name: str
    values: pd.Series
    missing: int
    distinct: int
    folder: Path | None

    @property
    def rows(self) -> int:
        return len(self.values)

    @property
    def all_different(self) -> bool:
        return self.missing == 0 and self.distinct == self.rows

    @property
    def named_like_id(self) -> bool:
        return ID_NAME.search(self.name) is not None


def describe(
    frame: pd.DataFrame, types: Mapping[str, str] | None = None, folder: Path | None = None
) -> tuple[Column, ...]:
    """Return every column of `frame` with its type, inferred unless `types` gives it.

    Args:
        folder: Where files lie that cells may name; without one no column holds files.

    Raises:
        DataError: `types` names an unknown column or type, or nothing is left to learn from.
    """
    given = dict(types or {})
    for name, kind in given.items():
        if name not in frame:
            raise DataError(
                f"types: there is no input column {name!r}{nearest(name, map(str, frame.columns))}"
            )
        if kind not in COLUMN_TYPES:
            raise DataError(
                f"types: {kind!r} for column {name!r} is not a type{nearest(kind, COLUMN_TYPES)}"
            )
    columns = tuple(_column(frame[name], given, folder) for name in frame.columns)
    if not any(column.used for column in columns):
        reasons = "; ".join(f"{c.name}: {c.type} ({c.reason})" for c in columns[:5])
        raise DataError(
            f"no column is left to learn from: {reasons or 'the target is the only column'}. "
            "Add columns, or name their types, for example types={'column': 'numeric'}"
        )
    return columns


def settle(frame: pd.DataFrame, columns: tuple[Column, ...]) -> pd.DataFrame:
    """Return `frame` with text turned into numbers where a column is numeric by request.

    Raises:
        DataError: a value of such a column is not a number.
    """
    fixed = {}
    for column in columns:
        values = frame[column.name]
        if column.type != "numeric" or not is_text(values):
            continue
        parsed = pd.to_numeric(values.str.strip(), errors="coerce")
        bad = values[parsed.isna() & values.notna()]
        if len(bad):
            raise DataError(
                f"types: column {column.name!r} is to be numeric, but row {bad.index[0] + 1} holds "
                f"{bad.iloc[0]!r}; mend it, or call the column 'categorical'"
            )
        fixed[column.name] = parsed.astype("float64")
    return frame.assign(**fixed)


def rooted(frame: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """Return `frame` with whole paths in place of the names of files in that folder."""
    fixed = {}
    for name in frame.columns:
        values = frame[name]
        seen = Seen(str(name), values, 0, 0, folder)
        if is_text(values) and _infer_files(seen, values.dropna()):
            fixed[name] = values.map(lambda cell: str(named(cell, folder)), na_action="ignore")
    return frame.assign(**fixed)


def _column(values: pd.Series, given: Mapping[str, str], folder: Path | None) -> Column:
    name = str(values.name)
    seen = Seen(name, values, int(values.isna().sum()), int(values.nunique()), folder)
    kind, reason = (given[name], "as you said") if name in given else _infer(seen)
    return Column(name, kind, reason, seen.missing, seen.distinct)


def _infer(seen: Seen) -> tuple[str, str]:
    if seen.distinct == 0:
        return "constant", "every value is missing"
    if seen.distinct == 1 and not (seen.missing and is_text(seen.values)):
        return "constant", f"the only value is {seen.values.dropna().iloc[0]!s:.40}"
    kind = seen.values.dtype
    if pd.api.types.is_bool_dtype(kind):
        return "boolean", "true or false"
    if pd.api.types.is_datetime64_any_dtype(kind):
        return "datetime", "dates"
    if pd.api.types.is_numeric_dtype(kind):
        return _infer_number(seen)
    return _infer_text(seen)


def _infer_number(seen: Seen) -> tuple[str, str]:
    if pd.api.types.is_integer_dtype(seen.values.dtype) and seen.all_different:
        if seen.named_like_id:
            return "identifier", "every value is different, and the name says so"
        if int(seen.values.max()) - int(seen.values.min()) + 1 == seen.rows:
            return "identifier", "running numbers: each whole number of the range once"
    return "numeric", f"numbers, {seen.distinct} different"


def _infer_text(seen: Seen) -> tuple[str, str]:
    known = seen.values.dropna()
    if found := _infer_files(seen, known):
        return found
    if seen.distinct == 2 and {str(v).strip().lower() for v in known.unique()} in FLAGS:
        return "boolean", f"only {' and '.join(sorted(map(str, known.unique())))}"
    sample = _spread(known)
    if _are_dates(sample):
        return "datetime", f"text that reads as dates, such as {sample.iloc[0]!s:.30}"
    words = float(sample.str.count(r"\S+").mean())
    if words > 3 and seen.distinct > max(20, seen.rows // 10):
        return "text", f"{seen.distinct} different texts of {words:.0f} words on average"
    if seen.all_different:
        if words > 3:
            return "text", f"every text is different, {words:.0f} words on average"
        return "identifier", "every value is different"
    if seen.named_like_id and seen.distinct > seen.rows * 0.95:
        return "identifier", "nearly every value is different, and the name says so"
    return "categorical", f"text, {seen.distinct} different"


def _infer_files(seen: Seen, known: pd.Series) -> tuple[str, str] | None:
    """Return the type of a column that names files, and why; None of any other column."""
    if seen.folder is None:
        return None
    paths = [named(name, seen.folder) for name in _spread(known).astype(str)]
    counts = Counter(kind for path in paths for kind in FILES if is_file_of(path, kind))
    kind, count = counts.most_common(1)[0] if counts else ("", 0)
    if count < NAMED * len(paths):
        return None
    there = sum(path.is_file() for path in paths)
    if there < THERE * len(paths) and seen.distinct < seen.rows / 2:
        return None  # names that come again tell something by themselves
    if there < THERE * len(paths):
        place = seen.folder.absolute()
        why = f"names like those of {kind} files, but {place} has no such files"
        return "identifier", why
    return kind, f"names of {kind} files, {seen.distinct} different"


def _spread(known: pd.Series) -> pd.Series:
    """Return some values from all over a column."""
    return known.iloc[:: max(1, len(known) // SAMPLE)].iloc[:SAMPLE]


def _are_dates(sample: pd.Series) -> bool:
    """Whether nearly all of the sample look like dates and pandas can read them."""
    texts = sample.astype(str)
    if texts.str.match(DATE).mean() < 0.95:
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas warns where it has to guess the format
        read = [pd.to_datetime(texts, errors="coerce", dayfirst=day) for day in (False, True)]
    return bool(max(dates.notna().mean() for dates in read) >= 0.95)
