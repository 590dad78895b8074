"""Table files (CSV, Parquet, JSON lines) -> a data frame, or a clear refusal.

Knows file formats alone: neither targets, nor types of columns, nor splits.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import pandas as pd

from archwright.data.decimals import with_points
from archwright.data.tidy import MISSING, is_text, tidy
from archwright.errors import DataError

CSV = (".csv", ".tsv", ".csv.gz", ".tsv.gz")
JSON = (".jsonl", ".json", ".ndjson", ".jsonl.gz", ".json.gz", ".ndjson.gz")
PARQUET = (".parquet", ".pq")
TABLES = CSV + PARQUET + JSON

UNPARSED = ("categorical", "text", "identifier", "image", "audio")
"""Column types whose values are taken from a CSV letter by letter: `007` stays `007`."""


def is_table(path: Path) -> bool:
    """Whether the file's name says that it holds a table."""
    return path.name.lower().endswith(TABLES)


def read_rows(source: str | Path | pd.DataFrame, types: Mapping[str, str] | None = None) -> Any:
    """Return the rows of a table file, or of a data frame, as training has read them.

    Args:
        types: Column types of the task, so that codes that look like numbers stay as they are.

    Raises:
        DataError: the file is missing, empty, damaged, or not a table.
    """
    if isinstance(source, pd.DataFrame):
        return tidy(source)
    path = Path(source).expanduser()
    if not path.is_file():
        raise DataError(f"{path}: there is no such file; name a file with {', '.join(TABLES)}")
    if not is_table(path):
        raise DataError(f"{path}: not a table; archwright reads {', '.join(TABLES)}")
    raw = {name for name, kind in (types or {}).items() if kind in UNPARSED}
    return read_table(path, raw)


