"""One form for every data frame: text column names, plain values, one word for missing.

Runs alike on training data and on new data; knows nothing of targets or types of columns.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from archwright.data.decimals import NO_NUMBERS
from archwright.errors import DataError

MISSING = frozenset(
    [
        "",
        "?",
        "NA",
        "N/A",
        "n/a",
        "#N/A",
        "<NA>",
        "NaN",
        "nan",
        "-nan",
        "-NaN",
        "NaT",
        "null",
        "NULL",
    ]
)
"""What counts as missing in a text file. Not `None`: it is too often a category of its own."""

MARK = ";"
"""What parts the values of a list that becomes text."""

AMONG_NUMBERS = MISSING | NO_NUMBERS
"""What counts as missing where every other value of the column is a number."""


def tidy(frame: pd.DataFrame, place: str = "data", raw: Collection[str] = ()) -> pd.DataFrame:
    """Return `frame` with text names, an index from 0, and plain columns.

    Args:
        place: What to call the data in an error.
        raw: Columns that stay text, even where all of their values are numbers.

    Raises:
        DataError: two columns share a name, or a column holds lists, objects or infinities.
    """
    names = [str(name) for name in frame.columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(f"{place}: column {twice[0]!r} appears more than once; rename one of them")
    parts = {
        name: _column(frame.iloc[:, i], name, place, name in raw) for i, name in enumerate(names)
    }
    return pd.DataFrame(parts, index=pd.RangeIndex(len(frame)))


def _column(column: pd.Series, name: str, place: str, raw: bool) -> pd.Series:
    values = _plain(column.reset_index(drop=True), name, place)
    raw = raw or isinstance(column.dtype, pd.CategoricalDtype)
    if not raw and is_text(values):
        values = numbers(values)
    if pd.api.types.is_float_dtype(values.dtype):
        bad = np.flatnonzero(np.isinf(values.to_numpy(dtype=float)))
        if len(bad):
            raise DataError(
                f"{place}: column {name!r} holds infinity in {len(bad)} rows (first: row "
                f"{bad[0] + 1}); leave such cells empty, or put a number there"
            )
    return values


def _plain(column: pd.Series, name: str, place: str) -> pd.Series:
    """Return the column as bool, int64, float64, datetime64 or text."""
    kind = column.dtype
    if isinstance(kind, pd.CategoricalDtype):
        return _as_text(column.astype(object))
    if isinstance(kind, pd.ArrowDtype):
        return _objects(column.astype(object).where(column.notna(), None), name, place)
    if isinstance(kind, pd.DatetimeTZDtype):
        return pd.Series(column.dt.tz_convert(None))
    if kind.kind == "O" and not isinstance(kind, pd.StringDtype):
        return _objects(column, name, place)
    if pd.api.types.is_timedelta64_dtype(kind):
        return pd.Series(column.dt.total_seconds())
    if pd.api.types.is_bool_dtype(kind):
        return _as_text(column.astype(object)) if column.isna().any() else column.astype(bool)
    if pd.api.types.is_integer_dtype(kind) and not column.isna().any():
        return column.astype("int64" if column.max() < 2**63 else "float64")
    if pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_complex_dtype(kind):
        return column.astype("float64")
    if isinstance(kind, pd.StringDtype) or pd.api.types.is_datetime64_any_dtype(kind):
        return column
    raise DataError(f"{place}: column {name!r} holds {kind} values; give numbers, text or dates")


def _objects(column: pd.Series, name: str, place: str) -> pd.Series:
    """Return a column of Python objects as what they are, or as text where they are a mixture."""
    found = pd.api.types.infer_dtype(column, skipna=True)
    if found in ("integer", "floating", "mixed-integer-float", "decimal"):
        return _plain(pd.to_numeric(column.astype(float)), name, place)
    if found == "boolean" and not column.isna().any():
        return column.astype(bool)
    if found in ("datetime", "date", "datetime64"):
        return pd.to_datetime(column, utc=True).dt.tz_convert(None)
    column = column.map(_joined)
    nested = column[column.map(lambda value: isinstance(value, list | dict | set | tuple | bytes))]
    if len(nested):
        raise DataError(
            f"{place}: column {name!r} holds a {type(nested.iloc[0]).__name__} in row "
            f"{nested.index[0] + 1}; give one number or text in each cell, or drop the column"
        )
    return _as_text(column)


def _joined(value: object) -> object:
    """Return a list of plain values as text; all else as it is."""
    listed = list(value) if isinstance(value, np.ndarray) and value.ndim == 1 else value
    plain = isinstance(listed, list) and all(isinstance(one, str | int | float) for one in listed)
    return MARK.join(map(str, listed)) if plain and isinstance(listed, list) else value


def _as_text(column: pd.Series) -> pd.Series:
    return pd.Series(column.map(str, na_action="ignore").tolist(), index=column.index)


def is_text(values: pd.Series) -> bool:
    """Whether a column holds text, in whichever form this version of pandas keeps it."""
    return values.dtype == object or isinstance(values.dtype, pd.StringDtype)


def numbers(column: pd.Series) -> pd.Series:
    """Return a text column as numbers if all of it but words for `missing` are numbers.

    Numbers with leading zeros are codes, and stay text.
    """
    known = column.dropna()
    first = known.iloc[:100].str.strip()
    if pd.to_numeric(first, errors="coerce").notna().sum() * 2 < len(first) or known.empty:
        return column  # the usual case, decided cheaply
    text = known.str.strip()
    values = pd.to_numeric(text, errors="coerce")
    codes = text.str.match(r"[+-]?0\d").any()
    if codes or not set(text[values.isna()]) <= AMONG_NUMBERS:
        return column.mask(column.isin(MISSING))
    whole = values.reindex(column.index)
    return _as_whole(whole)


def _as_whole(values: pd.Series) -> pd.Series:
    if not values.isna().any() and (values % 1 == 0).all() and values.abs().max() < 2**53:
        return values.astype("int64")
    return values.astype("float64")
