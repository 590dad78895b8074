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

TOLERANCE = 1e-4
ROWS = 256
Array = np.ndarray[Any, Any]


def verify(folder: Path, net: nn.Module, example: Array) -> dict[str, float]:
    """Return the largest difference of each exported file from `net`, relative to max(1, |y|).

    Args:
        folder: Holds `model.py` with its weights, and perhaps `model.onnx`.
        example: Real rows of network input; the first `ROWS` are used.

    Raises:
        RunError: one of them differs by more than `TOLERANCE`.
    """
    x = np.ascontiguousarray(example[:ROWS], dtype=np.float32)
    expected = _answer(net, x)
    written, _ = load_module(folder).load(folder)
    found = {"model.py": _difference(_answer(written, x), expected)}
    path = folder / "model.onnx"
    if path.is_file() and not onnx.missing():
        found["model.onnx"] = _difference(onnx.answer(str(path), x), expected)
    wrong = {name: gap for name, gap in found.items() if not gap <= TOLERANCE}
    if wrong:
        told = ", ".join(f"{name} by {gap:.2g}" for name, gap in wrong.items())
        raise RunError(
            f"{folder}: differs from the trained network: {told} (allowed: {TOLERANCE:g})"
        )
    return found


def _answer(net: nn.Module, x: Array) -> Array:
    with torch.inference_mode():
        found: Array = net.eval()(torch.from_numpy(x)).numpy()
    return found


def _difference(found: Array, expected: Array) -> float:
    return float((np.abs(found - expected) / np.maximum(1, np.abs(expected))).max(initial=0))
