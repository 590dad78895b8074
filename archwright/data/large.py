"""Table files too large to be held: rows drawn from them at random, in one reading.

Knows formats of files alone. What is drawn is read as a file of so many rows is.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from random import Random
from typing import TextIO

import pandas as pd

from archwright.data import tables
from archwright.errors import DataError

LARGE = 2**28
"""Bytes from which on rows are drawn from a file."""

KEPT = 2**26
"""Bytes of text that are drawn, or of what a Parquet file unpacks to."""

PACKED = 4
"""A gzip file is taken to unpack to so many times its size."""

FIRST = 1000
"""So many rows tell how long one is."""


def is_large(path: Path) -> bool:
    """Whether a table file holds more than is read whole; an array of JSON always is."""
    if not tables.is_table(path):
        return False
    size = path.stat().st_size * (PACKED if path.suffix.lower() == ".gz" else 1)
    return size > LARGE and not path.name.lower().endswith((".json", ".json.gz"))


def read_sample(path: Path, raw: Collection[str] = ()) -> tuple[pd.DataFrame, list[str]]:
    """Return rows drawn at random, in the order of the file, and what to say about it.

    Raises:
        DataError: the file is damaged or ragged.
    """
    name = path.name.lower()
    if name.endswith(tables.PARQUET):
        frame, total = _parquet(path)
        frame = tables.tidied(path, frame, raw)
    else:
        text, total = _drawn(path, csv_file=name.endswith(tables.CSV))
        frame = tables.parse(path, text, raw)
    size = path.stat().st_size / 1e9
    if len(frame) == total:
        return frame, []
    share = f"{len(frame):,} of its {total:,} rows, drawn at random, are read"
    return frame, [f"The file is large ({size:.1f} GB): {share}."]


def _drawn(path: Path, *, csv_file: bool) -> tuple[str, int]:
    """Return the text of a file of fewer rows, and how many rows there are."""
    try:
        with _opened(path) as file:
            records = tables.records(path, file) if csv_file else filter(str.strip, file)
            head = next(records) if csv_file else ""
            kept, total = _reservoir(records)
    except UnicodeDecodeError:
        raise DataError(
            f"{path}: not UTF-8 text; convert it, for example with `iconv -f latin1 -t utf-8`"
        ) from None
    except (OSError, EOFError) as error:
        raise DataError(f"{path}: damaged ({error}); fetch or pack it again") from None
    return head + "".join(kept), total


def _opened(path: Path) -> TextIO:
    how = {"encoding": "utf-8-sig", "newline": ""}
    if path.suffix.lower() == ".gz":
        return io.TextIOWrapper(gzip.open(path), **how)  # type: ignore[arg-type]
    return path.open(**how)  # type: ignore[call-overload,no-any-return]


def _reservoir(records: Iterable[str]) -> tuple[list[str], int]:
    """Return records drawn with equal chances, in their order, and how many there were.

    Algorithm R of Vitter (1985, ACM TOMS): a later record takes the place of one that was drawn.
    """
    rng, kept, total, most = Random(0), list[tuple[int, str]](), 0, FIRST
    for total, record in enumerate(records, 1):
        if total == FIRST:
            most = max(FIRST, KEPT * FIRST // sum(len(one) for _, one in kept))
        if total <= most:
            kept.append((total, record))
        elif (place := rng.randrange(total)) < most:
            kept[place] = (total, record)
    return [record for _, record in sorted(kept)], total


def _parquet(path: Path) -> tuple[pd.DataFrame, int]:
    """Return rows of each part of the file in the same share, and how many there are in all."""
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(path)
        about = file.metadata
        groups = (about.row_group(i).total_byte_size for i in range(about.num_row_groups))
        share = min(1.0, KEPT / max(1, sum(groups)))
        parts = list(_parts(file.iter_batches(batch_size=50_000), share))
    except (OSError, ValueError) as error:  # pyarrow's errors are ValueErrors
        reason = str(error).splitlines()[0]
        raise DataError(f"{path}: damaged or not a Parquet file ({reason})") from None
    return pd.concat(parts, ignore_index=True), about.num_rows


def _parts(batches: Iterable[object], share: float) -> Iterator[pd.DataFrame]:
    for number, batch in enumerate(batches):
        frame: pd.DataFrame = batch.to_pandas()  # type: ignore[attr-defined]
        yield frame.sample(frac=share, random_state=number).sort_index()
