"""Any source -> `Task`: what is to be learnt, from which rows, chosen and tested on which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from archwright import registry
from archwright.data import mixed, pretrained
from archwright.data.checks import examine
from archwright.data.columns import describe, settle
from archwright.data.forecast_sources import Wanted
from archwright.data.forecasting import forecast_task
from archwright.data.raw import Raw
from archwright.data.sources import Reading, Source, combine, find, read
from archwright.data.splits import Way, make_splits, parse_split, parts_of
from archwright.data.tables import UNPARSED
from archwright.data.target import Target, choose, columns_of, read_targets
from archwright.data.task import Column, Task
from archwright.errors import DataError


@dataclass(frozen=True)
class Options:
    """What a user may say about the data; see `load`."""

    targets: tuple[str, ...] = ()
    kind: str | None = None
    types: Mapping[str, str] = field(default_factory=dict)
    test: Source = None
    split: str | None = None
    labels: str | None = None
    seed: int = 0
    modality: str | None = None
    horizon: int | None = None
    time: str | None = None
    series: str | None = None
    encoder: str | None = None


def load(
    source: Source,
    target: str | Sequence[str] | None = None,
    *,
    kind: str | None = None,
    types: Mapping[str, str] | None = None,
    test: Source = None,
    split: str | None = None,
    labels: str | None = None,
    seed: int = 0,
    modality: str | None = None,
    horizon: int | None = None,
    time: str | None = None,
    series: str | None = None,
    encoder: str | None = None,
) -> Task:
    """Return the task that a source poses.

    Args:
        source: A path (CSV, Parquet, JSON lines, npz, a folder of IDX files, of class folders of
            images, clips or texts, of files with labels.csv), a data frame, a pair (x, y), or
            arrays by name.
        target: The column to predict, or several; the last one unless it is named.
        kind: `classification`, `ordinal`, `multilabel`, `regression` or `multitask`; decided from
            the target unless it is given. Several columns of 0 and 1, or lists in one, are labels;
            several of which some are classes and some are values are a multitask.
        types: Types of columns that are to be other than inferred.
        test: More data of the same form, to be tested on and nothing else.
        split: `group:COLUMN` keeps groups apart, `time:COLUMN` tests on the latest rows; of
            forecasts `steps:V,T`: the last T steps test, and the V before them choose.
        labels: The table of labels in a folder of images, if it is not labels.csv.
        seed: Of the split.
        modality: `series`, where arrays or a table hold series, which they alone do not tell;
            `audio` where arrays hold clips; `text` to learn from a table's column of texts alone,
            `table` from its cells, `mixed` from its cells, texts and the files that it names.
        horizon: Makes it a task of forecasting: so many steps ahead of a table in the order of
            time, or of an array (series, steps). All columns of numbers are forecast unless
            targets are named, and then the others are known beside them.
        time, series: Of forecasts: the columns of time and of what tells series apart; found unless
            named.
        encoder: A pretrained encoder of texts, see `pretrained.folder`; the texts alone are learnt
            from, unless `modality` says otherwise.

    Raises:
        DataError: the data cannot be read, or there is nothing to learn from it as it is.
    """
    modality = modality or ("text" if encoder and horizon is None else None)
    given = Options(
        *(columns_of(target), kind, dict(types or {}), test, split, labels, seed, modality),
        *(horizon, time, series, encoder and str(pretrained.folder(encoder))),
    )
    return _task(source, given) if horizon is None else _forecast(source, given)


def _forecast(source: Source, options: Options) -> Task:
    """Return the task of forecasting.

    Raises:
        DataError: an option is given that means nothing there.
    """
    kind = None if options.kind == "regression" else options.kind
    modality = None if options.modality == "forecast" else options.modality
    odd = {"types": options.types, "test": options.test, "labels": options.labels, "kind": kind}
    odd |= {"encoder": options.encoder, "modality": modality}
    for name, value in odd.items():
        if value:
            raise DataError(f"{name}: forecasts have no such choice; leave it out, or the horizon")
    wanted = Wanted(
        horizon=options.horizon or 0,
        targets=options.targets,
        time=options.time,
        series=options.series,
        split=options.split,
        seed=options.seed,
    )
    return replace(forecast_task(source, wanted), source=_source(source, options))


def _task(source: Source, options: Options) -> Task:
    raw = _read(source, options)
    raw, part_column = _given_parts(raw, options)
    how, key = parse_split(options.split, [str(name) for name in raw.frame.columns])
    names, said = _target_names(raw, options.targets, part_column)
    if key in names:
        raise DataError(f"split {options.split!r}: {key!r} is the target; split by another column")
    raw, dropped = _labelled(raw, names)
    found = read_targets(raw.frame[list(names)], options.kind, arrays=raw.arrays is not None)
    if raw.arrays is not None and options.types:
        data = registry.MODALITIES[raw.modality].data
        raise DataError(f"types: {data} have no columns; leave types out")
    gone = {*names, part_column, key if how == "group" else None}
    frame = raw.frame[[column for column in raw.frame.columns if column not in gone]]
    columns = () if raw.arrays is not None else describe(frame, options.types, raw.folder)
    if isinstance(source, str | Path) and (only := mixed.alone(raw, columns, options.modality)):
        return _task(source, replace(options, modality=only))
    modality, columns, told = mixed.choose(raw, columns, options.modality)
    inputs, seen = _inputs(raw, frame, columns, modality)
    way = _way(raw, how, key, found)
    task = Task(
        name=raw.name,
        kind=found.kind,
        modality=modality,
        inputs=inputs,
        target=found.values,
        target_name=_said(names),
        classes=found.classes,
        splits=make_splits(raw.parts, way, len(raw.frame), options.seed),
        rule=found.rule,
        columns=columns,
        notes=(*raw.notes, *said, *dropped, *told, *seen),
        source=_source(source, options),
        read=_how(raw, modality, columns, options.encoder),
        files=raw.files,
        outcomes=found.outcomes,
        levels=found.levels,
    )
    return replace(task, findings=examine(task))


def _inputs(
    raw: Raw, frame: pd.DataFrame, columns: tuple[Column, ...], modality: str
) -> tuple[Any, list[str]]:
    """Return what `Task.inputs` is to be, and what to say of how files were read."""
    if raw.arrays is not None:
        return raw.arrays, []
    cells = settle(frame[[column.name for column in columns]], columns)
    return mixed.read(cells, columns, raw.folder) if modality == "mixed" else (cells, [])


def _how(
    raw: Raw, modality: str, columns: Sequence[Column], encoder: str | None
) -> Mapping[str, Any]:
    """Return how the inputs were read, and by which pretrained encoder texts are to be.

    Raises:
        DataError: an encoder is given for what it cannot read.
    """
    if modality == "text":
        return {"column": columns[0].name, "encoder": encoder}
    if encoder:
        data = registry.MODALITIES[modality].data
        raise DataError(f"encoder: it reads texts alone, and these are {data}; leave it out")
    return raw.about


def _read(source: Source, options: Options) -> Raw:
    """Return all rows, those of a test file among them, with the target named as asked for."""
    raw_columns = [name for name, kind in options.types.items() if kind in UNPARSED]
    reading = Reading(options.labels, raw_columns, {}, options.modality, options.targets)
    raw = read(source, reading)
    if options.test is not None:
        raw = combine(
            raw, read(options.test, replace(reading, about=raw.about, targets=raw.targets))
        )
    if not raw.targets or not options.targets or options.targets == raw.targets:
        return raw
    if len(options.targets) != len(raw.targets):
        raise DataError(
            f"the data come with {len(raw.targets)} targets, and {len(options.targets)} are named; "
            "name as many, or leave them out"
        )
    for name in options.targets:
        if name in raw.frame and name not in raw.targets:
            raise DataError(
                f"target {name!r}: the inputs have a column of that name already; "
                "give the target that comes with the data another name, or leave it out"
            )
    frame = raw.frame.rename(columns=dict(zip(raw.targets, options.targets, strict=True)))
    return replace(raw, frame=frame, targets=options.targets)


def _given_parts(raw: Raw, options: Options) -> tuple[Raw, str | None]:
    """Return `raw` with the parts that a `split` column gives, and that column's name."""
    names = [str(name) for name in raw.frame.columns]
    column = next((name for name in names if name.lower() == "split"), None)
    if column is None or column in (*options.targets, *raw.targets):
        return raw, None
    said = raw.frame[column]
    if options.test is not None:
        known = said.map(lambda value: str(value).strip().lower())
        if known.eq("test").any():
            raise DataError(f"column {column!r} marks test rows; leave out either it or test=")
        tested = raw.parts == "test" if raw.parts is not None else np.zeros(len(said), dtype=bool)
        said = said.mask(tested, "test")
    parts = parts_of(said)
    return (raw, None) if parts is None else (replace(raw, parts=parts), column)


