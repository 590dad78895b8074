"""An exported model reads new series as archwright does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from archwright.data.series import read_new
from archwright.export.read_series import read

STEPS = [["a0", "a1", "a2"], ["b0", "b1", "b2"]]
X = np.array([[[1, 2, 3], [4, 5, 6]], [[7, 8, np.nan], [np.nan, 1, np.nan]]], dtype=np.float32)


def spec(form: str, **more: Any) -> dict[str, Any]:
    return {"series": {"form": form, "channels": 2, "length": 3, "means": [0.0, 0.0], **more}}


def written(folder: Path) -> dict[str, tuple[Path, dict[str, Any]]]:
    """The same two series in every form there is."""
    names = [name for channel in STEPS for name in channel]
    pd.DataFrame(X.reshape(2, 6), columns=names).to_csv(folder / "wide.csv", index=False)
    steps = [(s, t, *X[s, :, t]) for t in range(3) for s in range(2) if t < 3 - s]
    long = pd.DataFrame(steps, columns=["who", "when", "a", "b"])
    long.to_csv(folder / "long.csv", index=False)
    np.savez(folder / "x.npz", x=X)
    (folder / "x.ts").write_text("@classLabel false\n@data\n1,2,3:4,5,6\n7,8:?,1\n")
    columns = {"key": "who", "time": "when", "columns": ["a", "b"]}
    return {
        "wide": (folder / "wide.csv", spec("wide", columns=STEPS)),
        "long": (folder / "long.csv", spec("long", **columns)),
        "npz": (folder / "x.npz", spec("array")),
        "ts": (folder / "x.ts", spec("ts")),
    }


@pytest.mark.parametrize("form", ["wide", "long", "npz", "ts"])
def test_both_read_the_same(tmp_path: Path, form: str) -> None:
    path, how = written(tmp_path)[form]
    for found, _ in (read(path, how), read_new(path, how)):
        np.testing.assert_array_equal(found, X)


def test_a_table_is_no_array(tmp_path: Path) -> None:
    path, _ = written(tmp_path)["wide"]
    with pytest.raises(ValueError, match="trained on arrays"):
        read(path, spec("array"))


def test_a_column_that_is_missing_is_named(tmp_path: Path) -> None:
    path, _ = written(tmp_path)["wide"]
    with pytest.raises(ValueError, match="missing column 'a3'"):
        read(path, spec("wide", columns=[["a0", "a3"]]))
