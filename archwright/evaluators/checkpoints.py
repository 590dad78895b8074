"""What trials have learnt and say, as long as it may be needed again: files in a run's folder."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import save
from torch import Tensor

from archwright.core.architecture import Architecture

ARCH, STATE, OUTPUT = "architecture", "state.", "output"


@dataclass(frozen=True)
class Checkpoint:
    """A trial's weights, and what it says of the validation rows (of the first fold)."""

    arch: Architecture
    state: Mapping[str, Tensor]
    output: NDArray[Any]


@dataclass(frozen=True)
class Checkpoints:
    """Checkpoints by the number of the trial."""

    folder: Path

    def store(self, number: int, checkpoint: Checkpoint) -> None:
        """Keep what a trial has learnt; a reader sees all of it or nothing."""
        self.folder.mkdir(parents=True, exist_ok=True)
        tensors = {f"{STATE}{name}": tensor for name, tensor in checkpoint.state.items()}
        tensors[OUTPUT] = torch.from_numpy(checkpoint.output)
        half = self.folder / f"{number}.half"
        half.write_bytes(save(tensors, {ARCH: checkpoint.arch.to_json()}))
        os.replace(half, self._path(number))

    def keep(self, numbers: Collection[int]) -> None:
        """Delete those of all other trials."""
        for path in self.folder.glob("*.safetensors"):
            if int(path.stem) not in numbers:
                path.unlink()

    def load(self, number: int) -> Checkpoint | None:
        """Return what a trial has learnt; None if it is not there, or damaged."""
        with (
            contextlib.suppress(FileNotFoundError, SafetensorError),
            safetensors.safe_open(self._path(number), "pt") as file,
        ):
            arch = Architecture.from_json(file.metadata()[ARCH])
            tensors = {name: file.get_tensor(name) for name in list(file.keys())}
            output = tensors.pop(OUTPUT).numpy()
            state = {name.removeprefix(STATE): tensor for name, tensor in tensors.items()}
            return Checkpoint(arch, state, output)
        return None

    def clear(self) -> None:
        """Delete all of it."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, number: int) -> Path:
        return self.folder / f"{number}.safetensors"
