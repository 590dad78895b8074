"""Arrays (npz files, IDX files, numpy arrays, tensors) -> rows of a table or of images."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from archwright.data import clips
from archwright.data.idx import read_idx
from archwright.data.raw import Raw
from archwright.data.series import joined, to_series
from archwright.data.tidy import tidy
from archwright.errors import DataError

How = Mapping[str, Any]
PARTS = {"train": ("train",), "validation": ("val", "valid", "validation"), "test": ("test",)}
CHANNELS = {1: "L", 3: "RGB", 4: "RGBA"}
EXPECTED = "x and y, or x_train, y_train, x_test and y_test (and x_val, y_val if you like)"


def read_npz(path: Path) -> dict[str, NDArray[Any]]:
    """Return the arrays of an npz file by name.

    Raises:
        DataError: the file is damaged, or holds Python objects.
    """
    if path.stat().st_size == 0:
        raise DataError(f"{path}: the file is empty (0 bytes)")
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            names = list(archive.files)
            return {name: _member(archive, name, path) for name in names}
    except (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error, AttributeError) as error:
        reason = str(error).splitlines()[0]
        raise DataError(f"{path}: damaged or not an npz file ({reason}); save it again") from None


def _member(archive: Any, name: str, path: Path) -> NDArray[Any]:
    try:
        array: NDArray[Any] = archive[name]
    except ValueError as error:
        if "allow_pickle" not in str(error):
            raise
        raise DataError(
            f"{path}: array {name!r} holds Python objects, which are not read because they can "
            "run code; save it as numbers or text"
        ) from None
    return array


def from_idx(files: Mapping[str, Path], folder: Path, how: How | None = None) -> Raw:
    """Return the rows of a folder of IDX files."""
    arrays = {name: read_idx(path) for name, path in files.items()}
    return from_arrays(arrays, folder.name, str(folder), how)


def series_arrays(arrays: Mapping[str, Any], name: str, place: str) -> Raw:
    """Return the series of arrays named `x`, `y`, or `x_train`, `y_train`, `x_test` ...

    Args:
        arrays: Inputs are (rows, length), (rows, channels, length), or lists of (channels, length).

    Raises:
        DataError: the names, shapes or lengths are not as expected.
    """
    pairs = _pairs(dict(arrays), place)
    pairs = {part: (to_series(x, place), labels) for part, (x, labels) in pairs.items()}
    y, parts = _targets(pairs, place, "label")
    x, about = joined([x for x, _ in pairs.values()], place), {"form": "array"}
    return Raw(name, y, tuple(map(str, y)), x, parts, modality="series", about=about)


def clip_arrays(arrays: Mapping[str, Any], name: str, place: str, how: How | None = None) -> Raw:
    """Return the clips of arrays named `x`, `y` and `rate`, or `x_train`, `y_train` ... and `rate`.

    Args:
        arrays: Clips are (rows, samples), lists of arrays, or all in one with `offsets`.
        how: How clips were read, where earlier ones have settled that.

    Raises:
        DataError: the names, shapes or lengths are not as expected.
    """
    known = {key.lower(): value for key, value in arrays.items()}
    rate = clips.given_rate(known, place)
    if "offsets" in known and "x" in known:
        ends = np.asarray(known.pop("offsets"))
        known["x"] = np.split(np.asarray(known["x"]), ends[1:-1])
    pairs = _pairs(known, place)
    found = [clips.Clip(np.asarray(one), rate) for x, _ in pairs.values() for one in x]
    y, parts = _targets(pairs, place, "label")
    x, about, notes = clips.together(found, place, how)
    return Raw(
        name, y, tuple(map(str, y)), x, parts, notes=tuple(notes), modality="audio", about=about
    )


def from_pair(x: Any, y: Any) -> Raw:
    """Return the rows of `(x, y)`; `x` may be a data frame.

    Raises:
        DataError: the lengths differ, or the shapes mean nothing.
    """
    if not isinstance(x, pd.DataFrame):
        return from_arrays({"x": x, "y": y}, "data", "arrays")
    named = str(getattr(y, "name", None) or "target")
    return Raw("data", *_with_target(tidy(x), _labels(y, len(x), "arrays", named)))


def from_arrays(arrays: Mapping[str, Any], name: str, place: str, how: How | None = None) -> Raw:
    """Return the rows of arrays named `x`, `y`, or `x_train`, `y_train`, `x_test` ...

    Args:
        name: A word for the data.
        place: What to call the arrays in an error.
        how: How images are laid out, where earlier ones have settled that.

    Raises:
        DataError: the names or shapes are not as expected.
    """
    pairs = _pairs({key: as_array(value) for key, value in arrays.items()}, place)
    for part, (inputs, labels) in pairs.items():
        if inputs.size == 0:
            raise DataError(f"{place}: x is empty: it has the shape {inputs.shape}")
        if not (inputs.ndim > 1 or _are_texts(inputs)) or len(inputs) != len(labels):
            raise DataError(
                f"{place}: {part + ' part: ' if part else ''}x has the shape {inputs.shape} and y "
                f"{labels.shape}; x needs one row for each value of y, and two dimensions (a "
                "table) or more (images)"
            )
    shapes = {inputs.shape[1:] for inputs, _ in pairs.values()}
    if len(shapes) > 1:
        raise DataError(f"{place}: the rows of the parts differ in shape: {sorted(shapes)}")
    every = [inputs for inputs, _ in pairs.values()]
    x = np.concatenate(every) if len(every) > 1 else every[0]
    if x.ndim > 2:
        y, parts = _targets(pairs, place, "label")
        images, image = to_images(x, place, how)
        return Raw(name, y, tuple(map(str, y)), images, parts, modality="image", about=image)
    y, parts = _targets(pairs, place, "target")
    columns = ["text"] if _are_texts(x) else [f"x{i}" for i in range(x.shape[1])]
    frame = tidy(pd.DataFrame(x, columns=columns), place)
    return Raw(name, *_with_target(frame, y), parts=parts)


def _are_texts(x: NDArray[Any]) -> bool:
    return x.ndim == 1 and (x.dtype.kind == "U" or all(isinstance(each, str) for each in x))


def as_array(value: Any) -> NDArray[Any]:
    """Return an array, a list or a tensor (known by its `detach`) as a numpy array."""
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    return np.asarray(value)


def to_images(
    x: NDArray[Any], place: str, how: How | None = None
) -> tuple[NDArray[Any], dict[str, Any]]:
    """Return `x` as (rows, channels, height, width), uint8 or float32, and how that was done.

    Raises:
        DataError: not the shape of images, values that are not numbers, NaN or infinity.
    """
    layout = _layout(x, place, how)
    if layout == "nhwc":
        x = np.moveaxis(x, -1, 1)
    elif layout == "nhw":
        x = x[:, None]
    if x.dtype.kind not in "buif":
        raise DataError(f"{place}: the images hold {x.dtype} values; give uint8 or float numbers")
    x = x.astype(np.uint8) if x.dtype.kind == "b" else x
    if x.dtype != np.uint8:
        bad = np.flatnonzero(~np.isfinite(x).reshape(len(x), -1).all(axis=1))
        if len(bad):
            raise DataError(
                f"{place}: {len(bad)} images hold NaN or infinity (first: row {bad[0]}); "
                "replace these values or drop the rows"
            )
        x = x.astype(np.float32)
    _, channels, height, width = x.shape
    image = {"width": width, "height": height, "mode": CHANNELS[channels], "channels": channels}
    return np.ascontiguousarray(x), {**image, "layout": layout, "dtype": str(x.dtype)}


def read_new_array(path: Path, image: How) -> NDArray[Any]:
    """Return the images in an npz file (`x`, `x_test` or its only array) for a trained task.

    Raises:
        DataError: there is no such array, or its images differ from those of training.
    """
    x, found = to_images(new_array(path, "images"), str(path), image)
    fits = all(found[key] == image[key] for key in ("width", "height", "channels"))
    if not fits or (found["dtype"] != image["dtype"] and image["dtype"] == "uint8"):
        raise DataError(
            f"{path}: its images are {_size(found)}, those of training were {_size(image)}"
        )
    return x.astype(image["dtype"], copy=False)


def new_array(path: Path, what: str) -> NDArray[Any]:
    """Return the array `x`, `x_test` or the only one of an npz file.

    Args:
        what: The data's name, for the message.

    Raises:
        DataError: there is no such array.
    """
    arrays = {name: array for name, array in read_npz(path).items() if array.ndim > 1}
    lowered = {name.lower(): name for name in arrays}
    named = [lowered[name] for name in ("x", "x_test") if name in lowered]
    if not named and len(arrays) != 1:
        raise DataError(
            f"{path}: found the arrays {', '.join(arrays) or 'none'}; name the new {what} x"
        )
    return arrays[(named or list(arrays))[0]]


def _size(image: How) -> str:
    return f"{image['width']}x{image['height']}x{image['channels']} {image['dtype']}"


def _layout(x: NDArray[Any], place: str, how: How | None) -> str:
    """Return how the axes are to be read: `nhw`, `nhwc` or `nchw`."""
    if x.ndim == 3 and min(x.shape[1:]) > 0:
        return "nhw"
    if x.ndim == 4 and min(x.shape[1:]) > 0:
        axis = {"nhwc": 3, "nchw": 1}.get(how["layout"]) if how else None
        if how and axis and x.shape[axis] == how["channels"]:
            return str(how["layout"])
        if x.shape[3] in CHANNELS:
            return "nhwc"
        if x.shape[1] in CHANNELS:
            return "nchw"
    raise DataError(
        f"{place}: x has the shape {x.shape}; archwright reads (rows, columns) as a table, and "
        "(rows, height, width) with or without 1, 3 or 4 channels, first or last, as images"
    )


def _pairs(arrays: dict[str, Any], place: str) -> dict[str, tuple[Any, Any]]:
    """Return x and y by part; the part's name is empty where there is but one."""
    lowered = {name.lower(): array for name, array in arrays.items()}
    if "x" in lowered and "y" in lowered:
        return {"": (lowered["x"], lowered["y"])}
    pairs = {}
    for part, words in PARTS.items():
        for word in words:
            x, y = lowered.get(f"x_{word}"), lowered.get(f"y_{word}")
            if (x is None) != (y is None):
                have, lack = ("x", "y") if y is None else ("y", "x")
                raise DataError(f"{place}: has {have}_{word} but no {lack}_{word}")
            if x is not None:
                pairs[part] = (x, y)
    if "train" not in pairs:
        shown = ", ".join(f"{name} {np.shape(array)}" for name, array in arrays.items())
        raise DataError(f"{place}: found the arrays {shown or 'none'}; expected {EXPECTED}")
    return pairs if len(pairs) > 1 else {"": pairs["train"]}


