"""Fixtures for all tests: real data that is small, and what the machine may or may not have."""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = "1"  # before anything reads it: see the Makefile
os.environ["MKL_NUM_THREADS"] = "1"

import shutil
import sys
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
