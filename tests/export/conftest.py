"""Result folders of small fitted networks."""

from __future__ import annotations

from pathlib import Path

import pytest

from archwright.export.result import write
from tests.export.fitted import Fitted, of_images, of_table


@pytest.fixture(scope="session")
def classifier() -> Fitted:
    return of_table(1)


@pytest.fixture(scope="session")
def pictures() -> Fitted:
    return of_images(1)


@pytest.fixture
def table_result(tmp_path: Path, classifier: Fitted) -> Path:
    """The result folder of a classifier of rows; its path has a space and a letter from abroad."""
    folder = tmp_path / "my rün" / "result"
    write(folder, classifier.net, classifier.content)
    return folder


@pytest.fixture
def image_result(tmp_path: Path, pictures: Fitted) -> Path:
    """The result folder of a classifier of images."""
    folder = tmp_path / "run" / "result"
    write(folder, pictures.net, pictures.content)
    return folder
