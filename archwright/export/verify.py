"""Compares what was written with the network it was written from, on real rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from archwright.errors import RunError
from archwright.export import onnx
from archwright.export.module import load_module

ONNX = "model.onnx"
TOLERANCE = 1e-4
ROWS = 256
Array = np.ndarray[Any, Any]


def verify(folder: Path, net: nn.Module, example: Array) -> dict[str, float]:
    """Return the largest difference of each exported file from `net`, relative to max(1, |y|).

    Args:
        folder: Holds `model.py` with its weights, and perhaps `model.onnx`.
        example: Real rows of network input; the first `ROWS` are used.

    Raises:
        RunError: `model.py` differs by more than `TOLERANCE`.
    """
    x = np.ascontiguousarray(example[:ROWS], dtype=np.float32)
    expected = _answer(net, x)
    written, _ = load_module(folder).load(folder)
    found = {"model.py": _difference(_answer(written, x), expected)}
    if differs(gap := found["model.py"]):
        raise RunError(
            f"{folder}: model.py differs from the trained network by {gap:.2g} (allowed:"
            f" {TOLERANCE:g})"
        )
    path = folder / ONNX
    if path.is_file() and not onnx.missing():
        found[ONNX] = _difference(onnx.answer(str(path), x), expected)
    return found


def differs(gap: float) -> bool:
    """Whether a difference is more than rounding explains."""
    return not gap <= TOLERANCE


def _answer(net: nn.Module, x: Array) -> Array:
    with torch.inference_mode():
        found: Array = net.eval()(torch.from_numpy(x)).numpy()
    return found


def _difference(found: Array, expected: Array) -> float:
    return float((np.abs(found - expected) / np.maximum(1, np.abs(expected))).max(initial=0))
