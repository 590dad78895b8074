"""Writes a result for the tests of readers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import nn

from archwright.core.architecture import Architecture
from archwright.evaluators.train import Split
from archwright.export import onnx
from archwright.export.result import Content, write


def checked(
    folder: Path, net: nn.Module, arch: Architecture, split: Split, spec: Mapping[str, Any]
) -> None:
    """Write a result with all its files, and check that each has been compared with the network."""
    content = Content(spec, arch.to_json(), {}, "", split.x[:8].float().numpy(), True)
    written = write(folder, net, content)
    known = {"model.py"} if onnx.missing() else {"model.py", "model.onnx"}
    assert set(written.differences) == known, written.notes
