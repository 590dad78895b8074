"""Pictures of what the files of a row hold."""

from __future__ import annotations

import numpy as np
import pandas as pd

from archwright.data.task import Several
from archwright.report import clips, pictures
from archwright.report.mixed import data_uris


def test_each_row_has_pictures_of_its_own_files_by_column() -> None:
    rng = np.random.default_rng(0)
    photos = rng.integers(0, 255, (5, 3, 6, 6)).astype(np.uint8)
    heard = rng.integers(-9000, 9000, (5, 1, 700)).astype(np.int16)
    frame = pd.DataFrame({"photo": list("abcde"), "clip": list("vwxyz"), "size": range(5)})
    types = {"photo": "image", "clip": "audio", "size": "numeric"}
    rows = np.array([3, 1])
    made = data_uris(Several(frame, types, {"photo": photos, "clip": heard}, {}), rows)
    assert [row["photo"] for row in made] == pictures.data_uris(photos, rows)
    assert [row["clip"] for row in made] == clips.data_uris(heard, rows)


def test_rows_without_files_have_no_pictures() -> None:
    frame = pd.DataFrame({"said": ["a text", "another"]})
    assert data_uris(Several(frame, {"said": "text"}, {}, {}), np.array([0, 1])) == [{}, {}]
