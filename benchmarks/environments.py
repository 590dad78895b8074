"""Who races, with what installed, by which command, and how its answers are read."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks import runs
from benchmarks.records import ROOT

OURS = "archwright"

SCRIPTS = ROOT / "benchmarks" / "entrants"


@dataclass(frozen=True)
class Entrant:
    """A rival: a script in an environment of its own.

    Args:
        kinds: What it can learn from: images, tables.
        script: Its file in benchmarks/entrants.
        packages: What its environment holds; none for archwright's own.
        place: Where environments are kept.
    """

    name: str
    kinds: tuple[str, ...]
    script: str = ""
    packages: tuple[str, ...] = ()
    place: Path = Path()

    @property
    def python(self) -> Path:
        if not self.packages:
            return Path(sys.executable)
        return self.place / self.script.removesuffix(".py") / "bin" / "python"

    def install(self) -> None:
        """Make the environment, unless it is there."""
        ready = self.python.parent.parent / ".ready"
        if not self.packages or ready.exists():
            return
        subprocess.run([sys.executable, "-m", "venv", self.python.parent.parent], check=True)
        for packages in self.packages:  # in this order: later ones must not choose another torch
            words = [str(self.python), "-m", "pip", "install", "-q", *packages.split()]
            subprocess.run(words, check=True)
        ready.touch()

    def command(self, data: Path, place: Path, seconds: float, seed: int) -> list[str]:
        return [str(self.python), str(SCRIPTS / self.script), str(place), f"{seconds:g}", str(seed)]

    def predictions(self, data: Path, place: Path) -> NDArray[np.generic]:
        """Return what its files say of the test rows."""
        found: NDArray[np.generic] = np.load(place / "predictions.npy", allow_pickle=True)
        return found

    def identity(self) -> str:
        """Return what must be the same for an old race to count."""
        script = (SCRIPTS / self.script).read_bytes()
        return f"{' '.join(self.packages)} {hashlib.sha256(script).hexdigest()}"


@dataclass(frozen=True)
class Ours(Entrant):
    """archwright, from this folder, as a user calls it.

    Args:
        options: Further arguments of `archwright search`.
    """

    options: tuple[str, ...] = ()

    def command(self, data: Path, place: Path, seconds: float, seed: int) -> list[str]:
        words = [str(runs.ARCHWRIGHT), "search"]
        if (data / "archwright.npz").exists():
            words += [str(data / "archwright.npz")]
        else:
            words += [str(data / "train.parquet"), "--target", "target"]
            words += ["--test", str(data / "scored.parquet")]
        budget = ("--budget", f"{seconds:g}s", "--seed", str(seed), "--out", str(place / "run"))
        return [*words, *budget, *self.options]

    def predictions(self, data: Path, place: Path) -> NDArray[np.generic]:
        from archwright.auto.result import Result

        result = Result(place / "run")
        if (data / "archwright.npz").exists():
            with np.load(data / "archwright.npz") as arrays:
                return np.asarray(result.predict(arrays["x_test"]))
        return np.asarray(result.predict(pd.read_parquet(data / "test.parquet")))

    def identity(self) -> str:
        return f"{runs.source()} {' '.join(self.options)}"


def entrants(work: Path) -> Iterator[Entrant]:
    """Yield everybody, archwright first; each with the versions that its name tells."""
    torch = "torch==2.13.0 numpy"
    both, place = ("images", "tables"), work / "environments"
    yield Ours(OURS, both)
    yield Ours("archwright, random search", both, options=("--strategy", "random"))
    yield Entrant("Optuna + PyTorch", both, "optuna_torch.py")
    yield Entrant("HistGradientBoosting", ("tables",), "boosting.py")
    yield Entrant(
        "CatBoost 1.2.10",
        ("tables",),
        "catboost_tables.py",
        ("catboost==1.2.10 pandas pyarrow scikit-learn",),
        place,
    )
    yield Entrant(
        "AutoGluon 1.6.3",
        ("tables",),
        "autogluon_tables.py",
        (torch, "torch==2.13.0 autogluon.tabular[all]==1.6.3 pyarrow"),
        place,
    )
    yield Entrant(
        "AutoKeras 3.0.0",
        ("images",),
        "autokeras_images.py",
        (torch, "torch==2.13.0 autokeras==3.0.0 keras==3.12.4 six scikit-learn"),
        place,
    )