def _targets(
    pairs: Mapping[str, tuple[Any, Any]], place: str, name: str
) -> tuple[pd.DataFrame, NDArray[np.str_] | None]:
    """Return the target of all rows, and the part that each is in where there are several."""
    targets = [_labels(labels, len(x), place, name) for x, labels in pairs.values()]
    parts = None if "" in pairs else np.repeat(list(pairs), [len(part) for part in targets])
    return pd.concat(targets, ignore_index=True), parts


def _labels(y: Any, rows: int, place: str, name: str) -> pd.DataFrame:
    """Return the target as columns of plain values: one of that name, or several, numbered."""
    values = y if isinstance(y, pd.Series | pd.DataFrame) else as_array(y)
    if values.ndim == 2 and values.shape[1] == 1:
        values = np.asarray(values)[:, 0]
    if values.ndim not in (1, 2) or len(values) != rows or 0 in values.shape:
        raise DataError(
            f"{place}: y has the shape {values.shape} for {rows} rows of x; it needs one value for "
            "each row, or several values or labels for each"
        )
    if values.ndim == 1:
        return tidy(pd.DataFrame({name: values}), place)
    if not isinstance(values, pd.DataFrame):
        values = pd.DataFrame(values, columns=[f"{name}{i}" for i in range(values.shape[1])])
    _refuse_one_hot(values, place)
    return tidy(values, place)


def _refuse_one_hot(values: pd.DataFrame, place: str) -> None:
    """Raise DataError where each row has exactly one 1 and else 0: that is a class, not labels."""
    numbers = [pd.api.types.is_numeric_dtype(kind) for kind in values.dtypes]
    if not all(numbers) or not values.isin([0, 1]).all(axis=None):
        return
    if (values.sum(axis=1) == 1).all():
        raise DataError(
            f"{place}: y has exactly one 1 in each row, so it is one-hot; give class numbers, such "
            "as y.argmax(1)"
        )


def _with_target(frame: pd.DataFrame, y: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    names = list[str]()
    for name in map(str, y):
        while name in frame or name in names:
            name += "_"
        names.append(name)
    both = pd.concat([frame, y.set_axis(names, axis=1)], axis=1)
    return both, tuple(names)
