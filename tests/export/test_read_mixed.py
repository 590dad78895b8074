"""A network of several inputs, written to a folder that predicts without archwright."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from archwright.auto import splits
from archwright.core.architecture import decode
from archwright.data.load import load
from archwright.data.mixed import read_new
from archwright.errors import DataError
from archwright.export.module import load_module
from archwright.nets.build import build
from archwright.nets.prepare import prepare
from archwright.spaces.mixed import mixed, portfolio
from tests.data.several import rows, table
from tests.export.written import checked


def written(source: Path, folder: Path, start: int = 0) -> dict[str, object]:
    """Write a network for a table of several inputs, checked with its ONNX; return the spec."""
    split, spec = splits.holdout(load(source))
    form = split.signature.form
    arch = portfolio(form)[start]
    net = build(decode(mixed(form), arch), split.signature).eval()
    prepare(net, split.x, split.y, split.train)
    checked(folder, net, arch, split, spec)
    return spec


def alone(folder: Path, new: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", str(folder / "model.py"), str(new)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("start", range(4))
def test_every_start_is_written_read_and_checked(start: int, tmp_path: Path) -> None:
    spec = written(table(tmp_path), tmp_path / "result", start)
    new = tmp_path / "elsewhere" / "new.csv"
    rows(new.parent, 12).drop(columns="label").to_csv(new, index=False)
    raw, files = read_new(new, spec)
    assert not files
    module = load_module(tmp_path / "result")
    expected = module.predict(*module.load(tmp_path / "result"), raw)
    assert expected.shape == (12, 2)
    if start == 0:  # the file alone, without archwright
        done = alone(tmp_path / "result", new)
        assert done.returncode == 0, done.stderr
        found = [line.split(",")[1:] for line in done.stdout.splitlines()[1:]]
        np.testing.assert_allclose(np.array(found, float), expected, atol=1e-5)


def test_files_that_are_missing_or_damaged_are_named_by_both(tmp_path: Path) -> None:
    spec = written(table(tmp_path), tmp_path / "result")
    (tmp_path / "photos" / "2.png").write_bytes(b"no image")
    for name, told in (("photos/2.png", "2.png"), ("photos/none.png", "none.png")):
        new = tmp_path / "new.csv"
        rows(tmp_path / "other", 2).assign(photo=name).to_csv(new, index=False)
        with pytest.raises(DataError, match=told):
            read_new(new, spec)
        done = alone(tmp_path / "result", new)
        assert done.returncode == 2
        assert told in done.stderr


def test_arrays_stand_for_files_and_a_row_may_lack_everything(tmp_path: Path) -> None:
    spec = written(table(tmp_path), tmp_path / "result")
    module = load_module(tmp_path / "result")
    columns = {
        "photo": np.zeros((1, 3, 8, 9), np.uint8),
        "clip": [np.zeros(1)],
        "said": [None],
        "size": [None],
        "town": [None],
    }
    loaded = module.load(tmp_path / "result")
    from_arrays = module.predict(*loaded, columns)
    blank = tmp_path / "blank.csv"
    pd.DataFrame({name: [""] for name in columns}).to_csv(blank, index=False)
    raw, _ = read_new(blank, spec)
    np.testing.assert_allclose(module.predict(*loaded, raw), from_arrays, atol=1e-6)


def test_only_what_is_needed_is_written(tmp_path: Path) -> None:
    frame = rows(tmp_path)[["said", "size", "label"]]
    frame.to_csv(tmp_path / "data.csv", index=False)
    written(tmp_path / "data.csv", tmp_path / "result")
    text = (tmp_path / "result" / "model.py").read_text()
    assert "def texts(" in text
    assert "PIL" not in text
    assert "wave" not in text
