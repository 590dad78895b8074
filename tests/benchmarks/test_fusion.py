"""The comparison of training at once and in turn, on a few rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits, load_wine

from benchmarks.fusion import Folds, gains


def test_folds_of_a_table_are_timed_at_once_and_in_turn(tmp_path: Path) -> None:
    frame = load_wine(as_frame=True).frame
    frame.to_csv(tmp_path / "wine.csv", index=False)
    found = gains(Folds(tmp_path / "wine.csv", "target", 1, 3, 16, 3), rounds=2)
    assert len(found) == 2
    assert min(found) > 0


def test_so_are_folds_of_images(tmp_path: Path) -> None:
    found = load_digits()
    path = tmp_path / "digits.npz"
    np.savez(path, x=found.images[:300].astype(np.uint8), y=found.target[:300])
    (gain,) = gains(Folds(path, None, -1, 2, 32, 1), rounds=1)
    assert gain > 0
