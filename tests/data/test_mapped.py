"""Arrays in files: the same numbers, and no file left."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from archwright.data import mapped


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapped, "LARGE", 1000)
    monkeypatch.setattr(mapped, "PIECE", 100)


def test_small_arrays_stay_in_memory() -> None:
    assert type(mapped.empty((10, 3), np.uint8)) is np.ndarray


def test_a_large_array_lies_in_a_file_that_goes_away_with_it() -> None:
    made = mapped.empty((100, 30), np.uint8)
    made[:] = 7
    file = str(made.filename)  # type: ignore[attr-defined]
    assert os.path.getsize(file) == 3000
    assert int(made.sum()) == 21_000
    del made
    gc.collect()
    assert not os.path.exists(file)


def test_pieces_are_all_rows_once() -> None:
    array = np.arange(999, dtype=np.int32).reshape(333, 3)
    parts = [array[part] for part in mapped.pieces(array)]
    assert len(parts) > 10
    np.testing.assert_array_equal(np.concatenate(parts), array)
    assert list(mapped.pieces(array[:0])) == []


def test_rows_are_taken_by_mask_and_by_number_and_joined() -> None:
    array = np.arange(600, dtype=np.float32).reshape(200, 3)
    mask = np.arange(200) % 3 == 0
    np.testing.assert_array_equal(mapped.take(array, mask), array[mask])
    np.testing.assert_array_equal(mapped.take(array, np.array([5, 1])), array[[5, 1]])
    both = mapped.joined([array, array[:7]])
    np.testing.assert_array_equal(both, np.concatenate([array, array[:7]]))
    assert isinstance(both, np.memmap)


def test_files_of_processes_that_were_killed_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left, own = (tmp_path / f"archwright-{pid}-x.array" for pid in (dead.pid, os.getpid()))
    for file in (left, own):
        file.write_bytes(b"x")
    made = mapped.empty((100, 30), np.uint8)
    assert not left.exists()
    assert own.exists()
    assert Path(str(made.filename)).exists()  # type: ignore[attr-defined]
