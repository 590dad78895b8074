"""Weights of trials that may be needed again: a bounded number of files in a run's folder."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import safetensors
from safetensors import SafetensorError
from safetensors.torch import save
from torch import Tensor

from archwright.core.architecture import Architecture

ARCH = "architecture"


@dataclass(frozen=True)
class Checkpoints:
    """Weights by the number of the trial, each with its architecture."""

    folder: Path

    def store(self, number: int, arch: Architecture, state: Mapping[str, Tensor]) -> None:
        """Keep the weights of a trial; a reader sees all of them or none."""
        self.folder.mkdir(parents=True, exist_ok=True)
        half = self.folder / f"{number}.half"
        half.write_bytes(save(dict(state), {ARCH: arch.to_json()}))
        os.replace(half, self._path(number))

    def keep(self, numbers: Collection[int]) -> None:
        """Delete the weights of all other trials."""
        for path in self.folder.glob("*.safetensors"):
            if int(path.stem) not in numbers:
                path.unlink()

    def load(self, number: int) -> tuple[Architecture, dict[str, Tensor]] | None:
        """Return a trial's architecture and weights; None if they are not there, or damaged."""
        with (
            contextlib.suppress(FileNotFoundError, SafetensorError),
            safetensors.safe_open(self._path(number), "pt") as file,
        ):
            arch = Architecture.from_json(file.metadata()[ARCH])
            return arch, {name: file.get_tensor(name) for name in list(file.keys())}
        return None

    def clear(self) -> None:
        """Delete all of it."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, number: int) -> Path:
        return self.folder / f"{number}.safetensors"
