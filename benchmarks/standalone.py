"""Runs what a search hands over where archwright is not: model.py with torch and numpy, and ONNX.

It makes a fresh environment, lets model.py and `archwright predict` answer the same new data, and
says how far apart the answers are.
"""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from benchmarks.records import ROOT
from benchmarks.runs import ARCHWRIGHT, Failure, environment

ROWS = 256
"""Rows on which ONNX Runtime is compared with model.py."""

PER_CLASS, NEW = 20, 64
"""Images a class to train on, and images to predict, in the folder of image files."""


@dataclass(frozen=True)
class Fresh:
    """An environment of its own, with nothing in it but what was asked for."""

    python: Path
    folder: Path

    def install(self, *packages: str) -> None:
        """Install packages in the versions that development uses.

        Raises:
            Failure: pip could not.
        """
        pip = [str(self.python), "-m", "pip", "install", "--quiet"]
        _run([*pip, "-c", str(ROOT / "constraints.txt"), *packages], self.folder)


@contextmanager
def fresh() -> Iterator[Fresh]:
    """Make an environment that holds torch and numpy alone; it is gone afterwards.

    Raises:
        Failure: it cannot be made, or archwright can be imported in it.
    """
    with TemporaryDirectory(prefix="archwright-bench-") as place:
        folder = Path(place)
        _run([sys.executable, "-m", "venv", str(folder / "venv")], folder)
        made = Fresh(folder / "venv" / "bin" / "python", folder)
        made.install("torch", "numpy")
        look = "import importlib.util as i, sys; sys.exit(i.find_spec('archwright') is not None)"
        _run([str(made.python), "-c", look], folder)
        yield made


def prediction_difference(python: Path, run: Path, new: Path) -> float:
    """Return how far the answers of model.py in a fresh environment and of archwright differ.

    That is the largest difference of a number, relative to max(1, |number|); a label or a file
    name that is not the same counts as 1.

    Raises:
        Failure: one of them failed, or they answer another number of rows.
    """
    with TemporaryDirectory(prefix="archwright-bench-") as elsewhere:
        alone = _run([str(python), str(run / "result" / "model.py"), str(new)], Path(elsewhere))
    own = _run([str(ARCHWRIGHT), "predict", str(run), str(new)], run)
    return difference(alone, own)


def difference(one: str, other: str) -> float:
    """Return how far two CSV texts of predictions are apart, see `prediction_difference`.

    Raises:
        Failure: they have other columns, or another number of rows.
    """
    (head, *rows), (titles, *others) = (list(csv.reader(t.splitlines())) for t in (one, other))
    if head != titles or len(rows) != len(others) or not rows:
        raise Failure(
            f"predictions are not comparable: {len(rows)} rows of {head[:3]} ...,"
            f" {len(others)} rows of {titles[:3]} ..."
        )
    fields = zip((f for r in rows for f in r), (f for r in others for f in r), strict=True)
    return max(_apart(a, b) for a, b in fields)


def onnx_difference(run: Path, new: Path) -> float:
    """Return how far ONNX Runtime and model.py are apart on real rows, relative to max(1, |y|).

    Raises:
        Failure: there is no ONNX file.
    """
    import torch

    from archwright.export import onnx
    from archwright.export.module import load_module

    path = run / "result" / "model.onnx"
    if not path.is_file():
        raise Failure(f"{path}: the search left no ONNX file")
    module = load_module(run / "result")
    net, spec = module.load(run / "result")
    raw, _ = module.read(new, spec)
    ready = module.table if spec["modality"] == "table" else module.images
    x = np.ascontiguousarray(ready(raw, spec)[:ROWS], dtype=np.float32)
    with torch.inference_mode():
        expected = net(torch.from_numpy(x)).numpy()
    gap = np.abs(onnx.answer(str(path), x) - expected) / np.maximum(1, np.abs(expected))
    return float(gap.max())


def new_rows(source: Path, target: str, new: Path) -> Path:
    """Write the test rows of a Parquet file as CSV, without the target and the split.

    Raises:
        Failure: the rows of the task are not those of the file.
    """
    from archwright.data import load

    task, frame = load(source, target, seed=0), pd.read_parquet(source)
    if len(task) != len(frame):
        raise Failure(f"{source}: {len(task)} rows of {len(frame)} are in the task")
    rows = frame.iloc[task.splits.test].drop(columns=[target, "split"], errors="ignore")
    rows.to_csv(new, index=False)
    return new


def new_arrays(source: Path, new: Path) -> Path:
    """Write the test images of an npz file as an npz file of their own."""
    with np.load(source, allow_pickle=False) as arrays:
        np.savez_compressed(new, x=arrays["x_test"])
    return new


def image_files(folder: Path) -> tuple[Path, Path]:
    """Write some of scikit-learn's digits as PNG files; return class folders and new images."""
    from PIL import Image
    from sklearn.datasets import load_digits

    digits = load_digits()
    pixels = (digits.images * 15).astype(np.uint8)
    known, new = folder / "png", folder / "png-new"
    new.mkdir(parents=True, exist_ok=True)
    for label in range(10):
        (known / str(label)).mkdir(parents=True, exist_ok=True)
        for number in np.flatnonzero(digits.target == label)[:PER_CLASS]:
            Image.fromarray(pixels[number]).save(known / str(label) / f"{number}.png")
    for number in range(len(pixels) - NEW, len(pixels)):
        Image.fromarray(pixels[number]).save(new / f"{number}.png")
    return known, new


def _apart(one: str, other: str) -> float:
    if one == other:
        return 0.0
    try:
        a, b = float(one), float(other)
    except ValueError:
        return 1.0
    return abs(a - b) / max(1.0, abs(b))


def _run(words: list[str], where: Path) -> str:
    """Run a command; return what it prints."""
    done = subprocess.run(words, cwd=where, env=environment(), capture_output=True, text=True)
    if done.returncode:
        last = (done.stderr.strip() or "nothing on stderr").splitlines()[-1]
        raise Failure(f"{' '.join(words)}: exit code {done.returncode}: {last}")
    return done.stdout
