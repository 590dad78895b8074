"""Checkpoints: what is stored comes back, and what is not kept is gone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from archwright.core.architecture import Architecture
from archwright.evaluators.checkpoints import Checkpoint, Checkpoints

ARCH = Architecture.of({"width": 3})
SOME = Checkpoint(ARCH, {"weight": torch.arange(3.0)}, np.array([[0.25, 0.75]], np.float32))


def test_what_is_stored_comes_back(tmp_path: Path) -> None:
    kept = Checkpoints(tmp_path / "checkpoints")
    kept.store(7, SOME)
    found = kept.load(7)
    assert found is not None
    assert found.arch == ARCH
    assert found.state["weight"].tolist() == [0, 1, 2]
    assert found.output.tolist() == [[0.25, 0.75]]


def test_what_is_not_kept_is_deleted(tmp_path: Path) -> None:
    kept = Checkpoints(tmp_path)
    for number in range(4):
        kept.store(number, SOME)
    kept.keep({1, 3})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1.safetensors", "3.safetensors"]
    assert kept.load(0) is None


def test_a_damaged_file_counts_as_none_and_in_the_end_nothing_is_left(tmp_path: Path) -> None:
    kept = Checkpoints(tmp_path / "checkpoints")
    kept.store(7, SOME)
    (kept.folder / "7.safetensors").write_bytes(b"cut sh")
    assert kept.load(7) is None
    kept.clear()
    kept.clear()
    assert not list(tmp_path.iterdir())