def read_new(data: Any, spec: Mapping[str, Any]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return new rows as training has seen them, and no file names."""
    if isinstance(data, str | Path | pd.DataFrame):
        return read_rows(data, {c["name"]: c["type"] for c in spec["columns"]}), ()
    array = np.asarray(data)
    if array.ndim != 2:
        raise DataError(f"new data of shape {array.shape}: a table has two dimensions")
    return pd.DataFrame(array, columns=[f"x{i}" for i in range(array.shape[1])]), ()


def read_table(path: Path, raw: Collection[str] = ()) -> pd.DataFrame:
    """Return a file's rows; the columns in `raw` of a CSV are not turned into numbers.

    Raises:
        DataError: the file is empty, damaged or ragged.
    """
    name = path.name.lower()
    if path.stat().st_size == 0:
        raise DataError(f"{path}: the file is empty (0 bytes)")
    if name.endswith(PARQUET):
        return tidied(path, _parquet(path), raw)
    return parse(path, _text(path), raw)


def parse(path: Path, text: str, raw: Collection[str]) -> pd.DataFrame:
    """Return the rows in the text of a CSV or JSON file.

    Raises:
        DataError: it is damaged or ragged.
    """
    csv_file = path.name.lower().endswith(CSV)
    return tidied(path, _csv(path, text, raw) if csv_file else _json(path, text), raw)


def tidied(path: Path, frame: pd.DataFrame, raw: Collection[str]) -> pd.DataFrame:
    """Return the rows of a file in the one form for every data frame.

    Raises:
        DataError: there is none.
    """
    if frame.empty:
        raise DataError(f"{path}: the file has a header but no rows")
    return tidy(frame, str(path), raw)


def _bytes(path: Path) -> bytes:
    if path.suffix.lower() != ".gz":
        return path.read_bytes()
    try:
        return gzip.decompress(path.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: damaged gzip file ({error}); fetch or pack it again") from None


def _text(path: Path) -> str:
    """Return the file's text; only UTF-8 is read, because guessing would garble categories."""
    data = _bytes(path)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{path}: not UTF-8 text: byte {data[error.start]:#04x} at position {error.start} "
            f"(line {line}); convert it, for example with `iconv -f latin1 -t utf-8 OLD > NEW`"
        ) from None
    if not text.strip():
        raise DataError(f"{path}: the file is empty")
    return text


def _csv(path: Path, text: str, raw: Collection[str]) -> pd.DataFrame:
    data = text.encode()  # a StringIO would take four bytes a letter
    with io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", newline="") as lines:
        mark = _delimiter(lines)
        header = next(rows := _rows(path, lines, mark))
        for _ in rows:
            pass
    try:
        frame = pd.read_csv(
            io.BytesIO(data),
            sep=mark,
            skipinitialspace=True,
            keep_default_na=False,
            na_values=sorted(MISSING),
            dtype=dict.fromkeys((name for name in header if name in raw), str),
            low_memory=False,
            index_col=False,
        )
    except (pd.errors.ParserError, ValueError) as error:
        raise DataError(f"{path}: cannot be read as CSV: {error}") from None
    if mark != ",":
        for name in [name for name in frame if name not in raw and is_text(frame[name])]:
            cells = frame[name].fillna("").tolist()
            if (pointed := with_points(cells, MISSING)) is not cells:
                frame[name] = pointed
    return frame


def records(path: Path, file: TextIO) -> Iterator[str]:
    """Yield the header of a CSV file and its rows, each as the text of its lines.

    Raises:
        DataError: a line has too few or too many fields, or a name is used twice.
    """
    mark, read = _delimiter(file), list[str]()

    def noted() -> Iterator[str]:
        for line in file:
            read.append(line)
            yield line

    for _row in _rows(path, noted(), mark):
        yield "".join(read).rstrip("\r\n") + "\n"
        read.clear()


def _delimiter(file: TextIO) -> str:
    """Return the mark that the first line has most of: comma, semicolon, tab or bar."""
    first = next((line for line in file if line.strip()), "")
    file.seek(0)
    return max(",;\t|", key=first.count)


def _rows(path: Path, file: Iterable[str], mark: str) -> Iterator[list[str]]:
    """Yield the header and the rows; refuse bad lines, and names used twice."""
    lines = csv.reader(file, delimiter=mark, skipinitialspace=True)
    try:
        header = next(row for row in lines if row)
        _refuse_twice(path, header)
        yield header
        width = len(header)
        for row in lines:
            if len(row) != width and (row or width == 1) and any(row):
                raise DataError(
                    f"{path}: line {lines.line_num} has {len(row)} fields, the header has {width}; "
                    "mend that line (a stray or missing separator or quote?)"
                )
            if row:
                yield row
    except csv.Error as error:
        raise DataError(f"{path}: line {lines.line_num}: {error}") from None


def _refuse_twice(path: Path, header: list[str]) -> None:
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        hint = "; is the header line missing?" if all(map(_number, header)) else ""
        raise DataError(
            f"{path}: column {twice[0]!r} appears more than once; rename one of them{hint}"
        )


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _parquet(path: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(path).reset_index(drop=True)
    except (OSError, ValueError) as error:  # pyarrow's errors are ValueErrors
        reason = str(error).splitlines()[0]
        raise DataError(f"{path}: damaged or not a Parquet file ({reason})") from None


def _json(path: Path, text: str) -> pd.DataFrame:
    rows = _array(path, text) if text.lstrip().startswith("[") else _lines(path, text)
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise DataError(
                f"{path}: record {number} is not an object with named values, but {row!r:.40}"
            )
    return pd.DataFrame(rows)


def _array(path: Path, text: str) -> list[Any]:
    try:
        rows: list[Any] = json.loads(text)
    except json.JSONDecodeError as error:
        raise DataError(f"{path}: line {error.lineno}: not valid JSON ({error.msg})") from None
    return rows


def _lines(path: Path, text: str) -> list[Any]:
    rows = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            rows.append(json.loads(line))
        except json.JSONDecodeError as error:
            raise DataError(
                f"{path}: line {number}: not valid JSON ({error.msg}); each line must hold one "
                'object such as {"age": 39, "income": "low"}'
            ) from None
    return rows