def _target_names(
    raw: Raw, named: tuple[str, ...], skip: str | None
) -> tuple[tuple[str, ...], list[str]]:
    if raw.targets:
        return raw.targets, []
    names = choose(raw.frame, named, (skip,))
    said = f"No target was named: the last column, {names[0]!r}, is predicted."
    return names, [] if named else [said]


def _said(names: tuple[str, ...]) -> str:
    """Return target columns in a few words."""
    more = f" and {len(names) - 3} more" if len(names) > 4 else ""
    return ", ".join(names[: 3 if more else 4]) + more


def _labelled(raw: Raw, names: tuple[str, ...]) -> tuple[Raw, list[str]]:
    """Return the rows whose target is known, and what to say of the others."""
    missing = raw.frame[list(names)].isna().any(axis=1).to_numpy()
    count, rows, name = int(missing.sum()), len(missing), repr(_said(names))
    if count == rows:
        raise DataError(f"target {name} is missing in every row; name another target")
    if count == 0:
        return raw, []
    said = f"{count} of {rows} rows have no value for the target {name} and are left out."
    return raw.keep(~missing), [said]


def _way(raw: Raw, how: str, column: str, target: Target) -> Way:
    if how == "shuffle" and target.classes:
        return Way("stratified", target.values)
    if how == "shuffle":
        return Way("shuffle", np.zeros(len(raw.frame)))
    values = raw.frame[column]
    if how == "group":
        codes, known = pd.factorize(values)
        alone = codes < 0  # rows of no group: each is a group of its own
        codes[alone] = len(known) + np.arange(alone.sum())
        return Way("group", codes, column)
    return Way("time", _times(values), column)


def _times(values: pd.Series) -> NDArray[Any]:
    times = values
    if not pd.api.types.is_numeric_dtype(values.dtype):
        times = pd.to_datetime(values, errors="coerce", format="mixed")
    bad = values[times.isna()]
    if len(bad):
        raise DataError(
            f"split by time: column {values.name!r} holds no time in {len(bad)} rows (first: row "
            f"{bad.index[0] + 1}, {bad.iloc[0]!r}); mend or drop these rows"
        )
    return times.to_numpy()


def _source(source: Source, options: Options) -> dict[str, Any]:
    """Return what `load` needs to read the same data again, as JSON values."""
    if not isinstance(source, str | Path) or not isinstance(options.test, str | Path | None):
        return {"path": None}
    return {
        "path": str(find(source)),
        "target": list(options.targets),
        "kind": options.kind,
        "types": dict(options.types),
        "test": None if options.test is None else str(find(options.test)),
        "split": options.split,
        "labels": options.labels,
        "seed": options.seed,
        "modality": options.modality,
        "horizon": options.horizon,
        "time": options.time,
        "series": options.series,
        "encoder": options.encoder,
    }
