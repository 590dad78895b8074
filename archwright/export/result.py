"""The result folder: all files of a trained network, written as one and read with care."""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
from torch import nn

from archwright.errors import ArchwrightError, RunError
from archwright.export import onnx
from archwright.export.module import load_module, way_out
from archwright.export.python import source
from archwright.export.runtime import digest, load_spec, load_weights
from archwright.export.verify import ONNX, differs, verify
from archwright.nets.fit import shape

FILES = (
    *("model.py", "weights.safetensors", "preprocess.json"),
    *("architecture.json", "metrics.json", "model_card.md"),
)
"""What every result holds; `model.onnx` comes with the extra `onnx`."""

Spec = Mapping[str, Any]
Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Content:
    """What goes into a result folder beside the network.

    Args:
        spec: What `nets.fit` made, with the target.
        architecture: As JSON text.
        card: The model card's text.
        example: Real rows of network input, to check the files with; none are checked without.
        onnx: Whether to write `model.onnx` too, which takes some seconds.
        beside: Further files, by name.
    """

    spec: Spec
    architecture: str
    metrics: Mapping[str, Any]
    card: str
    example: Array | None = None
    onnx: bool = False
    beside: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Written:
    """How far each file is from the network, and what was left out and why, in sentences."""

    differences: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Saved:
    """What a result folder holds, checked."""

    spec: dict[str, Any]
    architecture: str
    metrics: dict[str, Any]


def write(folder: Path, net: nn.Module, content: Content) -> Written:
    """Write the whole folder beside the old one, check it, then put it in the old one's place.

    An ONNX file that does not answer as the network does is left out, and that is said.

    A complete result is on disk at every moment: the two change places in one step where the
    system can do that (Linux). Elsewhere it is two steps, and `recover` mends a crash between them.

    Raises:
        ArchwrightError: a module cannot be written down.
        RunError: `model.py` does not answer as the network does; the old result stays.
    """
    recover(folder)
    new, old = _beside(folder)
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    notes = _fill(new, net, content)
    differences = {} if content.example is None else verify(new, net, content.example)
    if differs(differences.get(ONNX, 0.0)):
        (new / ONNX).unlink()
        gap = differences.pop(ONNX)
        notes = (f"There is no {ONNX}: it would differ from the network by {gap:.2g}.",)
    if not folder.exists():
        new.rename(folder)
    elif _exchange(new, folder):
        shutil.rmtree(new, ignore_errors=True)
    else:
        folder.rename(old)
        new.rename(folder)
        shutil.rmtree(old, ignore_errors=True)
    return Written(differences, notes)


def amend(folder: Path, metrics: Mapping[str, Any]) -> None:
    """Replace `metrics.json` in one step, by what is known when everything has been written."""
    beside = folder.with_name(f".{folder.name}.metrics")
    beside.write_text(_dump(metrics), encoding="utf-8")
    beside.replace(folder / "metrics.json")


def recover(folder: Path) -> None:
    """Put the last complete result back, if a crash fell between the two steps, and tidy up.

    Only for the process that writes the result: it clears away what is being written.
    """
    new, old = _beside(folder)
    if not folder.exists() and old.exists():
        old.rename(folder)
    for left in (new, old):
        shutil.rmtree(left, ignore_errors=True)


def read(folder: Path) -> Saved:
    """Return what the result folder holds, after checking that every file is there and whole.

    Raises:
        RunError: a file is missing or damaged; the message says which, and what to do.
    """
    for name in FILES:
        if not (folder / name).is_file():
            raise RunError(f"{folder / name}: the file is missing; {way_out(folder)}")
    try:
        spec = load_spec(folder / "preprocess.json")
        load_weights(folder / "weights.safetensors", spec["weights_sha256"])
    except ValueError as error:
        raise RunError(f"{error}; {way_out(folder)}") from None
    load_module(folder)
    architecture, metrics = (_json(folder / f"{name}.json") for name in ("architecture", "metrics"))
    return Saved(spec, json.dumps(architecture), metrics)


def _fill(folder: Path, net: nn.Module, content: Content) -> tuple[str, ...]:
    weights = safetensors.torch.save(
        {name: tensor.contiguous() for name, tensor in net.state_dict().items()}
    )
    spec = {**content.spec, "weights_sha256": hashlib.sha256(weights).hexdigest()}
    (folder / "weights.safetensors").write_bytes(weights)
    texts = {
        "model.py": source(net, spec, shape(spec)),
        "preprocess.json": _dump({**spec, "sha256": digest(spec)}),
        "architecture.json": content.architecture + "\n",
        "metrics.json": _dump(content.metrics),
        "model_card.md": content.card,
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    for name, data in content.beside.items():
        (folder / name).write_bytes(data)
    if not content.onnx or content.example is None:
        return ()
    try:
        output = "logits" if spec["classes"] else "value"
        (folder / ONNX).write_bytes(onnx.export(net, content.example, output))
    except ArchwrightError as error:
        return (f"There is no {ONNX}: {error}.",)
    return ()


def _exchange(one: Path, other: Path) -> bool:
    """Swap two folders in one step; False where the system or the file system cannot."""
    rename = getattr(ctypes.CDLL(None), "renameat2", None)
    here, swap = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    return rename is not None and not rename(here, os.fsencode(one), here, os.fsencode(other), swap)


def _beside(folder: Path) -> tuple[Path, Path]:
    return (folder.with_name(f".{folder.name}.new"), folder.with_name(f".{folder.name}.old"))


def _dump(value: Mapping[str, Any]) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise RunError(f"{path}: the file is damaged; {way_out(path.parent)}")
    return found
